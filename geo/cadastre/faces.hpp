#pragma once

#include "geo/cadastre/loose_edges.hpp"
#include "geo/cadastre/parcel_index.hpp"
#include "geo/cadastre/topology.hpp"

#include <span>
#include <vector>

namespace diaban::geo::cadastre {

/// Overlaps, gaps, slivers and edge mismatches of a coverage, from its loose edges.
///
/// Order   none that is promised.
[[nodiscard]] std::vector<TopologyFinding> area_faults(ParcelSet const& parcels,
                                                       ParcelIndex const& index,
                                                       std::span<LooseEdge const> edges,
                                                       TopologyOptions const& options);

/// Corners of one sheet that lie on an edge of another where that has none, within a millimetre:
/// nothing gapes there yet, but the next change will.
[[nodiscard]] std::vector<TopologyFinding> unmatched_corners(ParcelSet const& parcels,
                                                             std::span<LooseEdge const> edges);

} // namespace diaban::geo::cadastre
