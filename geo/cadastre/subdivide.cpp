#include "geo/cadastre/subdivide.hpp"

#include "geo/cadastre/parcel_set.hpp"
#include "geo/error.hpp"
#include "geo/ops/overlay.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

namespace diaban::geo::cadastre {

namespace {

void append_line(Geometry& lines, std::span<Position const> path) {
    lines.positions.insert(lines.positions.end(), path.begin(), path.end());
    lines.path_ends.push_back(static_cast<std::uint32_t>(lines.positions.size()));
}

/// Part of a closed convex side: area of the polygon where (p − at) · normal > 0.
double area_beyond(Geometry const& parcel, Position at, Position normal) {
    double area = 0;
    std::size_t path = 0;
    for (auto const end : parcel.part_ends)
        for (bool first = true; path < end; ++path, first = false) {
            auto const ring = parcel.path(path);
            std::vector<Position> kept; // Sutherland and Hodgman (1974): exact as an area
            for (std::size_t i = 1; i < ring.size(); ++i) {
                auto const side = [&](Position p) {
                    return (p.x - at.x) * normal.x + (p.y - at.y) * normal.y;
                };
                double const a = side(ring[i - 1]);
                double const b = side(ring[i]);
                if (a >= 0) kept.push_back({ring[i - 1].x - at.x, ring[i - 1].y - at.y});
                if ((a < 0) != (b < 0)) {
                    double const t = a / (a - b);
                    kept.push_back({ring[i - 1].x - at.x + t * (ring[i].x - ring[i - 1].x),
                                    ring[i - 1].y - at.y + t * (ring[i].y - ring[i - 1].y)});
                }
            }
            double twice = 0;
            for (std::size_t i = 0; i < kept.size(); ++i) {
                auto const& p = kept[i];
                auto const& q = kept[(i + 1) % kept.size()];
                twice += p.x * q.y - q.x * p.y;
            }
            area += (first ? 1 : -1) * std::abs(twice) / 2;
        }
    return area;
}

double length_of_overlap(Position a, Position b, Position c, Position d) {
    constexpr double common_within = 1e-3;
    double const length = std::hypot(b.x - a.x, b.y - a.y);
    if (length == 0) return 0;
    Position const u{(b.x - a.x) / length, (b.y - a.y) / length};
    auto const along = [&](Position p) { return (p.x - a.x) * u.x + (p.y - a.y) * u.y; };
    auto const off = [&](Position p) { return std::abs(-(p.x - a.x) * u.y + (p.y - a.y) * u.x); };
    if (off(c) > common_within || off(d) > common_within) return 0;
    double const low = std::max(0.0, std::min(along(c), along(d)));
    double const high = std::min(length, std::max(along(c), along(d)));
    return std::max(0.0, high - low);
}

} // namespace

std::vector<Geometry> cut(Geometry const& parcel, std::span<Position const> line) {
    Geometry lines;
    lines.kind = GeometryKind::line;
    lines.multi = true;
    for (std::size_t i = 0; i < parcel.path_ends.size(); ++i) append_line(lines, parcel.path(i));
    append_line(lines, line);
    ParcelSet whole;
    whole.add(parcel, 0, 0);
    std::vector<Geometry> parts;
    for (auto& face : ops::faces(lines)) {
        auto const inside = ops::point_inside(face);
        if (!inside || !whole.holds(0, *inside)) continue;
        face.srid = parcel.srid;
        parts.push_back(std::move(face));
    }
    std::ranges::sort(parts, std::ranges::greater{}, ops::planar_area);
    return parts;
}

std::vector<Position> line_cutting_off(Geometry const& parcel, double area_m2, double azimuth) {
    double const whole = ops::planar_area(parcel);
    if (!(area_m2 > 0) || !(area_m2 < whole))
        throw Error{Code::bad_input,
                    "cut-area",
                    {{"value", std::to_string(area_m2)}, {"accepted", std::to_string(whole)}}};
    double const angle = azimuth * std::numbers::pi / 180;
    Position const direction{std::sin(angle), std::cos(angle)};
    Position const left{-direction.y, direction.x};
    auto const box = parcel.box();
    Position const middle{(box.min_x + box.max_x) / 2, (box.min_y + box.max_y) / 2};
    double const reach = std::hypot(box.max_x - box.min_x, box.max_y - box.min_y);
    double low = -reach; // all of the parcel lies to the left
    double high = reach;
    auto const at = [&](double offset) {
        return Position{middle.x + left.x * offset, middle.y + left.y * offset};
    };
    while (high - low > 1e-9) {
        double const offset = (low + high) / 2;
        (area_beyond(parcel, at(offset), left) > area_m2 ? low : high) = offset;
        if (offset == low && offset == high) break;
    }
    auto const on = at((low + high) / 2);
    return {{on.x - direction.x * reach, on.y - direction.y * reach},
            {on.x + direction.x * reach, on.y + direction.y * reach}};
}

Geometry merged(std::span<Geometry const> parcels) {
    Geometry all;
    all.kind = GeometryKind::polygon;
    all.multi = true;
    for (auto const& parcel : parcels) {
        all.srid = parcel.srid;
        auto const positions = static_cast<std::uint32_t>(all.positions.size());
        auto const paths = static_cast<std::uint32_t>(all.path_ends.size());
        all.positions.insert(all.positions.end(), parcel.positions.begin(), parcel.positions.end());
        for (auto const end : parcel.path_ends) all.path_ends.push_back(positions + end);
        for (auto const end : parcel.part_ends) all.part_ends.push_back(paths + end);
    }
    auto whole = ops::united(all);
    return whole.part_ends.size() == 1 ? whole : Geometry{};
}

double common_border(Geometry const& a, Geometry const& b) {
    double length = 0;
    for (std::size_t i = 0; i < a.path_ends.size(); ++i)
        for (std::size_t j = 0; j < b.path_ends.size(); ++j) {
            auto const p = a.path(i);
            auto const q = b.path(j);
            for (std::size_t k = 1; k < p.size(); ++k)
                for (std::size_t m = 1; m < q.size(); ++m)
                    length += length_of_overlap(p[k - 1], p[k], q[m - 1], q[m]);
        }
    return length;
}

} // namespace diaban::geo::cadastre
