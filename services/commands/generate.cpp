#include "services/commands/generate.hpp"

#include "data/gdal/vector_sink.hpp"
#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "geo/synthetic/blocks.hpp"
#include "geo/synthetic/lines.hpp"
#include "geo/synthetic/parcel_grid.hpp"
#include "geo/synthetic/parcel_map.hpp"
#include "geo/synthetic/territory.hpp"
#include "geo/synthetic/town.hpp"
#include "services/commands/generate_input.hpp"
#include "services/commands/generate_output.hpp"
#include "services/commands/generate_terrain.hpp"
#include "services/commands/progress.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace diaban::services::commands {
namespace {

using geo::FieldType;

struct ParcelFlags {
    geo::synthetic::ParcelGridPlan plan;
    std::vector<double> box;
    std::filesystem::path output;
};

void generate_parcels(ParcelFlags const& flags) {
    auto plan = flags.plan;
    if (!flags.box.empty()) plan.box = {flags.box[0], flags.box[1], flags.box[2], flags.box[3]};
    geo::synthetic::ParcelGrid const grid{plan};
    std::vector<data::gdal::SinkField> const fields{{"sheet", FieldType::integer},
                                                    {"parcel_number", FieldType::integer},
                                                    {"land_use", FieldType::text}};
    data::gdal::VectorSink sink{flags.output, "parcels", geo::GeometryKind::polygon, fields};
    Progress progress{"generate parcels", "parcels"};
    geo::synthetic::Parcel parcel;
    std::array<geo::Value, 3> values;
    for (std::uint64_t i = 0; i < grid.size(); ++i) {
        grid.parcel(i, parcel);
        values = {parcel.sheet, parcel.number, std::string{parcel.land_use}};
        sink.append(parcel.outline, values);
        if (i % 1024 == 0) progress.at(i, static_cast<std::int64_t>(grid.size()));
    }
    sink.finish();
    progress.clear();
    fmt::print("{}: {} parcels of {} positions\n", flags.output.string(), sink.rows(),
               plan.vertices);
}

void add_parcels(CLI::App& generate) {
    auto flags = std::make_shared<ParcelFlags>();
    auto& plan = flags->plan;
    auto* command = generate.add_subcommand(
        "parcels", "A seamless coverage of parcels of one vertex count, for benchmarks and tests");
    command->add_option("--count", plan.count, "parcels")->capture_default_str();
    command
        ->add_option("--vertices", plan.vertices,
                     "positions of each ring, the closing one among them; odd")
        ->capture_default_str();
    command->add_option("--box", flags->box, "degrees; default: around Hà Tĩnh")
        ->delimiter(',')
        ->expected(4)
        ->type_name("W,S,E,N");
    command->add_option("--seed", plan.seed, "another seed, other parcels")->capture_default_str();
    command->add_option("-o,--output", flags->output, "FlatGeobuf file, replaced if it is there")
        ->required()
        ->type_name("FILE.fgb");
    command->callback([flags] { generate_parcels(*flags); });
}

struct ProvinceFlags {
    std::filesystem::path communes;
    std::string where;
    std::filesystem::path coast;
    std::filesystem::path rivers;
    std::filesystem::path units;
    std::string province = "42";
    std::vector<double> box{105.1, 17.9, 106.6, 18.8};
    std::uint64_t parcels = 100'000;
    std::uint64_t cameras = 400;
    std::uint64_t reports = 2'000;
    std::uint64_t seed = 1;
    std::string date;
    std::filesystem::path output;
};

/// Noon in Vietnam of the given day; of today where none is given.
geo::Instant reference_time(std::string const& date) {
    constexpr std::int64_t microseconds_a_day = 86'400'000'000;
    constexpr std::int64_t noon_in_vietnam = 5 * 3'600'000'000; // UTC+7
    geo::Date day;
    if (date.empty()) {
        auto const today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
        day.days = static_cast<std::int32_t>(today.time_since_epoch().count());
    } else if (auto const read = geo::codec::read_date(date)) {
        day = *read;
    } else {
        throw geo::Error{geo::Code::bad_input,
                         "bad-parameter",
                         {{"parameter", "--date"}, {"value", date}, {"accepted", "YYYY-MM-DD"}}};
    }
    return {day.days * microseconds_a_day + noon_in_vietnam};
}

/// What lies in the communes, whoever drew them. Gives back their people.
std::vector<std::int64_t> fill_communes(ProvinceFlags const& flags, geo::synthetic::Ground ground,
                                        ProvinceFiles const& files) {
    namespace synthetic = geo::synthetic;
    synthetic::Landscape const land{std::move(ground), flags.seed};
    auto const& communes = land.communes();
    synthetic::ParcelMap const map{land, synthetic::plan_blocks(land, flags.parcels, flags.seed),
                                   flags.seed};
    auto const streets = synthetic::make_streets(map, flags.seed);
    auto const people = synthetic::people(land, flags.seed);
    files.parcels(map);
    files.streets(communes, streets);
    files.facilities(communes, synthetic::make_facilities(map, people, flags.seed));
    files.cameras(communes, synthetic::make_cameras(map, streets, flags.cameras, flags.seed));
    files.reports(communes, synthetic::make_reports(map, flags.reports, reference_time(flags.date),
                                                    flags.seed));
    return people;
}

std::vector<geo::synthetic::Commune> communes_of(geo::synthetic::Territory const& territory) {
    std::vector<geo::synthetic::Commune> communes;
    for (auto const& unit : territory.units)
        if (unit.level == "commune")
            communes.push_back(
                {unit.code, unit.name, unit.full_name, std::string{unit.kind}, unit.outline});
    return communes;
}

/// The communes are real: what lies in them is made up.
void fill_real_communes(ProvinceFlags const& flags) {
    geo::synthetic::Ground ground{read_communes(flags.communes, flags.where),
                                  read_lines(flags.rivers), read_lines(flags.coast)};
    ProvinceFiles const files{flags.output};
    auto const communes = ground.communes;
    files.population(communes, fill_communes(flags, std::move(ground), files));
}

/// Coast, rivers and the names of units are real: all else is made up.
void make_province(ProvinceFlags const& flags) {
    namespace synthetic = geo::synthetic;
    geo::Box const box{flags.box[0], flags.box[1], flags.box[2], flags.box[3]};
    auto const coast = read_lines(flags.coast);
    auto const rivers = synthetic::clip_lines(read_lines(flags.rivers), box);
    auto const territory =
        synthetic::make_territory(coast, box, read_units(flags.units, flags.province), flags.seed);
    ProvinceFiles const files{flags.output};
    auto const people = fill_communes(
        flags, {communes_of(territory), rivers, synthetic::clip_lines(coast, box)}, files);
    files.places(territory.units, people);
    files.roads(territory.roads);
    files.lines("coast", synthetic::clip_lines(coast, box));
    files.lines("rivers", rivers);
}

void add_province(CLI::App& generate) {
    auto flags = std::make_shared<ProvinceFlags>();
    auto* command = generate.add_subcommand(
        "province", "Parcels, streets, facilities, cameras and reports in real communes, or in a "
                    "whole province made up along a real coast");
    auto* communes = command
                         ->add_option("--communes", flags->communes,
                                      "real communes: polygons with code, name, full_name")
                         ->type_name("FILE");
    command->add_option("--where", flags->where, "which of them: OGR SQL condition")
        ->needs(communes);
    auto* coast = command
                      ->add_option("--coast", flags->coast,
                                   "lines, or what gmt coast -M wrote; land in the west")
                      ->type_name("FILE");
    command->add_option("--rivers", flags->rivers, "lines, or what gmt coast -M wrote")
        ->type_name("FILE");
    auto* units =
        command
            ->add_option("--units", flags->units,
                         "instead of real communes: names of units before July 2025, a table of "
                         "ward_code, ward, district_code, district, province_code, province")
            ->type_name("FILE.csv")
            ->excludes(communes)
            ->needs(coast);
    command->add_option("--province", flags->province, "code of the province in that table")
        ->capture_default_str();
    command->add_option("--box", flags->box, "where along the coast to make it")
        ->delimiter(',')
        ->expected(4)
        ->type_name("W,S,E,N")
        ->capture_default_str();
    command->add_option("--parcels", flags->parcels, "how many")->capture_default_str();
    command->add_option("--cameras", flags->cameras, "how many")->capture_default_str();
    command->add_option("--reports", flags->reports, "how many, over 90 days")
        ->capture_default_str();
    command->add_option("--seed", flags->seed, "another seed, another province")
        ->capture_default_str();
    command->add_option("--date", flags->date, "the reports' last day; default: today")
        ->type_name("YYYY-MM-DD");
    command->add_option("-o,--output", flags->output, "folder; files in it are replaced")
        ->required()
        ->type_name("DIR");
    command->callback([flags, communes, units] {
        if (communes->count() > 0) return fill_real_communes(*flags);
        if (units->count() == 0) throw CLI::RequiredError("--communes or --units");
        make_province(*flags);
    });
}

} // namespace

void add_generate(CLI::App& app, Settings&) {
    auto* generate = app.add_subcommand("generate", "Synthetic data as files");
    generate->require_subcommand(1);
    add_parcels(*generate);
    add_province(*generate);
    add_terrain(*generate);
}

} // namespace diaban::services::commands
