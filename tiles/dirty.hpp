#pragma once

#include "tiles/cut.hpp"
#include "tiles/mirror/layer.hpp"
#include "tiles/tile_id.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace diaban::tiles {

/// A set of tiles, as the corners of a pyramid: single tiles, and tiles with everything below them.
///
/// Order    along the curve that visits a tile before its four children, north-west first; a tile's
///          descendants follow it without a gap.
class Cover {
public:
    struct Cell {
        TileId tile;
        bool with_descendants = false; ///< all tiles below it, down to the last zoom, too
    };

    void add(TileId tile, bool with_descendants) { m_cells.push_back({tile, with_descendants}); }
    /// Sorts; cells that others hold are dropped. Call once, after the last `add`.
    void finish();

    [[nodiscard]] std::span<Cell const> cells() const noexcept { return m_cells; }
    [[nodiscard]] bool empty() const noexcept { return m_cells.empty(); }
    /// Whether the set holds a tile. Cost: a binary search a zoom.
    [[nodiscard]] bool contains(TileId tile) const noexcept;

private:
    std::vector<Cell> m_cells;
};

/// Where a tile stands on the curve that visits a tile before its children: the interleaved bits of
/// its north-west corner at the last zoom, then its zoom. The descendants of a tile fill the keys
/// up to its `end_key`.
[[nodiscard]] std::uint64_t curve_key(TileId tile) noexcept;
/// The first key beyond a tile and its descendants.
[[nodiscard]] std::uint64_t curve_end(TileId tile) noexcept;

/// Adds to `cover` exactly the tiles, from the layer's lowest zoom to the last, that show a row or
/// its label: those that must be made anew when the row comes, goes or changes.
///
/// Exact   where rounding to tile units could decide, the cutter itself is asked.
/// Cost    grows with the tiles along the row's border, not with those inside it.
void add_cover(mirror::Layer const& layer, mirror::Layer::At at, CutOptions const& options,
               Cover& cover);

} // namespace diaban::tiles
