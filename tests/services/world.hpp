#pragma once

#include "services/server.hpp"
#include "tests/services/raw_client.hpp"
#include "tests/support/database.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace diaban::tests {

/// A database with a little of everything, and the whole server on it, ready. Shared by all tests
/// of the program that only read.
///
///   blocks    polygons (class `kind`, label `name`, personal `owner`), 4,000 squares side by side
///             whose corners lie on round decimals, and 1,000 irregular ones over them
///   ways      lines of one to ten vertices
///   spots     points with a time (`seen_at`), 500 without geometry among 1,000
///   places    a province, two communes now, one former commune without geometry
class World {
public:
    /// `change`: settings of its server that are others than usual.
    explicit World(std::function<void(services::Settings&)> const& change = {});
    ~World();
    World(World const&) = delete;
    World& operator=(World const&) = delete;

    /// Made at the first call, gone with the program.
    static World& shared();

    [[nodiscard]] std::uint16_t port() const { return m_server->port(); }
    [[nodiscard]] RawAnswer get(std::string_view target, std::string_view fields = {}) const {
        return tests::get(port(), target, fields);
    }
    /// The body of a 200, read as JSON.
    [[nodiscard]] nlohmann::json json(std::string_view target) const;
    [[nodiscard]] Database& database() { return m_database; }
    /// Where its servers keep files of jobs.
    [[nodiscard]] std::filesystem::path blobs() const { return m_console / ".blobs"; }
    [[nodiscard]] services::Server& server() { return *m_server; }
    /// One more node on the same database, ready; `segments`: where it keeps its mirrors, or
    /// "none".
    [[nodiscard]] std::unique_ptr<services::Server>
    start_server(std::filesystem::path const& segments,
                 std::function<void(services::Settings&)> const& change = {}) const;

private:
    Database m_database;
    std::filesystem::path m_console;
    std::unique_ptr<services::Server> m_server;
};

} // namespace diaban::tests
