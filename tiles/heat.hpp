#pragma once

#include "geo/raster/grid.hpp"
#include "tiles/grid.hpp"
#include "tiles/tile_id.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace diaban::tiles {

/// What heat is made of: points of the mirror's grid, each of some weight, in the order they are
/// added. In the order of a run, near what is near, they are found by blocks.
class HeatPoints {
public:
    /// `weight` is above 0; a point of less is no point.
    void add(GridPoint at, float weight);

    [[nodiscard]] std::size_t size() const noexcept { return m_points.size(); }
    [[nodiscard]] double weight() const noexcept { return m_weight; }
    [[nodiscard]] GridBox const& box() const noexcept { return m_box; }
    [[nodiscard]] std::size_t bytes() const noexcept {
        return m_points.capacity() * sizeof(GridPoint) + m_weights.capacity() * sizeof(float) +
               m_blocks.capacity() * sizeof(GridBox);
    }

    /// Calls `visit(first, count)` for stretches of points among which are all in `box`.
    template <typename Visit>
    void near(GridBox const& box, Visit const& visit) const {
        for (std::size_t block = 0; block < m_blocks.size(); ++block)
            if (m_blocks[block].intersects(box)) {
                auto const first = block * block_size;
                visit(first, std::min(block_size, m_points.size() - first));
            }
    }
    [[nodiscard]] std::span<GridPoint const> points() const noexcept { return m_points; }
    [[nodiscard]] std::span<float const> weights() const noexcept { return m_weights; }

private:
    static constexpr std::size_t block_size = 512;
    std::vector<GridPoint> m_points;
    std::vector<float> m_weights;
    std::vector<GridBox> m_blocks;
    GridBox m_box;
    double m_weight = 0;
};

inline constexpr std::int32_t heat_side = 256; ///< pixels along a side of a tile of heat

/// Density of a tile's pixels.
struct Heat {
    std::vector<float> per_km2; ///< at the middle of each pixel, row by row from the north-west
    double weight = 0;          ///< of what the pixels hold: their density times their true areas
    /// At most so far from the exact density, as a share of one point's peak for each unit of
    /// weight within reach (geo::hotspot::binning_error, and the interpolation between coarser
    /// pixels).
    double error = 0;
    std::int32_t coarse = 1; ///< pixels along a side of the cells it was computed in
};

/// Density under a quartic kernel of `radius` metres on the ground.
///
/// Metres  along and across the meridian at each point's row, on the WGS 84 ellipsoid; within a
/// kernel
///         the scale is taken as it is at the point (off by tan φ · radius / 6,371 km).
/// Sums    of neighbouring tiles are those of their points: what spreads over a border is on both
///         sides of it. At 85° and beyond ±180° nothing is carried over.
/// Method  linear binning to pixels, geo::hotspot::spread. A radius of more than 32 pixels is
/// computed
///         in pixels of a lower zoom and read linearly between them.
/// Cost    the points within reach, and 256² × 65 rows at most.
/// Needs   0 < radius ≤ 500 km.
[[nodiscard]] Heat heat_of(HeatPoints const& points, TileId tile, double radius);

/// The peak of what one point of weight 1 adds, per km².
[[nodiscard]] double heat_peak(double radius) noexcept;

/// A density that colours can end at: the peak of the densest square of `radius` metres, were all
/// of it in one place, rounded up to 1, 2 or 5 times a power of ten. 0 without points.
[[nodiscard]] double heat_top(HeatPoints const& points, double radius);

/// As a PNG of 256 × 256 pixels with opacity: clear at 0, colours by the square root of density /
/// top, the last one at `top` and beyond. Not checked: top > 0.
[[nodiscard]] std::string heat_picture(Heat const& heat, double top);

/// The colours of `heat_picture`, from little to much: red, green, blue, opacity.
struct HeatColour {
    std::uint8_t red, green, blue, opacity;
};
[[nodiscard]] std::span<HeatColour const> heat_colours() noexcept;

} // namespace diaban::tiles
