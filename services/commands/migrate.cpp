#include "services/commands/migrate.hpp"

#include "data/postgis/migrate.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>

namespace diaban::services::commands {

void add_migrate(CLI::App& app, Settings& settings) {
    auto* command = app.add_subcommand(
        "migrate", "Bring the database to the state this program needs; safe to run again");
    command->callback([&settings] {
        auto const applied = data::postgis::migrate(settings.database, settings.migrations);
        for (auto const& migration : applied)
            fmt::print("{:04} {}\n", migration.number, migration.name);
        if (applied.empty()) fmt::print("nothing to do\n");
    });
}

} // namespace diaban::services::commands
