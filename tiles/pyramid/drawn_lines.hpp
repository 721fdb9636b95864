#pragma once

#include "tiles/grid.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace diaban::tiles::pyramid {

/// A piece of line in one tile, in its units.
struct LinePath {
    std::uint32_t key = 0;
    std::vector<GridPoint> points;

    friend bool operator==(LinePath const&, LinePath const&) = default;
};

/// The lines that a low tile draws, its buffer included: paths by rank of key, then by their
/// points, so that the order tells nothing of how they came.
struct DrawnLines {
    struct Path {
        std::uint32_t key = 0;
        std::uint32_t end = 0; ///< of its points

        friend bool operator==(Path const&, Path const&) = default;
    };
    std::vector<Path> paths;
    std::vector<GridPoint> points;

    [[nodiscard]] bool empty() const noexcept { return paths.empty(); }
    [[nodiscard]] std::size_t size() const noexcept { return paths.size(); }
    [[nodiscard]] std::span<GridPoint const> path(std::size_t i) const noexcept {
        std::size_t const first = i == 0 ? 0 : paths[i - 1].end;
        return std::span{points}.subspan(first, paths[i].end - first);
    }
    friend bool operator==(DrawnLines const&, DrawnLines const&) = default;
};

/// `before` without the paths `gone`, each of which it has, and with those that `come`; one that is
/// in both stays. `ranks` by key.
[[nodiscard]] DrawnLines edited(DrawnLines const& before, std::vector<LinePath> gone,
                                std::vector<LinePath> come, std::span<std::uint32_t const> ranks);

/// A line in the tiles of one zoom.
struct TileLine {
    std::uint64_t tile = 0; ///< x << 32 | y
    std::vector<std::vector<GridPoint>> paths;

    /// At most so many bytes of a vector tile.
    [[nodiscard]] std::uint32_t bytes() const noexcept;
};

/// Rounds a line of grid points to the units of a zoom and cuts it at the buffered tiles that it
/// meets; empty if rounding leaves less than two points.
///
/// Cost   grows with the points and with the tiles along the line.
[[nodiscard]] std::vector<TileLine> tile_line(std::span<GridPoint const> line, std::uint32_t zoom,
                                              std::int32_t buffer);

} // namespace diaban::tiles::pyramid
