#include "services/domain/camera_sight.hpp"

#include "geo/error.hpp"
#include "geo/ops/measure.hpp"
#include "geo/raster/outline.hpp"
#include "geo/raster/sample.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <variant>

namespace diaban::services::domain {

namespace {

using geo::Position;
using geo::raster::Frame;
using geo::terrain::Sight;

constexpr std::size_t most_cells = std::size_t{1} << 24U;
constexpr double cells_a_range = 60; // at least, to draw a sector by
constexpr double finest = 1;         // m
constexpr double degrees = 180 / std::numbers::pi;

/// Degrees clockwise from the grid's north to true north.
double true_north(SightTerrain const& terrain, Position at) {
    std::vector<Position> steps{at, {at.x, at.y + 0.001}};
    terrain.from_degrees.apply(steps);
    auto const unit = terrain.unit_metres(steps.front());
    return std::atan2((steps[1].x - steps[0].x) * unit.x, (steps[1].y - steps[0].y) * unit.y) *
           degrees;
}

Position in_crs(SightTerrain const& terrain, Position at) {
    std::vector<Position> one{at};
    terrain.from_degrees.apply(one);
    return one.front();
}

/// A position in cells, whole numbers at their centres.
Position in_cells(Frame const& frame, Position at) noexcept {
    return {(at.x - frame.west) / frame.width - 0.5, (frame.north - at.y) / frame.height - 0.5};
}

geo::Geometry in_degrees(geo::Geometry shape, int srid) {
    geo::Transform::between(srid, 4326).apply(shape.positions);
    shape.srid = 4326;
    return shape;
}

/// Compass bearing of a position from another along the geodesic, near enough for a sector: the
/// error over ten kilometres is below a thousandth of a degree.
double bearing(Position from, Position to) noexcept {
    double const latitude = (from.y + to.y) / 2 / degrees;
    constexpr double e2 = 0.00669437999014;
    double const sine = std::sin(latitude);
    double const w = 1 - e2 * sine * sine;
    double const east = (to.x - from.x) * std::cos(latitude);
    double const north = (to.y - from.y) * (1 - e2) / w;
    return std::atan2(east, north) * degrees;
}

} // namespace

CameraReader::CameraReader(std::vector<geo::Field> const& fields) : m_fields{fields} {}

std::optional<double> CameraReader::number(geo::Feature const& feature,
                                           std::string_view name) const {
    auto const found = std::ranges::find(m_fields, name, &geo::Field::name);
    if (found == m_fields.end()) return std::nullopt;
    auto const& value = feature.values[std::size_t(found - m_fields.begin())];
    if (auto const* const whole = std::get_if<std::int64_t>(&value)) return double(*whole);
    if (auto const* const real = std::get_if<double>(&value)) return *real;
    return std::nullopt;
}

std::string CameraReader::text(geo::Feature const& feature, std::string_view name) const {
    auto const found = std::ranges::find(m_fields, name, &geo::Field::name);
    if (found == m_fields.end()) return {};
    auto const* const held =
        std::get_if<std::string>(&feature.values[std::size_t(found - m_fields.begin())]);
    return held == nullptr ? std::string{} : *held;
}

std::optional<CameraPose> CameraReader::read(geo::Feature const& feature) const {
    if (feature.geometry.empty()) return std::nullopt;
    CameraPose pose;
    pose.fid = feature.fid;
    pose.name = text(feature, "name");
    pose.at = feature.geometry.positions.front();
    pose.height = std::clamp(number(feature, "height_m").value_or(pose.height), 0.0, 1000.0);
    pose.range =
        std::clamp(number(feature, "range_m").value_or(pose.range), 1.0, most_camera_range);
    auto const azimuth = number(feature, "azimuth");
    auto const opening = number(feature, "field_of_view");
    if (azimuth && opening && *opening > 0) {
        pose.azimuth = *azimuth;
        pose.opening = std::min(*opening, 360.0);
    }
    pose.tilt = std::clamp(number(feature, "tilt").value_or(0), -90.0, 90.0);
    auto const vertical = number(feature, "vertical_field");
    if (vertical && *vertical > 0) pose.vertical = std::min(*vertical, 180.0);
    auto const status = text(feature, "status");
    pose.in_service = status != "maintenance" && status != "inactive";
    return pose;
}

geo::Geometry sector_of(CameraPose const& camera) {
    geo::Geometry sector;
    sector.kind = geo::GeometryKind::polygon;
    sector.srid = 4326;
    bool const round = camera.opening >= 360;
    double const from = round ? 0 : camera.azimuth - camera.opening / 2;
    auto const steps = std::max(1, int(std::ceil(camera.opening / 2)));
    if (!round) sector.positions.push_back(camera.at);
    // Counter-clockwise, as exteriors run.
    for (int i = steps; i >= 0; --i)
        sector.positions.push_back(
            geo::ops::geodesic_offset(camera.at, from + camera.opening * i / steps, camera.range));
    if (round)
        sector.positions.back() = sector.positions.front();
    else
        sector.positions.push_back(camera.at);
    sector.path_ends = {std::uint32_t(sector.positions.size())};
    sector.part_ends = {1};
    return sector;
}

bool sector_holds(CameraPose const& camera, Position at) {
    if (geo::ops::geodesic_distance(camera.at, at) > camera.range) return false;
    if (camera.opening >= 360) return true;
    return std::abs(std::remainder(bearing(camera.at, at) - camera.azimuth, 360.0)) <=
           camera.opening / 2;
}

Position SightTerrain::unit_metres(Position at) const {
    if (!geo::is_geographic(frame.srid)) return {1, 1};
    constexpr double e2 = 0.00669437999014;
    constexpr double radius = 6'378'137;
    double const sine = std::sin(at.y / degrees);
    double const w = std::sqrt(1 - e2 * sine * sine);
    return {radius / w * std::cos(at.y / degrees) / degrees,
            radius * (1 - e2) / (w * w * w) / degrees};
}

Frame frame_around(SightTerrain const& terrain, CameraPose const& camera) {
    auto const at = in_crs(terrain, camera.at);
    auto const unit = terrain.unit_metres(at);
    double const wide = std::clamp(camera.range / cells_a_range, finest,
                                   std::max(finest, terrain.frame.width * unit.x));
    double const tall = std::clamp(camera.range / cells_a_range, finest,
                                   std::max(finest, terrain.frame.height * unit.y));
    Frame frame;
    frame.srid = terrain.frame.srid;
    frame.width = wide / unit.x;
    frame.height = tall / unit.y;
    // The camera stands on the centre of the middle cell.
    auto const columns = std::int32_t(std::ceil(camera.range / wide)) + 1;
    auto const rows = std::int32_t(std::ceil(camera.range / tall)) + 1;
    frame.shape = {2 * columns + 1, 2 * rows + 1};
    frame.west = at.x - (columns + 0.5) * frame.width;
    frame.north = at.y + (rows + 0.5) * frame.height;
    return frame;
}

SightWindow read_window(data::gdal::RasterSource const& source, SightTerrain const& terrain,
                        Frame const& frame) {
    if (frame.shape.cells() > most_cells)
        throw geo::Error{geo::Code::too_large,
                         "too-many-cells",
                         {{"cells", std::to_string(frame.shape.cells())},
                          {"accepted", std::to_string(most_cells)}}};
    SightWindow window{geo::raster::Grid<float>{frame, geo::raster::no_data}, 1, 1};
    auto const box = frame.box();
    auto const unit =
        terrain.unit_metres({(box.min_x + box.max_x) / 2, (box.min_y + box.max_y) / 2});
    window.width = frame.width * unit.x;
    window.height = frame.height * unit.y;
    auto const& coarse = terrain.frame;
    auto const cover = coarse.cover({box.min_x - 2 * coarse.width, box.min_y - 2 * coarse.height,
                                     box.max_x + 2 * coarse.width, box.max_y + 2 * coarse.height});
    if (cover.empty()) return window;
    std::vector<float> cells(cover.shape().cells());
    source.read(cover, cells);
    auto const part = coarse.part(cover);
    for (std::int32_t row = 0; row < frame.shape.rows; ++row)
        for (std::int32_t column = 0; column < frame.shape.columns; ++column) {
            auto const at = frame.centre({column, row});
            window.ground.at(column, row) =
                geo::raster::between(cover.shape(), cells, (at.x - part.west) / part.width,
                                     (part.north - at.y) / part.height);
        }
    return window;
}

geo::terrain::Watcher watcher_in(Frame const& frame, SightTerrain const& terrain,
                                 CameraPose const& camera, double target) {
    geo::terrain::Watcher watcher;
    watcher.at = in_cells(frame, in_crs(terrain, camera.at));
    watcher.eye = camera.height;
    watcher.target = target;
    watcher.range = camera.range;
    watcher.sector = {camera.azimuth + true_north(terrain, camera.at), camera.opening, camera.tilt,
                      camera.vertical};
    return watcher;
}

CameraView view_of(data::gdal::RasterSource const& source, SightTerrain const& terrain,
                   CameraPose const& camera, double target) {
    auto const frame = frame_around(terrain, camera);
    auto const window = read_window(source, terrain, frame);
    auto const watcher = watcher_in(frame, terrain, camera, target);
    auto const sights = geo::terrain::viewshed(window.view(), watcher, 1);
    CameraView view;
    view.cell_m = window.width;
    double const cell = window.width * window.height;
    std::vector<std::uint8_t> marks(sights.size());
    auto const shape_of = [&](Sight wanted, double& area) {
        for (std::size_t i = 0; i < marks.size(); ++i) marks[i] = sights[i] == wanted ? 1 : 0;
        area = double(std::ranges::count(marks, std::uint8_t{1})) * cell;
        return in_degrees(geo::raster::outline(frame, marks), frame.srid);
    };
    view.seen = shape_of(Sight::seen, view.seen_m2);
    view.hidden = shape_of(Sight::hidden, view.hidden_m2);
    double const half = camera.opening / 360 * std::numbers::pi * camera.range * camera.range;
    bool const partial =
        std::ranges::any_of(window.ground.cells(), [](float height) { return std::isnan(height); });
    if (partial) view.unknown_m2 = std::max(0.0, half - view.seen_m2 - view.hidden_m2);
    return view;
}

Sight sees(data::gdal::RasterSource const& source, SightTerrain const& terrain,
           CameraPose const& camera, Position at, double target) {
    if (!sector_holds(camera, at)) return Sight::unasked;
    // The same cells as the camera's picture has: one answer, however it is asked for.
    auto const frame = frame_around(terrain, camera);
    auto const window = read_window(source, terrain, frame);
    auto watcher = watcher_in(frame, terrain, camera, target);
    watcher.range *= 1.01; // the sector was held to the geodesic already
    watcher.sector.opening = 360;
    return geo::terrain::line_of_sight(window.view(), watcher,
                                       in_cells(frame, in_crs(terrain, at)));
}

} // namespace diaban::services::domain
