#include "services/domain/coverage_intake.hpp"

#include "data/blob/blob_store.hpp"
#include "data/gdal/raster_sink.hpp"
#include "data/gdal/raster_source.hpp"
#include "data/gdal/vertical_crs.hpp"
#include "data/postgis/coverages.hpp"
#include "geo/crs.hpp"
#include "geo/error.hpp"
#include "services/domain/class_cells.hpp"
#include "services/domain/ground_mosaic.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <vector>

namespace diaban::services::domain {

namespace {

namespace fs = std::filesystem;
using data::gdal::RasterDescription;
using data::model::Coverage;
using geo::Code;
using geo::Error;
using geo::raster::Window;

/// Heights that the Earth has, with room for the tallest structures and the deepest trench.
constexpr double lowest = -12'000;
constexpr double highest = 9'000;

[[noreturn]] void refuse_lack(RasterDescription const&, CoverageImport const& request,
                              std::string part, std::string accepted) {
    throw Error{Code::bad_input,
                "coverage-lacks",
                {{"file", request.file.filename().string()},
                 {"part", std::move(part)},
                 {"accepted", std::move(accepted)}}};
}

[[noreturn]] void refuse_flag(std::string flag, std::string value, std::string accepted) {
    throw Error{Code::bad_input,
                "bad-parameter",
                {{"parameter", std::move(flag)},
                 {"value", std::move(value)},
                 {"accepted", std::move(accepted)}}};
}

void check_id(std::string const& id) {
    auto const fits = [](unsigned char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    };
    constexpr std::size_t longest = 48; // what is derived from it has a longer name
    if (!id.empty() && id.size() <= longest && id[0] >= 'a' && id[0] <= 'z' &&
        std::ranges::all_of(id, fits))
        return;
    refuse_flag("--coverage", id.substr(0, 64), "a-z, 0-9, _, at most 48, a letter first");
}

int horizontal(RasterDescription const& described, CoverageImport const& request) {
    int const srid = request.srid.value_or(described.frame.srid);
    if (srid <= 0) refuse_lack(described, request, "CRS", "--crs EPSG:3405");
    if (!geo::known_srid(srid))
        throw Error{Code::bad_input, "unknown-crs", {{"crs", fmt::format("EPSG:{}", srid)}}};
    return srid;
}

double metres(RasterDescription const& described, CoverageImport const& request) {
    constexpr std::pair<std::string_view, double> units[] = {
        {"m", 1}, {"cm", 0.01}, {"mm", 0.001}, {"ft", 0.3048}, {"us-ft", 1200.0 / 3937.0}};
    if (!request.unit.empty()) {
        for (auto const& [name, length] : units)
            if (name == request.unit) return length;
        refuse_flag("--unit", request.unit.substr(0, 32), "m, cm, mm, ft, us-ft");
    }
    if (!described.metres) refuse_lack(described, request, "unit", "--unit m");
    return *described.metres;
}

int vertical(RasterDescription const& described, CoverageImport const& request) {
    int const srid = request.vertical.value_or(described.vertical_srid);
    if (srid == 0)
        refuse_lack(described, request, "vertical datum",
                    "--vertical-datum EPSG:5727 (Hòn Dấu), EPSG:5773 (EGM96), EPSG:3855 (EGM2008)");
    if (!data::gdal::vertical_crs_name(srid))
        refuse_flag("--vertical-datum", fmt::format("EPSG:{}", srid),
                    "a vertical CRS of EPSG in metres: EPSG:5727, EPSG:5773, EPSG:3855");
    return srid;
}

/// The value that means no data beside what the file says; nothing where there is none.
std::optional<float> absent(RasterDescription const& described, CoverageImport const& request) {
    if (request.no_data == "none") return std::nullopt;
    if (request.no_data.empty()) {
        if (!described.knows_no_data)
            refuse_lack(described, request, "no-data value", "--no-data -9999, --no-data none");
        return std::nullopt;
    }
    float value = 0;
    auto const* const end = request.no_data.data() + request.no_data.size();
    if (auto const [stop, fault] = std::from_chars(request.no_data.data(), end, value);
        fault != std::errc{} || stop != end)
        refuse_flag("--no-data", request.no_data.substr(0, 32), "a number, or none");
    return value;
}

/// What is said of all cells together.
struct Range {
    std::optional<double> least;
    std::optional<double> most;

    void take(double value) {
        least = std::min(least.value_or(value), value);
        most = std::max(most.value_or(value), value);
    }
};

[[noreturn]] void refuse_rubbish(CoverageImport const& request, std::string value) {
    auto const accepted = request.classes
                              ? fmt::format("0 … {}, --no-data", most_class)
                              : fmt::format("{} … {} m, --no-data, --unit", lowest, highest);
    throw Error{Code::bad_input,
                "coverage-rubbish",
                {{"file", request.file.filename().string()},
                 {"value", std::move(value)},
                 {"accepted", accepted}}};
}

/// Refuses a cell that cannot be what it is said to be.
void check_cell(CoverageImport const& request, float cell) {
    double const value = double(cell);
    if (request.classes && !(value >= 0 && value <= most_class && value == std::floor(value)))
        refuse_rubbish(request, fmt::format("{}", cell));
    if (!(value >= lowest && value <= highest)) refuse_rubbish(request, fmt::format("{} m", cell));
}

float in_metres(float cell, double unit, std::optional<float> none) {
    if (std::isnan(cell) || (none && cell == *none)) return geo::raster::no_data;
    return float(double(cell) * unit);
}

/// What was done to the ground, for whoever asks where its heights come from.
std::string edits_text(CoverageImport const& request, std::size_t cells) {
    nlohmann::ordered_json details = nlohmann::ordered_json::object();
    for (auto const& sheet : request.with) details["sheets"].push_back(sheet.filename().string());
    for (auto const& edit : request.edits) {
        char const* const kind = edit.kind == GroundEdit::Kind::burn    ? "burnt"
                                 : edit.kind == GroundEdit::Kind::raise ? "raised"
                                                                        : "passes";
        details["edits"].push_back(
            {{"kind", kind}, {"lines", edit.lines.filename().string()}, {"metres", edit.metres}});
    }
    if (!request.edits.empty()) details["edited_cells"] = cells;
    return details.dump();
}

/// Reads, judges and writes, some rows at a time.
Range copy_cells(GroundMosaic const& source, GroundEdits const& edits, data::gdal::RasterSink& sink,
                 double unit, std::optional<float> none, CoverageImport const& request,
                 std::function<void(std::uint64_t, std::int64_t)> const& progress) {
    auto const& shape = source.description().frame.shape;
    constexpr std::int32_t rows_at_once = 512;
    Range range;
    std::vector<float> cells;
    for (std::int32_t row = 0; row < shape.rows; row += rows_at_once) {
        Window const window{0, row, shape.columns, std::min(rows_at_once, shape.rows - row)};
        cells.resize(window.shape().cells());
        source.read(window, cells);
        for (auto& cell : cells) cell = in_metres(cell, unit, none);
        edits.apply(window, cells);
        for (auto const cell : cells) {
            if (std::isnan(cell)) continue;
            check_cell(request, cell);
            range.take(double(cell));
        }
        sink.write(window, cells);
        if (progress) progress(std::uint64_t(row), shape.rows);
    }
    if (!range.least) refuse_rubbish(request, "no data in every cell");
    return range;
}

Coverage described_coverage(RasterDescription const& described, CoverageImport const& request) {
    Coverage made;
    made.id = request.coverage;
    auto const named = [&](char const* vi, char const* en) {
        return request.title.vi.empty() ? geo::Title{vi + request.coverage, en + request.coverage}
                                        : request.title;
    };
    made.title =
        request.classes ? named("Lớp phủ ", "Land cover ") : named("Độ cao ", "Elevation ");
    made.quantity = request.classes ? "land_cover" : "elevation";
    made.unit = request.classes ? "" : "m";
    made.frame = described.frame;
    made.frame.srid = horizontal(described, request);
    if (!request.classes) {
        made.vertical_srid = vertical(described, request);
        made.vertical_datum = data::gdal::vertical_crs_name(made.vertical_srid).value_or("");
    }
    made.origin = request.synthetic ? data::model::CoverageOrigin::synthetic
                                    : data::model::CoverageOrigin::measured;
    made.attribution = request.attribution;
    made.licence = request.licence;
    made.source = request.file.filename().string();
    made.scope = request.scope;
    made.sensitivity = request.sensitivity;
    return made;
}

} // namespace

Coverage import_coverage(std::string const& database, fs::path const& blobs,
                         CoverageImport const& request,
                         std::function<void(std::uint64_t, std::int64_t)> const& progress) {
    check_id(request.coverage);
    std::vector files{request.file};
    files.insert(files.end(), request.with.begin(), request.with.end());
    GroundMosaic const source{files};
    auto const& described = source.description();
    auto made = described_coverage(described, request);
    double const unit = request.classes ? 1 : metres(described, request);
    auto const none = absent(described, request);
    GroundEdits const edits{request.edits, made.frame, [&](geo::raster::Cell cell) {
                                return in_metres(source.at(cell), unit, none);
                            }};
    made.details = edits_text(request, edits.cells());

    data::blob::BlobStore store{blobs};
    auto const folder = store.workshop(fmt::format("import-{}-{}", request.coverage, ::getpid()));
    fs::create_directories(folder);
    struct Gone {
        fs::path const& folder;
        ~Gone() {
            std::error_code ignored;
            fs::remove_all(folder, ignored);
        }
    } const gone{folder};
    auto const file = folder / "coverage.tif";
    data::gdal::RasterSink sink{file,
                                made.frame,
                                {.band_names = {made.quantity},
                                 .unit = made.unit,
                                 .vertical_srid = made.vertical_srid,
                                 .classes = request.classes}};
    auto const range = copy_cells(source, edits, sink, unit, none, request, progress);
    sink.finish();
    made.least = range.least;
    made.most = range.most;
    auto const blob = store.adopt(file);
    made.files = {{.at = {}, .sha256 = blob.sha256, .size = blob.size}};
    data::postgis::Pool pool{data::postgis::for_long_work(database)};
    data::postgis::Coverages{pool}.put(made);
    return made;
}

} // namespace diaban::services::domain
