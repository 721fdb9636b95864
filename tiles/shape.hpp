#pragma once

#include "geo/geometry.hpp"
#include "tiles/grid.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace diaban::tiles {

/// Paths of whole-number points, in grid steps or in tile units, in arrays that are reused.
///
/// Rings are open (the first point is not repeated). A polygon's exterior has positive area with y
/// down and is followed by its holes, which have negative area.
struct Shape {
    std::vector<GridPoint> points;
    std::vector<std::uint32_t> path_ends;

    void clear() noexcept {
        points.clear();
        path_ends.clear();
    }
    [[nodiscard]] bool empty() const noexcept { return path_ends.empty(); }
    [[nodiscard]] std::size_t path_start(std::size_t i) const noexcept {
        return i == 0 ? 0 : path_ends[i - 1];
    }
    [[nodiscard]] std::span<GridPoint const> path(std::size_t i) const noexcept {
        return std::span{points}.subspan(path_start(i), path_ends[i] - path_start(i));
    }
    void close_path() { path_ends.push_back(std::uint32_t(points.size())); }
};

/// The box around some points; empty if there are none.
[[nodiscard]] GridBox box_of(std::span<GridPoint const> points) noexcept;

/// Twice the signed area of an open ring; positive is an exterior (y down).
/// Exact: coordinates are taken from the ring's first point and summed in 128 bits.
[[nodiscard]] Wide twice_area(std::span<GridPoint const> ring) noexcept;

/// Whether every ring is simple, no two rings touch, holes lie in their exterior, and exteriors lie
/// outside one another: stricter than OGC validity, which also allows rings to touch at points.
///
/// Shape  rings without repeated neighbours, as `Shape` says; a shape without rings is clean.
/// Cost   for n points, n²/2 box tests up to 32 points, a sort and a sweep beyond.
[[nodiscard]] bool is_clean(Shape const& shape);

/// Whether rings that meet at corners at most have area, and nest as a polygon's do: holes in their
/// own exterior and in no other hole, exteriors outside one another or in a hole.
[[nodiscard]] bool nests(Shape const& shape);

/// The square of the least distance between a point of `shape` and a segment it is no end of, in
/// the shape's own steps; infinity where there is no such pair.
///
/// For polygons that are valid before rounding this is the clearance of Thompson and Van Oosterom
/// (2006): rounding to a unit u moves points by at most u·√½, so clearance > u·√2 proves that the
/// rounded rings touch nothing they did not touch.
/// Cost   n² up to 64 points; n log n and a tree beyond.
[[nodiscard]] double squared_clearance(Shape const& shape);

/// Whether `p`, which is on no side of the open ring, lies inside it. Exact.
[[nodiscard]] bool is_inside(GridPoint p, std::span<GridPoint const> ring) noexcept;

/// Whether the open ring `inner` lies inside the open ring `outer`. They meet at corners at most,
/// which may be all corners of `inner`. Exact.
[[nodiscard]] bool is_ring_inside(std::span<GridPoint const> inner,
                                  std::span<GridPoint const> outer) noexcept;

/// The shape as a polygon geometry in its own steps; parts begin at rings of positive area.
[[nodiscard]] geo::Geometry to_polygon(Shape const& shape);

/// Takes a polygon of whole numbers (as geo::ops::snap_to_units gives it) into `out`, wound as
/// `Shape` says; rings without area are left out.
void from_polygon(geo::Geometry const& polygon, Shape& out);

} // namespace diaban::tiles
