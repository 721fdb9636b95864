#pragma once

#include "geo/geometry.hpp"
#include "geo/raster/grid.hpp"
#include "geo/terrain/d8.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace diaban::geo::terrain {

/// A reach of a stream: from a spring or a confluence down to the cell before the next confluence.
struct StreamLink {
    std::vector<std::uint32_t> cells;        ///< downstream; a confluence is the first of its link
    std::optional<std::uint32_t> downstream; ///< number of the link that this one flows into
    int order = 1;                           ///< Strahler's
};

/// Marks as streams the cells through which at least `least` cells drain.
void mark_streams(std::span<std::uint32_t const> accumulation, std::uint32_t least,
                  std::span<std::uint8_t> streams) noexcept;

/// The links of the streams that are marked (not 0), in the order of their first cells.
///
/// Order    Strahler 1957: a spring's is 1; where the highest order comes in once it goes on, where
///          it comes in twice or more it rises by one.
/// Memory   one byte a cell, and the streams.
/// Throws   Error{bad_input, "circular-flow"}.
[[nodiscard]] std::vector<StreamLink> stream_links(raster::Shape shape,
                                                   std::span<Direction const> directions,
                                                   std::span<std::uint8_t const> streams);

/// By cell: 1 + the number of the first link that its water meets, 0 where it meets none.
/// Throws   as carry_upstream does.
void basins(raster::Shape shape, std::span<Direction const> directions,
            std::span<StreamLink const> links, std::span<std::uint32_t> numbers, unsigned threads);

/// A link as a line through the centres of its cells, on to the first of the next link; a link of
/// one cell that flows into none is a line of two equal positions.
[[nodiscard]] Geometry line_of(raster::Frame const& frame, std::span<StreamLink const> links,
                               std::size_t link);

} // namespace diaban::geo::terrain
