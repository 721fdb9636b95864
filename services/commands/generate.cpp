#include "services/commands/generate.hpp"

#include "data/gdal/vector_sink.hpp"
#include "geo/synthetic/parcel_grid.hpp"
#include "services/commands/progress.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <array>
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

} // namespace

void add_generate(CLI::App& app, Settings&) {
    auto* generate = app.add_subcommand("generate", "Synthetic data as FlatGeobuf files");
    generate->require_subcommand(1);
    add_parcels(*generate);
}

} // namespace diaban::services::commands
