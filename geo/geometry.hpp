#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace diaban::geo {

/// A position in the CRS of whatever holds it. EPSG:4326 is always x = longitude, y = latitude
/// here; axis order is an affair of the edges.
struct Position {
    double x = 0;
    double y = 0;

    friend bool operator==(Position const&, Position const&) = default;
};

/// An axis-aligned box, closed on all sides. An empty box has min > max and unites as a zero.
struct Box {
    double min_x = std::numeric_limits<double>::infinity();
    double min_y = std::numeric_limits<double>::infinity();
    double max_x = -std::numeric_limits<double>::infinity();
    double max_y = -std::numeric_limits<double>::infinity();

    [[nodiscard]] bool empty() const noexcept { return !(min_x <= max_x && min_y <= max_y); }
    void extend(Position p) noexcept {
        min_x = std::min(min_x, p.x);
        min_y = std::min(min_y, p.y);
        max_x = std::max(max_x, p.x);
        max_y = std::max(max_y, p.y);
    }
    void extend(Box const& other) noexcept {
        min_x = std::min(min_x, other.min_x);
        min_y = std::min(min_y, other.min_y);
        max_x = std::max(max_x, other.max_x);
        max_y = std::max(max_y, other.max_y);
    }
    [[nodiscard]] bool intersects(Box const& other) const noexcept {
        return min_x <= other.max_x && other.min_x <= max_x && min_y <= other.max_y &&
               other.min_y <= max_y;
    }

    friend bool operator==(Box const&, Box const&) = default;
};

/// The dimension of a geometry; single and multiple are one kind.
enum class GeometryKind : std::uint8_t { none, point, line, polygon };

/// A planar geometry as flat arrays: one allocation for all positions, whatever the nesting.
///
/// Shape    point:   `positions` are the members; `path_ends` and `part_ends` stay empty.
///          line:    path i is positions [path_ends[i-1], path_ends[i]); `part_ends` stays empty.
///          polygon: path i is a closed ring (first position = last); polygon k is the rings
///                   [part_ends[k-1], part_ends[k]), its first ring the exterior.
/// CRS      `srid`, an EPSG code; 0 is unknown.
/// Empty    no positions.
/// Not checked here: closure, winding, validity. geo/ops/validate does.
struct Geometry {
    GeometryKind kind = GeometryKind::none;
    bool multi = false; ///< whether the source said Multi…; keeps formats round-trip
    std::int32_t srid = 0;
    std::vector<Position> positions;
    std::vector<std::uint32_t> path_ends;
    std::vector<std::uint32_t> part_ends;

    [[nodiscard]] bool empty() const noexcept { return positions.empty(); }

    /// Positions of path `i` (a line or a ring). Not checked: i < path_ends.size().
    [[nodiscard]] std::span<Position const> path(std::size_t i) const noexcept {
        std::size_t const begin = i == 0 ? 0 : path_ends[i - 1];
        return std::span{positions}.subspan(begin, path_ends[i] - begin);
    }

    [[nodiscard]] Box box() const noexcept {
        Box result;
        for (auto const& p : positions) result.extend(p);
        return result;
    }

    friend bool operator==(Geometry const&, Geometry const&) = default;
};

} // namespace diaban::geo
