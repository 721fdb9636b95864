#pragma once

#include "data/model/collection.hpp"
#include "data/postgis/pool.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace diaban::tests {

/// A fresh, migrated database on the cluster of DIABAN_TEST_DATABASE (a superuser's URI); dropped
/// at the end. Made from a template that is migrated once for a state of the migrations.
class Database {
public:
    enum class Kind { migrated, empty };

    explicit Database(Kind kind = Kind::migrated);
    ~Database();
    Database(Database const&) = delete;
    Database& operator=(Database const&) = delete;

    /// Connects as the superuser.
    [[nodiscard]] std::string const& uri() const noexcept { return m_uri; }
    [[nodiscard]] data::postgis::PoolOptions options(data::postgis::Role role) const;
    [[nodiscard]] data::model::Collection collection(std::string const& id) const;

    using Rows = std::vector<std::vector<std::string>>;
    /// Runs statements as the superuser, as psql would; null is the empty string.
    Rows sql(std::string const& statements) const;
    /// The only value of the only row.
    [[nodiscard]] std::string value(std::string const& statement) const;

    /// Ends all connections to it and lets nobody in, as if it had been stopped; `accept` ends
    /// that.
    void refuse() const;
    void accept() const;

private:
    std::string m_name;
    std::string m_uri;
};

/// The project's own migrations.
std::filesystem::path migrations();

/// A file below DIABAN_DATA; without it, says that the test is skipped and gives nothing.
std::optional<std::filesystem::path> real_data(std::string const& test, std::string const& file);

/// Whether `action` throws geo::Error of that type.
template <class Action>
bool throws(std::string const& type, Action const& action);

} // namespace diaban::tests

#include "geo/error.hpp"

template <class Action>
bool diaban::tests::throws(std::string const& type, Action const& action) {
    try {
        action();
    } catch (geo::Error const& error) {
        return error.type() == type;
    }
    return false;
}
