#pragma once

#include "geo/hotspot/lattice.hpp"
#include "services/domain/chosen.hpp"
#include "tiles/mirror/partition.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>

namespace diaban::services::domain {

/// Points of a cell or unit, and what they count together.
struct HeatCell {
    std::uint64_t count = 0;
    double weight = 0;
};

/// Points counted by the cell that holds each: every point once.
struct HeatCells {
    std::map<geo::hotspot::LatticeCell, HeatCell> cells;
    HeatCell all;
    std::uint64_t unlocated = 0; ///< rows without geometry
};

/// The same by units.
struct HeatUnits {
    std::map<std::uint32_t, HeatCell> units; ///< by part
    HeatCell all;
    HeatCell elsewhere; ///< in no unit
    std::uint64_t unlocated = 0;
};

/// `weight`  as heat has it (HeatQuestion): points whose weight is not above 0 are left out.
/// Throws    Error{too_large, "too-many-parts"} beyond `most` cells.
/// Cost      a pass over the points.
[[nodiscard]] HeatCells cells_of(std::span<ChosenRows const> chosen, geo::Field const* weight,
                                 geo::hotspot::Lattice const& lattice, std::size_t most);
[[nodiscard]] HeatUnits units_of(std::span<ChosenRows const> chosen, geo::Field const* weight,
                                 tiles::mirror::Partition const& units);

} // namespace diaban::services::domain
