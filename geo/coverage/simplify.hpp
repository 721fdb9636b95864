#pragma once

#include "geo/coverage/arcs.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace diaban::geo::coverage {

/// How many of the `thresholds` each point of the arcs outlives: 0 is gone at the first, a point
/// that outlives all of them stays for good. The arcs at threshold k are those points that outlive
/// more than k: a filter, without computing anything again.
///
/// `thresholds`  twice the area of a triangle in square steps, rising: finest level first; at most
///               255.
/// Method   Visvalingam and Whyatt (1993), with triangle areas: the point whose triangle with its
///          neighbours is least goes first, once for all levels. Departures: a point goes only if
///          the closed triangle it sweeps holds no other point; importance is counted in
///          thresholds, not as an area; ties are broken by place.
/// Topology Ends of arcs stay. A coverage whose sides meet at points only keeps that at every
///          level: a side that replaces two can cross another only if a point of that other lies in
///          the triangle. Asked are this arc's points as they are now, and other arcs' as they
///          came: more than is needed, but it makes an arc's answer depend on the points around it
///          alone, not on any order. Arcs with both ends in common keep a point each, rings three:
///          nothing folds flat. Sides that met before may go on meeting.
/// Local    an arc's answer changes only with points inside its box.
/// Cost     n log n; some 0.3 µs a point on each of `threads` threads.
[[nodiscard]] std::vector<std::uint8_t>
outlived(Arcs const& arcs, std::span<double const> thresholds, unsigned threads);

/// The same by the points of the rings, in their order.
[[nodiscard]] std::vector<std::uint8_t> by_ring(Rings const& rings, Arcs const& arcs,
                                                std::span<std::uint8_t const> by_arc);

} // namespace diaban::geo::coverage
