#include "services/commands/import.hpp"

#include "data/gdal/crs_extent.hpp"
#include "geo/error.hpp"
#include "services/commands/import_coverage.hpp"
#include "services/commands/progress.hpp"
#include "services/domain/intake.hpp"
#include "services/domain/intake_plan.hpp"
#include "services/domain/intake_value.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace diaban::services::commands {
namespace {

using data::postgis::ImportMode;
using domain::ImportRequest;
using domain::ImportSummary;
using geo::Code;
using geo::Error;

/// The flags as given.
struct Flags {
    ImportRequest request;
    CoverageFlags coverage;
    std::string file;
    std::string crs;
    std::string utc_offset;
    std::vector<std::string> keys;
    std::vector<std::string> map;
    std::vector<std::string> constants;
    std::vector<std::string> plans;
    std::string data;
};

std::map<std::string, std::string> pairs(std::vector<std::string> const& given,
                                         std::string const& flag) {
    std::map<std::string, std::string> result;
    for (auto const& pair : given) {
        auto const equals = pair.find('=');
        if (equals == std::string::npos || equals == 0)
            throw Error{Code::bad_input,
                        "bad-parameter",
                        {{"parameter", flag}, {"value", pair}, {"accepted", "field=value"}}};
        result[pair.substr(0, equals)] = pair.substr(equals + 1);
    }
    return result;
}

ImportRequest request_of(Flags const& flags) {
    auto request = flags.request;
    request.file = flags.file;
    request.key = flags.keys;
    request.map = pairs(flags.map, "--map");
    request.constants = pairs(flags.constants, "--set");
    if (!flags.crs.empty()) request.srid = data::gdal::read_srid(flags.crs);
    if (!flags.utc_offset.empty()) {
        request.utc_offset = domain::read_utc_offset(flags.utc_offset);
        if (!request.utc_offset)
            throw Error{Code::bad_input,
                        "bad-parameter",
                        {{"parameter", "--utc-offset"},
                         {"value", flags.utc_offset},
                         {"accepted", "+07:00"}}};
    }
    return request;
}

std::string joined(std::vector<std::string> const& names) {
    return fmt::format("{}", fmt::join(names, ", "));
}

/// What the one line of the summary leaves out.
void print_notes(ImportSummary const& summary) {
    if (summary.created) fmt::print("  collection {} created\n", summary.collection);
    for (auto const& [reason, count] : summary.faults)
        fmt::print("  faulty: {} × {}\n", count, reason);
    if (summary.faulty > 0)
        fmt::print("  faulty rows are kept in diaban.import_fault, with reason and original\n");
    if (!summary.unused.empty())
        fmt::print("  fields of the file not taken: {}\n", joined(summary.unused));
    for (auto const& remark : summary.remarks) fmt::print("  remark: {}\n", remark);
}

void import_one(Settings const& settings, Flags const& flags) {
    auto const request = request_of(flags);
    Progress progress{"import " + request.file.filename().string(), "rows"};
    auto const summary =
        domain::import_file(settings.database, request,
                            [&](std::uint64_t read, std::int64_t of) { progress.at(read, of); });
    progress.clear();
    fmt::print("{}\n", domain::one_line(summary));
    print_notes(summary);
}

void import_plans(Settings const& settings, Flags const& flags) {
    std::vector<domain::ImportPlan> plans;
    for (auto const& plan : flags.plans) plans.push_back(domain::read_plan(plan, flags.data));
    Progress progress{"import", "rows"};
    for (auto const& plan : plans) {
        auto const summaries = domain::run_plan(
            settings.database, plan,
            [&](std::string_view line) {
                progress.clear();
                fmt::print("{}\n", line);
                std::fflush(stdout);
                progress.restart("import");
            },
            [&](std::uint64_t read, std::int64_t of) { progress.at(read, of); });
        for (auto const& summary : summaries)
            if (summary.faulty > 0) {
                fmt::print("{}:\n", summary.file);
                print_notes(summary);
            }
    }
}

} // namespace

void add_import(CLI::App& app, Settings& settings) {
    auto flags = std::make_shared<Flags>();
    auto& request = flags->request;
    auto* command = app.add_subcommand(
        "import", "Bring a vector file into a collection, or a raster of heights into a coverage");
    auto* file =
        command->add_option("file", flags->file, "what GDAL reads; .zip and .gz are looked into")
            ->type_name("FILE");
    auto* collection = command->add_option("--collection", request.collection, "id");
    command->add_option("--crs", flags->crs, "what the coordinates are in, whatever the file says")
        ->type_name("EPSG:n");
    auto* layer = command->add_option("--layer", request.source.layer, "where there are several");
    command->add_option("--key", flags->keys, "fields of the collection that name a row")
        ->delimiter(',');
    command->add_option("--mode", request.mode, "append (default), replace or upsert")
        ->transform(CLI::CheckedTransformer(
            std::map<std::string, ImportMode>{{"append", ImportMode::append},
                                              {"replace", ImportMode::replace},
                                              {"upsert", ImportMode::upsert}}));
    command->add_option("--map", flags->map, "field=source, as often as needed")
        ->type_name("FIELD=SOURCE");
    command->add_option("--set", flags->constants, "one value for all rows")
        ->type_name("FIELD=VALUE");
    auto* where = command->add_option("--where", request.source.where, "OGR SQL condition");
    command->add_option("--sql", request.source.sql, "SQLite query over the file's layers")
        ->excludes(layer)
        ->excludes(where);
    command->add_option("--encoding", request.source.encoding,
                        "of the file's text, as iconv says it");
    auto* x = command->add_option("--x", request.source.x, "column of easting or longitude");
    auto* y = command->add_option("--y", request.source.y, "column of northing or latitude");
    x->needs(y);
    y->needs(x);
    command->add_option("--wkt", request.source.wkt, "column of the geometry as WKT");
    auto* scope = command->add_option("--scope", request.scope, "administrative unit of all rows");
    command->add_option("--scope-field", request.scope_field, "field of the file that says it")
        ->excludes(scope);
    command->add_option("--sensitivity", request.sensitivity, "of all rows, 0 to 255");
    command->add_option("--utc-offset", flags->utc_offset, "of date-times without zone")
        ->type_name("+07:00");
    command->add_flag("--create", request.create, "make the collection if there is none");
    auto* data =
        command->add_option("--data", flags->data, "folder of a plan's files")->type_name("DIR");
    auto* plan = command->add_option("--plan", flags->plans, "list of imports (TOML)")
                     ->type_name("FILE.toml")
                     ->needs(data)
                     ->excludes(file)
                     ->excludes(collection);
    auto* coverage =
        add_coverage_flags(*command, flags->coverage)->excludes(collection)->excludes(plan);
    command->callback([flags, &settings, file, plan, collection, coverage] {
        if (plan->count() > 0) return import_plans(settings, *flags);
        if (file->count() == 0) throw CLI::RequiredError("FILE or --plan");
        if (coverage->count() > 0)
            return import_coverage_file(settings, flags->coverage, flags->file, flags->crs,
                                        flags->request.scope,
                                        flags->request.sensitivity.value_or(0));
        if (collection->count() == 0) throw CLI::RequiredError("--collection or --coverage");
        import_one(settings, *flags);
    });
}

} // namespace diaban::services::commands
