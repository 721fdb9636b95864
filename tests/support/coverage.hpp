#pragma once

#include "geo/coverage/arcs.hpp"
#include "geo/geometry.hpp"
#include "geo/grid_point.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace diaban::tests {

/// Polygons side by side on a grid: row i has rings [row_begin[i], row_begin[i + 1]), exteriors of
/// positive area (y down) each followed by their holes.
struct Coverage {
    std::vector<geo::GridPoint> points;
    std::vector<std::uint32_t> ring_begin{0};
    std::vector<std::uint32_t> row_begin{0};

    [[nodiscard]] geo::coverage::Rings rings() const { return {points, ring_begin}; }
    [[nodiscard]] std::size_t size() const noexcept { return row_begin.size() - 1; }
    /// Adds a polygon's rings as they come out on the grid of `at`; rings that shrink to less than
    /// three points are left out.
    void add(geo::Geometry const& polygon, std::function<geo::GridPoint(geo::Position)> const& at);
    /// The coverage without the points that `keep` refuses.
    [[nodiscard]] Coverage filtered(std::function<bool(std::size_t)> const& keep) const;
};

/// Crooked cells of a grid, `across` a side, some of them joined to one of `labels` areas: with
/// holes, islands, islands in holes, and areas that meet at corners alone.
Coverage random_coverage(std::mt19937_64& random, std::uint32_t across, std::uint32_t labels,
                         std::uint32_t vertices);

/// What GEOS says of a coverage.
struct CoverageFacts {
    std::size_t invalid = 0;     ///< rows
    std::size_t collapsed = 0;   ///< rings of less than three points or without area
    double sum = 0;              ///< of the rows' areas, in square steps
    double united = 0;           ///< area of their union
    std::size_t union_rings = 0; ///< of the union: one more for each hole and island
};
CoverageFacts facts(Coverage const& coverage);

/// The ground that a coverage stands on, without its inner borders, in steps.
geo::Geometry dissolved(Coverage const& coverage);

/// Where rows of a coverage overlap, in steps: a piece for each pair that does. Every pair whose
/// boxes meet is looked at.
geo::Geometry overlaps(Coverage const& coverage);

/// The polygons of a vector file (any that GDAL reads), EPSG:4326.
std::vector<geo::Geometry> read_polygons(std::string const& path);

} // namespace diaban::tests
