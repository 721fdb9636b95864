#include "geo/cadastre/parcel_set.hpp"

#include "geo/ops/orientation.hpp"

#include <algorithm>
#include <cmath>

namespace diaban::geo::cadastre {

namespace {

bool on_segment(Position a, Position b, Position p) noexcept {
    return std::min(a.x, b.x) <= p.x && p.x <= std::max(a.x, b.x) && std::min(a.y, b.y) <= p.y &&
           p.y <= std::max(a.y, b.y) && ops::orientation(a, b, p) == 0;
}

} // namespace

void ParcelSet::add(Geometry const& outline, std::uint32_t of_sheet, std::int64_t with_number,
                    std::optional<Position> labelled_at) {
    auto const base = static_cast<std::uint32_t>(positions.size());
    positions.insert(positions.end(), outline.positions.begin(), outline.positions.end());
    std::size_t path = 0;
    for (auto const part_end : outline.part_ends)
        for (bool first = true; path < part_end; ++path, first = false) {
            ring_begin.push_back(base + outline.path_ends[path]);
            ring_is_hole.push_back(first ? 0 : 1);
        }
    parcel_begin.push_back(static_cast<std::uint32_t>(ring_is_hole.size()));
    sheet.push_back(of_sheet);
    number.push_back(with_number);
    constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
    label.push_back(labelled_at.value_or(Position{unknown, unknown}));
}

Box ParcelSet::box(std::size_t parcel) const noexcept {
    Box result;
    for (auto const& p : outline(parcel)) result.extend(p);
    return result;
}

void ParcelSet::geometry(std::size_t parcel, Geometry& into) const {
    into.kind = GeometryKind::polygon;
    auto const own = outline(parcel);
    into.positions.assign(own.begin(), own.end());
    into.path_ends.clear();
    into.part_ends.clear();
    auto const first = parcel_begin[parcel];
    for (auto r = first; r < parcel_begin[parcel + 1]; ++r) {
        if (ring_is_hole[r] == 0 && r > first)
            into.part_ends.push_back(static_cast<std::uint32_t>(into.path_ends.size()));
        into.path_ends.push_back(ring_begin[r + 1] - ring_begin[first]);
    }
    into.part_ends.push_back(static_cast<std::uint32_t>(into.path_ends.size()));
    into.multi = into.part_ends.size() > 1;
}

bool ParcelSet::holds(std::size_t parcel, Position p) const noexcept {
    bool inside = false;
    for (auto r = parcel_begin[parcel]; r < parcel_begin[parcel + 1]; ++r) {
        auto const path = ring(r);
        for (std::size_t i = 1; i < path.size(); ++i) {
            auto const a = path[i - 1];
            auto const b = path[i];
            if (on_segment(a, b, p)) return true;
            if ((a.y > p.y) == (b.y > p.y)) continue;
            bool const left = ops::orientation(a, b, p) > 0;
            if (left == (b.y > a.y)) inside = !inside;
        }
    }
    return inside;
}

std::uint32_t ParcelSet::owner(std::uint32_t position) const noexcept {
    auto const ring_after = std::ranges::upper_bound(ring_begin, position);
    auto const ring = static_cast<std::uint32_t>(ring_after - ring_begin.begin() - 1);
    auto const parcel_after = std::ranges::upper_bound(parcel_begin, ring);
    return static_cast<std::uint32_t>(parcel_after - parcel_begin.begin() - 1);
}

} // namespace diaban::geo::cadastre
