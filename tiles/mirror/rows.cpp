#include "tiles/mirror/rows.hpp"

#include "geo/codec/wkb.hpp"
#include "geo/error.hpp"
#include "geo/ops/label.hpp"
#include "geo/ops/measure.hpp"
#include "geo/ops/snap.hpp"
#include "tiles/mvt.hpp"

#include <algorithm>
#include <cmath>

namespace diaban::tiles::mirror {
namespace {

constexpr std::uint8_t safe_at_none = TileId::max_zoom + 1;

/// The lowest zoom whose unit u has u·√2 < clearance (see squared_clearance).
std::uint8_t safe_zoom(double clearance_squared) noexcept {
    for (std::uint32_t zoom = 0; zoom <= TileId::max_zoom; ++zoom) {
        double const unit = double(std::uint32_t{1} << (TileId::max_zoom - zoom));
        if (2.0 * unit * unit < clearance_squared) return std::uint8_t(zoom);
    }
    return safe_at_none;
}

void take_path(std::span<geo::Position const> path, bool ring, Shape& shape) {
    auto const start = shape.points.size();
    for (auto const& position : path) {
        auto const p = to_grid(position);
        if (shape.points.size() == start || shape.points.back() != p) shape.points.push_back(p);
    }
    if (ring)
        while (shape.points.size() > start + 1 && shape.points.back() == shape.points[start])
            shape.points.pop_back();
    if (shape.points.size() < start + (ring ? 3 : 2))
        shape.points.resize(start);
    else
        shape.close_path();
}

/// The smallest polygon there is, for one that is smaller than a grid step.
void take_speck(GridPoint at, Shape& shape) {
    at = {std::min(at.x, INT32_MAX - 1), std::min(at.y, INT32_MAX - 1)};
    shape.clear();
    shape.points = {at, {at.x + 1, at.y}, {at.x, at.y + 1}};
    shape.close_path();
}

/// What is said of a row that the grid could not keep as it is.
constexpr double changed = 0.0;

/// A polygon on the grid: wound as tiles/shape.hpp says, valid; returns its squared clearance, or
/// `changed`.
double take_polygon(geo::Geometry const& geometry, Shape& shape) {
    shape.clear();
    std::size_t path = 0;
    for (auto const end : geometry.part_ends) {
        bool exterior = true;
        for (; path < end; ++path) {
            auto const rings = shape.path_ends.size();
            take_path(geometry.path(path), true, shape);
            if (shape.path_ends.size() == rings) {
                if (exterior) break;
                continue;
            }
            auto const start = shape.path_start(rings);
            bool const positive = twice_area(shape.path(rings)) > 0;
            if (positive != exterior)
                std::reverse(shape.points.begin() + std::ptrdiff_t(start), shape.points.end());
            exterior = false;
        }
        path = end;
    }
    // Three steps on the grid leave more than √2 before rounding, so rounding changed no topology.
    constexpr double sure = 9.0;
    double const clearance = shape.empty() ? 0.0 : squared_clearance(shape);
    bool const whole = shape.path_ends.size() == geometry.path_ends.size();
    if (clearance >= sure || (!shape.empty() && is_clean(shape)))
        return whole ? clearance : changed;
    geo::Geometry snapped;
    if (!shape.empty())
        snapped = geo::ops::snap_to_units(to_polygon(shape), {0, 0, grid_side - 1, grid_side - 1});
    shape.clear();
    from_polygon(snapped, shape);
    if (shape.empty()) take_speck(to_grid(geometry.positions.front()), shape);
    return changed;
}

double take_lines(geo::Geometry const& geometry, Shape& shape) {
    shape.clear();
    for (std::size_t i = 0; i < geometry.path_ends.size(); ++i)
        take_path(geometry.path(i), false, shape);
    if (shape.empty()) {
        auto const p = to_grid(geometry.positions.front());
        shape.points = {p, {p.x == INT32_MAX ? p.x - 1 : p.x + 1, p.y}};
        shape.close_path();
        return changed;
    }
    if (shape.path_ends.size() < geometry.path_ends.size()) return changed;
    double shortest = INFINITY;
    for (std::size_t i = 0; i < shape.path_ends.size(); ++i) {
        auto const line = shape.path(i);
        for (std::size_t j = 0; j + 1 < line.size(); ++j)
            shortest = std::min(shortest, std::hypot(double(line[j].x) - line[j + 1].x,
                                                     double(line[j].y) - line[j + 1].y));
    }
    return shortest * shortest;
}

/// The centroid of an open ring.
geo::Position centroid(std::span<GridPoint const> ring) noexcept {
    auto const origin = ring.front();
    double area = 0;
    double x = 0;
    double y = 0;
    for (std::size_t i = 1; i + 1 < ring.size(); ++i) {
        double const ax = double(ring[i].x) - origin.x;
        double const ay = double(ring[i].y) - origin.y;
        double const bx = double(ring[i + 1].x) - origin.x;
        double const by = double(ring[i + 1].y) - origin.y;
        double const cross = ax * by - ay * bx;
        area += cross;
        x += cross * (ax + bx);
        y += cross * (ay + by);
    }
    return {origin.x + x / (3.0 * area), origin.y + y / (3.0 * area)};
}

/// Where a polygon's label stands: its pole of inaccessibility, to a hundredth of its size. A
/// simple shape of few points takes its centroid when that lies well inside (a square's is 0.5 of
/// the root of its area from the border), as most parcels' does: the pole costs twenty times that.
GridPoint label_point(Shape const& shape, GridBox const& box) {
    auto const polygon = to_polygon(shape);
    auto const rounded = [](geo::Position p) {
        return GridPoint{std::int32_t(std::lrint(p.x)), std::int32_t(std::lrint(p.y))};
    };
    constexpr std::size_t few = 64;
    constexpr double well_inside = 0.3;
    if (shape.path_ends.size() == 1 && shape.points.size() <= few) {
        auto const middle = centroid(shape.points);
        double const root = std::sqrt(double(twice_area(shape.points)) / 2.0);
        if (geo::ops::signed_distance(polygon, middle) >= well_inside * root)
            return rounded(middle);
    }
    double const size = std::max(double(box.max_x) - box.min_x, double(box.max_y) - box.min_y);
    return rounded(geo::ops::pole_of_inaccessibility(polygon, std::max(1.0, size / 100.0)));
}

} // namespace

Rows::Rows(std::shared_ptr<geo::Schema const> of) : schema{std::move(of)} {
    for (auto const& field : schema->fields)
        if (field.in_tiles()) fields.push_back(field);
    columns.resize(fields.size());
}

void Rows::append(geo::RowView const& row) {
    if (row.values.size() != columns.size())
        throw geo::Error{geo::Code::internal, "mirror-row", {}, "values do not follow the schema"};
    thread_local geo::Geometry geometry;
    geometry.positions.clear();
    if (!row.wkb.empty()) geo::codec::read_wkb(row.wkb, geometry);
    append_shape(geometry);
    fids.push_back(row.fid);
    classes.push_back(class_of(row.scope, row.sensitivity));
    if (!periods.empty() || row.period != geo::Period{}) {
        periods.resize(fids.size() - 1);
        periods.push_back(row.period);
    }
    for (std::size_t i = 0; i < columns.size(); ++i) {
        auto& column = columns[i];
        auto const encoded = mvt::encode_value(row.values[i]);
        column.codes.push_back(encoded.empty() ? 0 : column.encoded.number(encoded).first + 1);
    }
}

std::uint32_t Rows::class_of(std::string_view scope, std::uint8_t sensitivity) {
    // Rows of one class tend to lie together.
    if (!classes.empty()) {
        auto const& last = class_table[classes.back()];
        if (last.sensitivity == sensitivity && last.scope == scope) return classes.back();
    }
    auto const [at, is_new] = m_class_numbers.try_emplace({std::string{scope}, sensitivity},
                                                          std::uint32_t(class_table.size()));
    if (is_new) class_table.push_back({std::string{scope}, sensitivity, 0, 0, {}});
    return at->second;
}

void Rows::append_shape(geo::Geometry const& geometry) {
    thread_local Shape shape;
    double clearance = INFINITY;
    bool const labelled = schema->has_labels();
    if (schema->merges() && schema->geometry == geo::GeometryKind::polygon)
        measures.push_back(geo::ops::straight_area(geometry));
    if (schema->merges() && schema->geometry == geo::GeometryKind::line)
        measures.push_back(geo::ops::geodesic_length(geometry));
    if (geometry.empty()) {
        boxes.emplace_back();
        safe_zooms.push_back(safe_at_none);
        path_begin.push_back(path_begin.back());
        if (labelled) labels.emplace_back();
        return;
    }
    switch (geometry.kind) {
    case geo::GeometryKind::polygon: clearance = take_polygon(geometry, shape); break;
    case geo::GeometryKind::line: clearance = take_lines(geometry, shape); break;
    default:
        shape.clear();
        for (auto const& position : geometry.positions) shape.points.push_back(to_grid(position));
        shape.close_path();
    }
    auto box = box_of(shape.points);
    if (clearance == changed)
        for (auto const& position : geometry.positions) box.extend(to_grid(position));
    boxes.push_back(box);
    safe_zooms.push_back(safe_zoom(clearance));
    auto const base = std::uint32_t(points.size());
    points.insert(points.end(), shape.points.begin(), shape.points.end());
    for (auto const end : shape.path_ends) point_begin.push_back(base + end);
    path_begin.push_back(std::uint32_t(point_begin.size() - 1));
    if (labelled) labels.push_back(label_point(shape, box));
}

} // namespace diaban::tiles::mirror
