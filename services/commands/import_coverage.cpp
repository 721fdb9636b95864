#include "services/commands/import_coverage.hpp"

#include "data/gdal/crs_extent.hpp"
#include "geo/error.hpp"
#include "services/commands/progress.hpp"
#include "services/domain/coverage_intake.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <charconv>

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
    command.add_option("--with", flags.with, "further sheets of the same grid")->needs(coverage);
    auto const edit = [&](char const* name, std::vector<std::string>& into, char const* what) {
        command.add_option(name, into, what)->needs(coverage)->expected(1, 20);
    };
    edit("--burn", flags.burn, "FILE:METRES, lines along which ground is lowered: rivers");
    edit("--raise", flags.raise, "FILE:METRES, lines along which ground is raised: dykes");
    edit("--pass", flags.pass,
         "FILE, lines along which water passes under a bridge or through a culvert");
    command.add_flag("--classes", flags.classes, "cells are numbers of classes of land cover")
        ->needs(coverage);
    command.add_flag("--synthetic", flags.synthetic, "a coverage that is made up, and says so")
        ->needs(coverage);
    return coverage;
}

namespace {

using Kind = domain::GroundEdit::Kind;

/// `FILE:METRES`, or `FILE` alone for what has no amount.
domain::GroundEdit read_edit(Kind kind, std::string const& text) {
    if (kind == Kind::pass) return {kind, text, 0};
    auto const colon = text.rfind(':');
    double metres = 0;
    auto const* const end = text.data() + text.size();
    bool const said = colon != std::string::npos &&
                      std::from_chars(text.data() + colon + 1, end, metres).ptr == end;
    if (!said || !(metres > 0 && metres <= 100))
        throw geo::Error{geo::Code::bad_input,
                         "bad-parameter",
                         {{"parameter", kind == Kind::burn ? "--burn" : "--raise"},
                          {"value", text.substr(0, 64)},
                          {"accepted", "FILE:METRES, above 0, to 100 m"}}};
    return {kind, text.substr(0, colon), metres};
}

} // namespace

void import_coverage_file(Settings const& settings, CoverageFlags const& flags,
                          std::string const& file, std::string const& crs, std::string const& scope,
                          int sensitivity) {
    domain::CoverageImport request{.coverage = flags.coverage,
                                   .file = file,
                                   .with = {},
                                   .edits = {},
                                   .srid = {},
                                   .unit = flags.unit,
                                   .vertical = {},
                                   .no_data = flags.no_data,
                                   .title = {flags.title, flags.title_en},
                                   .synthetic = flags.synthetic,
                                   .classes = flags.classes,
                                   .attribution = flags.attribution,
                                   .licence = flags.licence,
                                   .scope = scope,
                                   .sensitivity = static_cast<std::uint8_t>(sensitivity)};
    for (auto const& sheet : flags.with) request.with.emplace_back(sheet);
    for (auto const& text : flags.burn) request.edits.push_back(read_edit(Kind::burn, text));
    for (auto const& text : flags.raise) request.edits.push_back(read_edit(Kind::raise, text));
    for (auto const& text : flags.pass) request.edits.push_back(read_edit(Kind::pass, text));
    if (!crs.empty()) request.srid = data::gdal::read_srid(crs);
    if (!flags.vertical.empty()) request.vertical = data::gdal::read_srid(flags.vertical);
    Progress progress{"import " + request.file.filename().string(), "rows"};
    auto const made = domain::import_coverage(
        settings.database, settings.blobs, request,
        [&](std::uint64_t done, std::int64_t of) { progress.at(done, of); });
    progress.clear();
    auto const known_as = made.vertical_srid == 0
                              ? fmt::format("EPSG:{}", made.frame.srid)
                              : fmt::format("EPSG:{}+{}", made.frame.srid, made.vertical_srid);
    fmt::print("{}: {} × {} cells of {} × {}, {}, {:.2f} to {:.2f} {}\n", made.id,
               made.frame.shape.columns, made.frame.shape.rows, made.frame.width, made.frame.height,
               known_as, *made.least, *made.most, made.unit);
}

} // namespace diaban::services::commands
