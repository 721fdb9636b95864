#pragma once

#include "geo/raster/grid.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace diaban::geo::exposure {

/// Values that count: from the least on, below the greatest; no data never does.
struct ValueRange {
    double from = -std::numeric_limits<double>::infinity();
    double below = std::numeric_limits<double>::infinity();
};

/// Which cells of a grid are marked, a bit each: runs of cells are counted 64 at a time.
class MarkedCells {
public:
    /// None is marked.
    explicit MarkedCells(raster::Frame const& frame);

    [[nodiscard]] raster::Frame const& frame() const noexcept { return m_frame; }
    [[nodiscard]] bool holds(std::size_t cell) const noexcept {
        return (m_words[cell / 64] >> (cell % 64) & 1U) != 0;
    }
    /// How many of [begin, end) are marked.
    [[nodiscard]] std::uint64_t count(std::size_t begin, std::size_t end) const noexcept;

    /// Marks the cells whose values lie in `range`. `values` are of a grid that is a part of this
    /// one, as `place_in` says, with cells of so many of these a side.
    void mark(std::span<float const> values, raster::Window const& place, std::int32_t factor,
              ValueRange const& range);

private:
    void mark_row(float const* values, std::size_t first, std::size_t count, float from,
                  float below) noexcept;

    raster::Frame m_frame;
    std::vector<std::uint64_t> m_words;
};

/// Where a frame's cells lie in another: the window of the other's cells, and how many of them make
/// one of its own along each side.
struct Placed {
    raster::Window window;
    std::int32_t factor = 1;
};

/// Nothing where `part` is no part of `whole`, of the same CRS, with cells that are whole blocks of
/// its cells (to a millionth of a side).
[[nodiscard]] std::optional<Placed> place_in(raster::Frame const& whole,
                                             raster::Frame const& part) noexcept;

} // namespace diaban::geo::exposure
