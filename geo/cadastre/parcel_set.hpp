#pragma once

#include "geo/geometry.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace diaban::geo::cadastre {

/// Parcels side by side in one planar CRS (metres), as flat arrays: a million take some 300 MB.
///
/// Rings     closed, of any winding; the first of each part is its exterior.
/// Sheet     a number of the caller's for (commune, sheet); parcel numbers are unique within it.
/// Label     where the sheet writes the parcel's number; NaN where it says nothing.
struct ParcelSet {
    std::vector<Position> positions;
    std::vector<std::uint32_t> ring_begin{0};   ///< into positions
    std::vector<std::uint8_t> ring_is_hole;     ///< by ring
    std::vector<std::uint32_t> parcel_begin{0}; ///< into rings
    std::vector<std::uint32_t> sheet;
    std::vector<std::int64_t> number;
    std::vector<Position> label;

    [[nodiscard]] std::size_t size() const noexcept { return parcel_begin.size() - 1; }

    /// Limit     2^31 positions in all.
    void add(Geometry const& outline, std::uint32_t of_sheet, std::int64_t with_number,
             std::optional<Position> labelled_at = std::nullopt);

    [[nodiscard]] std::span<Position const> ring(std::size_t r) const noexcept {
        return std::span{positions}.subspan(ring_begin[r], ring_begin[r + 1] - ring_begin[r]);
    }
    /// The parcel's own positions, all rings.
    [[nodiscard]] std::span<Position const> outline(std::size_t parcel) const noexcept {
        auto const begin = ring_begin[parcel_begin[parcel]];
        return std::span{positions}.subspan(begin, ring_begin[parcel_begin[parcel + 1]] - begin);
    }
    [[nodiscard]] Box box(std::size_t parcel) const noexcept;
    /// Writes the parcel as a geometry, reusing the memory of `into`.
    void geometry(std::size_t parcel, Geometry& into) const;
    /// Whether `p` lies in the parcel; its border counts as inside. Exact on the doubles.
    [[nodiscard]] bool holds(std::size_t parcel, Position p) const noexcept;
    /// Which parcel the position of that index belongs to.
    [[nodiscard]] std::uint32_t owner(std::uint32_t position) const noexcept;
};

/// A point as a geometry.
[[nodiscard]] inline Geometry point_geometry(Position p) {
    Geometry point;
    point.kind = GeometryKind::point;
    point.positions = {p};
    return point;
}

} // namespace diaban::geo::cadastre
