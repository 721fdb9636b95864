#include "services/commands/export.hpp"

#include "services/commands/progress.hpp"
#include "services/domain/extract.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <thread>

namespace diaban::services::commands {

namespace {

/// The flags as given; parameters of items by their own names.
struct Flags {
    std::string collection;
    std::string file;
    bool personal = false;
    std::map<std::string, std::string> parameters;
};

void run_export(Settings const& settings, Flags const& flags) {
    std::string query;
    for (auto const& [name, value] : flags.parameters) {
        if (value.empty()) continue;
        query += (query.empty() ? "" : "&") + name + "=" + http::percent_encode(value);
    }
    auto const collection = domain::extracted_collection(settings.database, flags.collection);
    auto request =
        domain::read_extract(http::Query::parse(query), collection, geo::Policy::everything());
    request.file = flags.file;
    request.personal = flags.personal;
    request.threads = std::max(1U, std::thread::hardware_concurrency());
    Progress progress{"export " + flags.collection, "rows"};
    auto const rows =
        domain::extract(settings.database, request,
                        [&](std::uint64_t read, std::int64_t of) { progress.at(read, of); });
    progress.clear();
    fmt::print("{} → {}: {} rows\n", flags.collection, flags.file, rows);
}

} // namespace

void add_export(CLI::App& app, Settings& settings) {
    auto flags = std::make_shared<Flags>();
    auto* command = app.add_subcommand("export", "Write a collection to a file");
    command->add_option("--collection", flags->collection, "id")->required();
    command->add_option("-o,--output", flags->file, "replaced if it is there")
        ->type_name("FILE.gpkg|.fgb|.geojson|.geojsonl|.jsonfg|.csv|.xlsx")
        ->required();
    auto* const personal =
        command->add_flag("--personal", flags->personal, "fields about persons too");
    static constexpr std::pair<char const*, char const*> parameters[] = {
        {"bbox", "west,south,east,north: what meets it alone"},
        {"bbox-crs", "CRS of --bbox, as EPSG:9209"},
        {"datetime", "what is at that instant, day or interval alone"},
        {"filter", "what matches it alone (CQL2)"},
        {"filter-lang", "cql2-text (default) or cql2-json"},
        {"filter-crs", "CRS of positions in --filter"},
        {"crs", "CRS of the file"},
        {"properties", "only these fields, with commas"}};
    for (auto const& [name, help] : parameters) {
        auto* const option =
            command->add_option(std::string{"--"} + name, flags->parameters[name], help);
        if (std::string_view{name} == "properties") option->excludes(personal);
    }
    command->add_flag_callback(
        "--skip-geometry", [flags] { flags->parameters["skipGeometry"] = "true"; },
        "without geometry");
    command->callback([flags, &settings] { run_export(settings, *flags); });
}

} // namespace diaban::services::commands
