#include "services/commands/cadastre.hpp"

#include "data/postgis/pool.hpp"
#include "data/postgis/sheet_aliases.hpp"
#include "data/postgis/sheet_store.hpp"
#include "data/postgis/topology_store.hpp"
#include "geo/cadastre/topology.hpp"
#include "geo/error.hpp"
#include "services/domain/sheet_intake.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace diaban::services::commands {

namespace {

constexpr std::size_t longest_list = 500; // bytes

struct Flags {
    std::string manifest;
    std::string commune;
    std::string output;
    std::int64_t sheet = 0;
    bool check_only = false;
};

std::string reading_text(geo::cadastre::SheetReading const& reading) {
    return fmt::format("crs = \"EPSG:{}\", axes = \"{}\", datum = \"{}\"", reading.srid,
                       reading.swapped ? "ne" : "en", name_of(reading.datum));
}

void print_report(domain::SheetReport const& report) {
    auto const& gate = report.gate;
    fmt::print("{} (sheet {} of {}): ", report.sheet.file, report.sheet.number,
               report.sheet.commune_code);
    if (!gate.accepted) {
        fmt::print("refused: {}; as declared it reaches {:.1f} m beyond its commune and meets {} "
                   "corners of its neighbours\n",
                   gate.fault, gate.outside, gate.corners_met);
        if (gate.proposed)
            fmt::print("  would fit: {} ({:.2f} m from there; {} corners met, {} other readings "
                       "fit as well)\n",
                       reading_text(*gate.proposed), gate.moved, gate.corners_met_proposed,
                       gate.others_fit);
    } else {
        if (auto const& revised = report.revised)
            fmt::print("corrected by change {}: {} parcels unchanged, {} redrawn, {} moved beyond "
                       "the tolerance, {} made, {} ended; {} correction cases; ",
                       revised->change, revised->unchanged, revised->redrawn, revised->moved,
                       revised->made, revised->ended, revised->correction_cases);
        else
            fmt::print("{} parcels stored, {} correction cases; ", report.stored.parcels,
                       report.stored.correction_cases);
        fmt::print("datum {}\n", gate.datum_proved ? "proved" : "not told by the evidence");
        if (report.boundary_of_successors)
            fmt::print("  held against the communes that succeeded it: it has no boundary\n");
    }
    fmt::print("  texts are {} ({} of {} words beyond ASCII are syllables so)\n",
               name_of(report.encoding.encoding),
               report.encoding.syllables[static_cast<std::size_t>(report.encoding.encoding)],
               report.encoding.words);
    for (auto const& sample : report.encoding.samples)
        if (sample.before != sample.after) fmt::print("    {} → {}\n", sample.before, sample.after);
}

void import_manifest(Settings const& settings, Flags const& flags) {
    data::postgis::Pool pool{data::postgis::for_long_work(settings.database)};
    char const* const user = std::getenv("USER");
    auto const who = fmt::format("machine:{}", user != nullptr && *user != 0 ? user : "root");
    std::size_t refused = 0;
    for (auto const& entry : domain::read_manifest(flags.manifest)) {
        auto const report = domain::take_sheet(pool, entry, who, !flags.check_only);
        print_report(report);
        refused += report.gate.accepted ? 0 : 1;
    }
    if (refused > 0)
        throw geo::Error{
            geo::Code::bad_input, "sheets-refused", {{"value", std::to_string(refused)}}};
}

void check_commune(Settings const& settings, Flags const& flags) {
    data::postgis::Pool pool{data::postgis::for_long_work(settings.database)};
    data::postgis::TopologyStore const store{pool};
    auto const coverage = store.coverage(flags.commune);
    auto const findings = geo::cadastre::check_topology(
        coverage.parcels, {.tolerance = geo::cadastre::tolerance_at(coverage.scale)});
    store.keep(flags.commune, coverage, findings);
    std::map<std::string_view, std::size_t> counts;
    for (auto const& finding : findings) ++counts[name_of(finding.fault)];
    fmt::print("{}: {} parcels, {} faults\n", flags.commune, coverage.fids.size(), findings.size());
    for (auto const& [kind, count] : counts) fmt::print("  {} × {}\n", count, kind);
    std::set<std::int64_t> sheets;
    for (auto const& sheet : coverage.sheets) sheets.insert(sheet.number);
    std::string missing; // sheets are numbered from 1 on
    for (std::int64_t number = 1; !sheets.empty() && number < *sheets.rbegin(); ++number)
        if (!sheets.contains(number) && missing.size() < longest_list)
            missing += (missing.empty() ? "" : ", ") + std::to_string(number);
    if (!missing.empty()) fmt::print("  sheets not there: {}\n", missing);
}

void export_sheet(Settings const& settings, Flags const& flags) {
    data::postgis::Pool pool{data::postgis::for_long_work(settings.database)};
    data::postgis::SheetStore const store{pool};
    fmt::print("{} parcels\n",
               domain::write_sheet(store, flags.commune, flags.sheet, flags.output));
}

void enter_aliases(Settings const& settings, Flags const& flags) {
    data::postgis::Pool pool{data::postgis::for_long_work(settings.database)};
    auto const aliases = data::postgis::read_aliases(flags.manifest);
    auto const made = data::postgis::enter_aliases(pool, aliases);
    fmt::print("{} sheets renumbered, {} of them were known\n", aliases.size(),
               aliases.size() - made);
}

void add_sheet_commands(CLI::App& cadastre, std::shared_ptr<Flags> const& flags,
                        Settings& settings) {
    auto* const import =
        cadastre.add_subcommand("import", "Bring sheets in, each through its gate");
    import->add_option("manifest", flags->manifest, "what the sheets are")
        ->type_name("FILE.toml")
        ->required();
    import->add_flag("--check", flags->check_only, "judge them and store nothing");
    import->callback([flags, &settings] { import_manifest(settings, *flags);
});

auto* const write = cadastre.add_subcommand("export", "Write a sheet in its own CRS");
write->add_option("--commune", flags->commune, "code, as of the sheet")->required();
write->add_option("--sheet", flags->sheet, "number")->required();
write->add_option("-o,--output", flags->output, ".gpkg or .fgb")->required();
write->callback([flags, &settings] { export_sheet(settings, *flags); });

auto* const alias = cadastre.add_subcommand("alias", "Enter what sheets are called since a merger");
alias
    ->add_option("table", flags->manifest,
                 "columns commune, sheet, new_commune, new_sheet, valid_from")
    ->type_name("FILE.csv")
    ->required();
alias->callback([flags, &settings] { enter_aliases(settings, *flags); });
for (auto* const command : {import, write, alias}) command->fallthrough();
} // namespace

} // namespace diaban::services::commands

void add_cadastre(CLI::App& app, Settings& settings) {
    auto flags = std::make_shared<Flags>();
    auto* const cadastre = app.add_subcommand("cadastre", "Sheets of parcels, and their faults");
    cadastre->require_subcommand(1);
    cadastre->fallthrough();
    add_sheet_commands(*cadastre, flags, settings);
    auto* const check = cadastre->add_subcommand("check", "Find faults of a commune's coverage");
    check->add_option("--commune", flags->commune, "code, as of its sheets")->required();
    check->callback([flags, &settings] { check_commune(settings, *flags); });
    check->fallthrough();
}

} // namespace diaban::services::commands
