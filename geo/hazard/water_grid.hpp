#pragma once

#include "geo/hazard/flux_rows.hpp"
#include "geo/hazard/scenario.hpp"
#include "geo/raster/grid.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace diaban::geo::hazard {

/// One step of time, as all tiles take it.
struct StepPlan {
    FaceStep faces;
    float advance = 0;       ///< dt / cell side
    std::vector<float> rain; ///< m that fall in it, by zone; the first is that of no rain
    float infiltration = 0;  ///< m at most
    bool look = false;       ///< whether arrival, depth and hazard are noted at its end
    float seconds = 0;       ///< at its end
    float arrived = 0;       ///< m
};

/// What a tile was like after a step.
struct TileState {
    float deepest = 0;
    double soaked = 0; ///< m, summed over cells, that infiltrated in the step
};

/// Bed, water and discharges of a grid, tile by tile: each tile's cells lie together, with a frame
/// of its neighbours' cells around them, or of walls.
///
/// Step      all tiles first `fetch` what their neighbours are, then `advance` by themselves, each
/// in
///           place: in any order and on any thread. A tile computes what it needs of the faces and
///           cells around it once more, so that the borders of tiles leave no trace.
/// Heights   of the bed are above `datum`.
class WaterGrid {
public:
    explicit WaterGrid(Scenario const& scenario);

    [[nodiscard]] std::size_t tiles() const noexcept { return m_states.size(); }
    [[nodiscard]] std::int32_t tiles_across() const noexcept { return m_tiles_across; }
    [[nodiscard]] std::int32_t tiles_down() const noexcept { return m_tiles_down; }
    [[nodiscard]] std::size_t tile_of(Cell cell) const noexcept {
        return std::size_t(cell.row / m_tile_rows) * std::size_t(m_tiles_across) +
               std::size_t(cell.column / m_tile_columns);
    }
    [[nodiscard]] raster::Window window(std::size_t tile) const noexcept;
    [[nodiscard]] TileState const& state(std::size_t tile) const noexcept { return m_states[tile]; }
    [[nodiscard]] double datum() const noexcept { return m_datum; }
    [[nodiscard]] double side() const noexcept { return m_frame.width; }

    /// Brings water and discharges in a tile's frame up to date.
    void fetch(std::size_t tile) noexcept;
    /// What one thread keeps while it computes tiles.
    struct Scratch {
        std::vector<float> cells;
    };
    /// Takes a tile one step on.
    void advance(std::size_t tile, StepPlan const& plan, Scratch& scratch);
    /// Makes a tile dry and still.
    void still(std::size_t tile);

    /// All water of a cell (m).
    [[nodiscard]] double water(Cell cell) const noexcept {
        auto const i = index(cell);
        return double(m_depth[i]) + double(m_rest[i]);
    }
    /// Sets it. Returns by how much it changed (m); that is exact.
    double set_water(Cell cell, double metres) noexcept;
    /// Notes a cell's depth, as a look at its tile does, after it was set.
    void note(Cell cell, StepPlan const& plan) noexcept;
    /// Lets water pass an open cell's walls as it passes the opposite side: else the still faces
    /// would slow the flow behind them. No water goes through.
    void pass_walls(Cell cell) noexcept;

    [[nodiscard]] double bed(Cell cell) const noexcept { return double(m_bed[index(cell)]); }
    void set_bed(Cell cell, double above_datum) noexcept;
    [[nodiscard]] double friction(Cell cell) const noexcept;
    /// Where which rain of the scenario falls.
    void place_rain(Scenario const& scenario);

    /// All water (m, summed over cells).
    [[nodiscard]] double stored() const;
    /// Greatest Froude number where water is deeper than 0.1 m, and which part of that water moves
    /// faster than its waves.
    struct Froude {
        double greatest = 0;
        double faster = 0;
    };
    [[nodiscard]] Froude froude() const;
    [[nodiscard]] raster::Grid<float> depth() const { return plain(m_depth); }
    [[nodiscard]] raster::Grid<float> speed() const;
    [[nodiscard]] raster::Grid<float> arrival() const { return plain(m_arrival); }
    [[nodiscard]] raster::Grid<float> deepest() const { return plain(m_deepest); }
    [[nodiscard]] raster::Grid<float> hazard() const { return plain(m_hazard); }

private:
    class Tile;
    friend class Tile;

    /// Where a cell of a tile or of its frame lies.
    [[nodiscard]] std::size_t place(std::size_t tile, std::int32_t column,
                                    std::int32_t row) const noexcept {
        auto const across = std::size_t(m_tiles_across);
        auto const left = std::int32_t(tile % across) * m_tile_columns;
        auto const top = std::int32_t(tile / across) * m_tile_rows;
        return tile * m_tile_size + std::size_t(row - top + frame_before) * m_stride +
               std::size_t(column - left + frame_before);
    }
    [[nodiscard]] std::size_t index(Cell cell) const noexcept {
        return place(tile_of(cell), cell.column, cell.row);
    }
    /// Where the face behind a cell lies, east or south of it.
    [[nodiscard]] std::size_t index_behind(Cell cell, Cell behind) const noexcept {
        return m_frame.shape.holds(behind.column, behind.row)
                   ? index(behind)
                   : place(tile_of(cell), behind.column, behind.row);
    }
    [[nodiscard]] raster::Window framed(std::size_t tile) const noexcept;
    template <typename Copy>
    void around(std::size_t tile, Copy&& copy) const;
    [[nodiscard]] raster::Grid<float> plain(std::vector<float> const& tiled) const;
    void load(Scenario const& scenario);
    void load_frames();

    // Two cells before a tile and three behind it are looked at; rows are computed in runs of 16.
    static constexpr std::int32_t frame_before = 2;
    static constexpr std::int32_t frame_behind = 3;

    raster::Frame m_frame;
    double m_datum = 0;
    std::int32_t m_tile_columns;
    std::int32_t m_tile_rows;
    std::int32_t m_tiles_across;
    std::int32_t m_tiles_down;
    std::size_t m_stride;    ///< from row to row of a tile
    std::size_t m_tile_size; ///< from tile to tile
    std::vector<float> m_bed;
    std::vector<float> m_drag; ///< gravity · n², by cell; of one row where all are alike
    bool m_one_drag;
    std::vector<std::uint8_t> m_zones; ///< of rain, by cell; empty without rain
    std::vector<float> m_depth;
    std::vector<float> m_rest;
    std::vector<float> m_east;  ///< through the west face of a cell, positive eastwards
    std::vector<float> m_south; ///< through the north face of a cell, positive southwards
    std::vector<float> m_arrival;
    std::vector<float> m_deepest;
    std::vector<float> m_hazard;
    std::vector<TileState> m_states;
};

} // namespace diaban::geo::hazard
