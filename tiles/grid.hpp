#pragma once

#include "geo/geometry.hpp"
#include "geo/grid_point.hpp"
#include "tiles/tile_id.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>

namespace diaban::tiles {

/// A point of the mirror's grid: Web Mercator (EPSG:3857) cut into 2^31 steps a side, x east from
/// 180°W, y **south** from 85.0511°N. A step is 40 075 016.686 m / 2^31 = 1.866 cm at the equator.
using geo::GridPoint;

constexpr double grid_side = 2147483648.0; // 2^31

/// Holds products of grid coordinates, and their sums, exactly.
__extension__ typedef __int128 Wide;

/// A box of grid points, closed on all sides. 64 bits, so that a box may be grown past the world.
template <typename Number>
struct BasicGridBox {
    Number min_x = std::numeric_limits<Number>::max();
    Number min_y = std::numeric_limits<Number>::max();
    Number max_x = std::numeric_limits<Number>::min();
    Number max_y = std::numeric_limits<Number>::min();

    [[nodiscard]] constexpr bool empty() const noexcept { return min_x > max_x || min_y > max_y; }
    constexpr void extend(GridPoint p) noexcept {
        min_x = std::min<Number>(min_x, p.x);
        min_y = std::min<Number>(min_y, p.y);
        max_x = std::max<Number>(max_x, p.x);
        max_y = std::max<Number>(max_y, p.y);
    }
    constexpr void extend(BasicGridBox const& other) noexcept {
        min_x = std::min(min_x, other.min_x);
        min_y = std::min(min_y, other.min_y);
        max_x = std::max(max_x, other.max_x);
        max_y = std::max(max_y, other.max_y);
    }
    [[nodiscard]] constexpr bool intersects(BasicGridBox const& other) const noexcept {
        return min_x <= other.max_x && other.min_x <= max_x && min_y <= other.max_y &&
               other.min_y <= max_y;
    }
    [[nodiscard]] constexpr bool contains(BasicGridBox const& other) const noexcept {
        return min_x <= other.min_x && other.max_x <= max_x && min_y <= other.min_y &&
               other.max_y <= max_y;
    }
    [[nodiscard]] constexpr bool contains(GridPoint p) const noexcept {
        return min_x <= p.x && p.x <= max_x && min_y <= p.y && p.y <= max_y;
    }

    friend constexpr bool operator==(BasicGridBox const&, BasicGridBox const&) = default;
};

using GridBox = BasicGridBox<std::int32_t>;

/// Where an EPSG:4326 position lies on the grid, in steps, not yet rounded. Latitudes beyond
/// ±85.0511° are brought to the border of the world, longitudes beyond ±180° likewise.
///
/// Accuracy  y = atanh(sin φ) has a relative error of a few 1e-16: far below a step (5e-10).
[[nodiscard]] inline geo::Position grid_position(geo::Position p) noexcept {
    double const sine = std::sin(p.y * (std::numbers::pi / 180.0));
    double const mercator = 0.5 * std::log((1.0 + sine) / (1.0 - sine));
    double const x = (p.x + 180.0) * (grid_side / 360.0);
    double const y = grid_side * 0.5 - mercator * (grid_side / (2.0 * std::numbers::pi));
    return {std::clamp(x, 0.0, grid_side - 1.0), std::clamp(y, 0.0, grid_side - 1.0)};
}

/// The nearest grid point: off by at most half a step in x and in y (1.32 cm).
[[nodiscard]] inline GridPoint to_grid(geo::Position p) noexcept {
    auto const at = grid_position(p);
    return {static_cast<std::int32_t>(std::lrint(at.x)),
            static_cast<std::int32_t>(std::lrint(at.y))};
}

/// EPSG:4326 position of a grid point.
[[nodiscard]] inline geo::Position from_grid(geo::Position at) noexcept {
    double const mercator = (grid_side * 0.5 - at.y) * (2.0 * std::numbers::pi / grid_side);
    return {at.x * (360.0 / grid_side) - 180.0,
            std::atan(std::sinh(mercator)) * (180.0 / std::numbers::pi)};
}

/// How a coordinate that is not negative becomes a tile unit, counted from the grid's own corner:
/// (v + half) >> shift. As made by default: as it is.
struct Rounding {
    std::uint32_t half = 0;
    std::uint32_t shift = 0;
};

/// How a tile sees the grid. A tile unit is 2^(19 - zoom) steps; a grid coordinate g is the unit
/// floor((g + half a unit) / unit), counted from the tile's north-west corner. Rounding is a
/// function of the coordinate alone, so a vertex shared by neighbours lands on one unit for both.
/// Grid coordinates are never negative; 32 bits hold them and half a unit.
class TileFrame {
public:
    explicit constexpr TileFrame(TileId tile) noexcept
        : m_shift{TileId::max_zoom - tile.zoom()}, m_half{(std::uint32_t{1} << m_shift) / 2},
          m_origin_x{std::int32_t(tile.x() << 12)}, m_origin_y{std::int32_t(tile.y() << 12)} {}

    [[nodiscard]] constexpr std::int32_t unit_x(std::int32_t x) const noexcept {
        return std::int32_t((std::uint32_t(x) + m_half) >> m_shift) - m_origin_x;
    }
    [[nodiscard]] constexpr std::int32_t unit_y(std::int32_t y) const noexcept {
        return std::int32_t((std::uint32_t(y) + m_half) >> m_shift) - m_origin_y;
    }
    [[nodiscard]] constexpr GridPoint unit(GridPoint p) const noexcept {
        return {unit_x(p.x), unit_y(p.y)};
    }
    [[nodiscard]] constexpr Rounding rounding() const noexcept { return {m_half, m_shift}; }
    /// Grid points whose unit lies within [-buffer, 4096 + buffer] on both axes, cut to the world.
    [[nodiscard]] constexpr GridBox box(std::int32_t buffer) const noexcept {
        auto const low = [&](std::int64_t origin) {
            return std::int32_t(
                std::clamp<std::int64_t>(((origin - buffer) << m_shift) - m_half, 0, INT32_MAX));
        };
        auto const high = [&](std::int64_t origin) {
            return std::int32_t(std::clamp<std::int64_t>(
                ((origin + 4096 + buffer + 1) << m_shift) - m_half - 1, 0, INT32_MAX));
        };
        return {low(m_origin_x), low(m_origin_y), high(m_origin_x), high(m_origin_y)};
    }

private:
    std::uint32_t m_shift;
    std::uint32_t m_half;
    std::int32_t m_origin_x; // in units
    std::int32_t m_origin_y;
};

/// EPSG:4326 box of a tile, without buffer.
[[nodiscard]] inline geo::Box tile_bounds(TileId tile) noexcept {
    double const side = grid_side / double(std::uint64_t{1} << tile.zoom());
    auto const north_west = from_grid({tile.x() * side, tile.y() * side});
    auto const south_east = from_grid({(tile.x() + 1) * side, (tile.y() + 1) * side});
    return {north_west.x, south_east.y, south_east.x, north_west.y};
}

} // namespace diaban::tiles
