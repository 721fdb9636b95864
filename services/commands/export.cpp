#include "services/commands/export.hpp"

#include "services/commands/progress.hpp"
#include "services/domain/extract.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <memory>

namespace diaban::services::commands {

void add_export(CLI::App& app, Settings& settings) {
    auto request = std::make_shared<domain::ExtractRequest>();
    auto* command = app.add_subcommand("export", "Write a collection to a file");
    command->add_option("--collection", request->collection, "id")->required();
    command->add_option("-o,--output", request->file, "replaced if it is there")
        ->type_name("FILE.gpkg|.fgb|.geojson|.geojsonl|.csv|.xlsx")
        ->required();
    command->add_flag("--personal", request->personal, "fields about persons too");
    command->callback([request, &settings] {
        Progress progress{"export " + request->collection, "rows"};
        auto const rows = domain::extract(
            settings.database, *request,
            [&](std::uint64_t written, std::int64_t of) { progress.at(written, of); });
        progress.clear();
        fmt::print("{} → {}: {} rows\n", request->collection, request->file.string(), rows);
    });
}

} // namespace diaban::services::commands
