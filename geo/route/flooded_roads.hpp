#pragma once

#include "geo/raster/grid.hpp"
#include "geo/route/road_graph.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace diaban::geo::route {

/// How a road stands to the ground.
enum class Footing : std::uint8_t {
    ground,
    bridge, ///< over the water; no water closes it unless its deck's level is known
    ford,   ///< made to be run over (cầu tràn, ngầm): closes at a limit of its own
};

/// By line of RoadLines.
struct RoadFootings {
    std::vector<Footing> kinds;
    /// The level of the deck in metres of the ground's datum; NaN: not known.
    std::vector<float> decks;

    static constexpr float no_deck = std::numeric_limits<float>::quiet_NaN();
};

/// Roads laid on a grid once, to be asked how deep the water over them is, frame after frame.
class FloodedRoads {
public:
    /// Lays every edge on the cells that it passes (see raster::cells_along).
    ///
    /// CRS      of the frame any that Transform knows.
    /// Borrows  `footings`.
    /// Cost     the cells along all roads, 4 bytes each.
    FloodedRoads(RoadGraph const& graph, RoadLines const& lines, raster::Frame const& frame,
                 RoadFootings const& footings);

    /// By edge, how deep water stands over it: the greatest of its cells. Over a bridge that is 0,
    /// over a deck whose level is known how far the water, `ground` + depth, stands above it.
    ///
    /// Units    metres; cells without data, and what lies outside the grid, count as dry.
    /// Shape    `depth` and `ground` are cells of the frame; `ground` may be empty: then decks are
    ///          not known. `over` is by edge.
    void depth_over(std::span<float const> depth, std::span<float const> ground,
                    std::span<float> over) const;

    /// Edges of which no cell lies in the grid.
    [[nodiscard]] std::size_t outside() const noexcept;

private:
    std::vector<std::uint32_t> m_begin; ///< by edge, and one past the last
    std::vector<std::uint32_t> m_cells;
    std::vector<std::uint32_t> m_line; ///< by edge
    RoadFootings const& m_footings;
};

/// How deep water may be that a vehicle passes, in metres.
struct WadingLimits {
    float road = 0.3F;
    float ford = 0.15F; ///< where water runs over a road; never more than `road` counts
};

/// Marks by edge what stays open: 1 where the water over it is no deeper than the limit.
/// Returns how many are closed.
std::size_t open_edges(RoadGraph const& graph, RoadFootings const& footings,
                       std::span<float const> over, WadingLimits limits,
                       std::span<std::uint8_t> open);

} // namespace diaban::geo::route
