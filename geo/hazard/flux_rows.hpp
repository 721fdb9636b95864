#pragma once

#include <cstdint>

// The inner loops of the inundation solver: one row of faces or cells each. Pointers are to element
// 0 of a row in one frame that is shared by cells and faces; x-face i lies west of cell i, y-face i
// north of it. Loops run over [begin, end). Every sum is rounded as written (no contraction), so
// that all instruction sets give the same bits.

namespace diaban::geo::hazard {

inline constexpr float gravity = 9.80665F;

/// Depth over a face (m) below which nothing passes it.
inline constexpr float still_depth = 1e-6F;

/// What one step of time needs to know of faces.
struct FaceStep {
    float pull = 0;  ///< gravity · dt / cell side
    float drag = 0;  ///< dt / 2: the drag of a face is the mean of its two cells'
    float own = 1;   ///< weight of a face's own discharge, de Almeida's θ
    float sides = 0; ///< of each of its two neighbours along the flow, (1 − θ) / 2
};

/// Discharges (m²/s) through the west faces of a row's cells.
///
/// `drag` of a cell is gravity · n²; `north`, `south` are the old discharges through the y-faces
/// above and below the row.
void flux_east(FaceStep const& step, float const* bed, float const* depth, float const* drag,
               float const* old, float const* north, float const* south, float* flux,
               std::int32_t begin, std::int32_t end) noexcept;

/// Discharges through the faces between an upper row of cells and a lower one. `before`, `old`,
/// `after` are the old discharges through the faces one row up, here, and one row down;
/// `upper`, `lower` those through the x-faces of the two rows.
struct TwoRows {
    float const* bed[2];
    float const* depth[2];
    float const* drag[2];
    float const* cross[2];
    float const* before;
    float const* old;
    float const* after;
};
void flux_south(FaceStep const& step, TwoRows const& rows, float* flux, std::int32_t begin,
                std::int32_t end) noexcept;

/// The faces around a row of cells.
struct RowFaces {
    float const* east;  ///< x-faces; i is a cell's west one, i + 1 its east one
    float const* north; ///< y-faces above
    float const* south; ///< y-faces below
};

/// Whether any cell would lose more than it holds; `advance` is dt / cell side.
[[nodiscard]] bool overdrawn(float advance, float const* depth, RowFaces const& faces,
                             std::int32_t begin, std::int32_t end) noexcept;

/// By cell: which part of what would leave it can leave it.
void shares(float advance, float const* depth, RowFaces const& faces, float* share,
            std::int32_t begin, std::int32_t end) noexcept;

/// Cuts each flux to the share of the cell that it comes from: the one before the face if it is
/// positive, else the one behind.
void cut_fluxes(float const* share_before, float const* share_behind, float* flux,
                std::int32_t begin, std::int32_t end) noexcept;

/// A row of cells that is taken a step on, in place. `rest` holds by cell what rounding left out of
/// its depth so far: depth and rest together keep every drop.
struct RowState {
    float* depth;
    float* rest;
    float* east;  ///< discharges through the cells' west faces
    float* south; ///< and through their north faces
};

/// New depths of a row, and its new discharges from `faces`; `rain` is what falls on each cell (m).
///
/// Returns the greatest new depth.
float balance(float advance, float const* rain, RowFaces const& faces, RowState const& state,
              std::int32_t begin, std::int32_t end) noexcept;

/// What falls on each cell of a row: `metres` where `zone` is not 0.
void rain_on(float metres, std::uint8_t const* zone, float* rain, std::int32_t begin,
             std::int32_t end) noexcept;

/// Takes up to `most` (m) from each cell; returns the sum of what was taken.
double soak(float most, float* rest, float* depth, std::int32_t begin, std::int32_t end) noexcept;

/// What is remembered of a row's cells while water moves.
struct RowMemory {
    float* arrival; ///< s; infinite before water comes
    float* deepest; ///< m
    float* hazard;  ///< greatest depth times speed, m²/s
};

/// Notes the state of a row at `seconds`; water has come where it is deeper than `arrived`.
void remember(float seconds, float arrived, float const* depth, RowFaces const& faces,
              RowMemory const& memory, std::int32_t begin, std::int32_t end) noexcept;

} // namespace diaban::geo::hazard
