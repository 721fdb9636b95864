#pragma once

#include "data/model/coverage.hpp"
#include "data/postgis/pool.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::data::postgis {

/// The registry of coverages.
///
/// Files    are in the blob folder before they are named here: a crash between leaves an orphan.
/// Threads  any number.
/// Throws   Error{unavailable, …} if the database is busy, slow or gone.
class Coverages {
public:
    explicit Coverages(Pool& pool) : m_pool{pool} {}

    /// Another number whenever anything here changed.
    [[nodiscard]] std::int64_t version() const;
    /// All there are, by id: whoever asks for less sees to it by policy.
    [[nodiscard]] std::vector<model::Coverage> list() const;
    [[nodiscard]] std::optional<model::Coverage> find(std::string_view id) const;

    /// Enters a coverage with its files; what had the id before, and all derived from it, goes.
    void put(model::Coverage const& coverage) const;
    /// One more file of a coverage with time.
    void add(std::string_view id, model::CoverageFile const& file) const;
    /// Says anew what is known of it once it is whole: `least`, `most`, `details`.
    void complete(model::Coverage const& coverage) const;
    /// Whether there was one of that id; all derived from it goes too.
    bool remove(std::string_view id) const;

private:
    Pool& m_pool;
};

} // namespace diaban::data::postgis
