#include "services/commands/migrate.hpp"

#include "data/postgis/migrate.hpp"
#include "geo/error.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include <memory>
#include <vector>

namespace diaban::services::commands {

void add_migrate(CLI::App& app, Settings& settings) {
    auto* command = app.add_subcommand(
        "migrate", "Bring the database to the state this program needs; safe to run again");
    auto const or_newer = std::make_shared<bool>(false);
    command->add_flag("--or-newer", *or_newer, "a database ahead of this program is no fault");
    command->callback([&settings, or_newer] {
        std::vector<data::postgis::Migration> applied;
        try {
            applied = data::postgis::migrate(settings.database, settings.migrations);
        } catch (geo::Error const& error) {
            if (!*or_newer || error.type() != "database-newer") throw;
            fmt::print("the database is newer than this program\n");
            return;
        }
        for (auto const& migration : applied)
            fmt::print("{:04} {}\n", migration.number, migration.name);
        if (applied.empty()) fmt::print("nothing to do\n");
    });
}

} // namespace diaban::services::commands
