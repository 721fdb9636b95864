#include "services/commands/import_coverage.hpp"

#include "data/gdal/crs_extent.hpp"
#include "services/commands/progress.hpp"
#include "services/domain/coverage_intake.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace diaban::services::commands {

CLI::Option* add_coverage_flags(CLI::App& command, CoverageFlags& flags) {
    auto* const coverage =
        command.add_option("--coverage", flags.coverage, "id: the file is a raster of heights");
    auto const only = [&](char const* name, std::string& into, char const* what) {
        return command.add_option(name, into, what)->needs(coverage);
    };
    only("--unit", flags.unit, "of a raster's cells: m, cm, mm, ft, us-ft; kept in metres");
    only("--vertical-datum", flags.vertical, "what a raster's heights are above")
        ->type_name("EPSG:n");
    only("--no-data", flags.no_data, "the value of cells without data, or none");
    only("--title", flags.title, "of a coverage, in Vietnamese");
    only("--title-en", flags.title_en, "of a coverage, in English");
    only("--attribution", flags.attribution, "of a coverage: whom it is owed to");
    only("--licence", flags.licence, "of a coverage");
    command.add_flag("--synthetic", flags.synthetic, "a coverage that is made up, and says so")
        ->needs(coverage);
    return coverage;
}

void import_coverage_file(Settings const& settings, CoverageFlags const& flags,
                          std::string const& file, std::string const& crs, std::string const& scope,
                          int sensitivity) {
    domain::CoverageImport request{.coverage = flags.coverage,
                                   .file = file,
                                   .srid = {},
                                   .unit = flags.unit,
                                   .vertical = {},
                                   .no_data = flags.no_data,
                                   .title = {flags.title, flags.title_en},
                                   .synthetic = flags.synthetic,
                                   .attribution = flags.attribution,
                                   .licence = flags.licence,
                                   .scope = scope,
                                   .sensitivity = static_cast<std::uint8_t>(sensitivity)};
    if (!crs.empty()) request.srid = data::gdal::read_srid(crs);
    if (!flags.vertical.empty()) request.vertical = data::gdal::read_srid(flags.vertical);
    Progress progress{"import " + request.file.filename().string(), "rows"};
    auto const made = domain::import_coverage(
        settings.database, settings.blobs, request,
        [&](std::uint64_t done, std::int64_t of) { progress.at(done, of); });
    progress.clear();
    fmt::print("{}: {} × {} cells of {} × {}, EPSG:{}+{}, {:.2f} to {:.2f} m\n", made.id,
               made.frame.shape.columns, made.frame.shape.rows, made.frame.width, made.frame.height,
               made.frame.srid, made.vertical_srid, *made.least, *made.most);
}

} // namespace diaban::services::commands
