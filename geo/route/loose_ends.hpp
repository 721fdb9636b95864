#pragma once

#include "geo/route/road_graph.hpp"

#include <cstdint>
#include <vector>

namespace diaban::geo::route {

/// Lengthens lines whose ends meet no other line to the nearest place on another one, as long as
/// that is no farther than `within` metres: roads that were drawn short of their junction. Under
/// Joins::shared they meet there. What was drawn apart because it is apart is joined as well: for a
/// few metres, not for hundreds.
///
/// Feet      of links are positions of the lines that they meet from then on.
/// Nearest   on the tangent plane there: exact to 1e-4.
/// Links     are added to `lines` behind all others, both ways, at the speed of the line.
/// Gives     by link the line that it lengthens.
/// Cost      n log n in the positions, and a search an end.
std::vector<std::uint32_t> join_loose_ends(RoadLines& lines, double within);

} // namespace diaban::geo::route
