#include "services/commands/doctor.hpp"

#include "data/postgis/migrate.hpp"
#include "data/postgis/wire.hpp"
#include "geo/error.hpp"
#include "services/http/messages.hpp"

#include <CLI/CLI.hpp>
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <string_view>

namespace diaban::services::commands {

namespace {

namespace fs = std::filesystem;

/// Prints one line a check, and remembers whether any failed.
class Report {
public:
    void say(bool good, std::string_view what, std::string_view found) {
        m_good &= good;
        fmt::print("{:<6} {:<12} {}\n", good ? "ok" : "FAULT", what, found);
    }
    [[nodiscard]] bool good() const noexcept { return m_good; }

private:
    bool m_good = true;
};

void check_folder(Report& report, std::string_view what, fs::path const& folder,
                  std::string_view file) {
    std::error_code fault;
    bool const there = fs::exists(folder / file, fault);
    report.say(there, what,
               there ? folder.string() : fmt::format("{} lacks {}", folder.string(), file));
}

/// The folder itself, or the nearest above it that is there, must be open to writing.
void check_writable(Report& report, std::string_view what, fs::path const& folder) {
    auto nearest = fs::absolute(folder);
    std::error_code fault;
    while (!fs::exists(nearest, fault) && nearest.has_relative_path())
        nearest = nearest.parent_path();
    bool const writable = ::access(nearest.c_str(), W_OK) == 0;
    report.say(writable, what, fmt::format("{}{}", folder.string(), writable ? "" : " is closed"));
}

void check_port(Report& report, std::string_view what, std::string const& address,
                std::uint16_t port) {
    int const probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int const on = 1;
    ::setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    bool const numeric = ::inet_pton(AF_INET, address.c_str(), &where.sin_addr) == 1;
    bool const open =
        numeric && ::bind(probe, reinterpret_cast<sockaddr const*>(&where), sizeof where) == 0;
    ::close(probe);
    report.say(open || !numeric, what,
               fmt::format("{}:{}{}", address, port,
                           open      ? ""
                           : numeric ? " is taken"
                                     : " (not tried)"));
}

void check_database(Report& report, Settings const& settings) {
    data::postgis::Wire wire{settings.database, data::postgis::Role::owner};
    auto const text = [&](std::string const& sql) {
        auto const rows = wire.query(sql);
        return rows.empty() ? std::string{} : rows[0][0].value_or("");
    };
    report.say(true, "database", "PostgreSQL " + text("SHOW server_version"));
    auto const postgis = text("SELECT extversion FROM pg_extension WHERE extname = 'postgis'");
    report.say(!postgis.empty(), "postgis", postgis.empty() ? "is not installed" : postgis);
    // VN-2000: two UTM sheets and eighteen TM-3 zones, of which PostGIS 3.3 lacks fourteen.
    auto const zones = text("SELECT count(*) FROM public.spatial_ref_sys WHERE srid IN (3405, 3406)"
                            " OR srid BETWEEN 5896 AND 5899 OR srid BETWEEN 9205 AND 9218");
    report.say(zones == "20", "vn-2000", zones + " of 20 CRS are known to PostGIS");
    auto const applied = text("SELECT count(*) FROM diaban.migration");
    auto const known = data::postgis::list_migrations(settings.migrations).size();
    report.say(applied == std::to_string(known), "migrations",
               fmt::format("{} of {} have run", applied, known));
    auto const collections = text("SELECT count(*) FROM diaban.collection");
    report.say(true, "collections", collections + " are registered");
}

void examine(Settings const& settings) {
    Report report;
    try {
        check_database(report, settings);
    } catch (geo::Error const& error) {
        auto const& sentence = http::sentence_of(error.type());
        report.say(false, "database",
                   fmt::format("{} [{}]", http::fill(sentence.detail_en, error.parameters()),
                               error.detail()));
    }
    check_folder(report, "migrations", settings.migrations, "0001_roles_and_registry.sql");
    check_folder(report, "styles", settings.styles, "light.json");
    check_folder(report, "console", settings.console, "index.html");
    check_writable(report, "blobs", settings.blobs);
    check_port(report, "port", settings.listen, settings.port);
    check_port(report, "live port", settings.listen, settings.live_port);
    if (!report.good()) throw CLI::RuntimeError{1};
}

} // namespace

void add_doctor(CLI::App& app, Settings& settings) {
    auto* const command =
        app.add_subcommand("doctor", "Check what the server will need, one line each");
    command->callback([&settings] { examine(settings); });
}

} // namespace diaban::services::commands
