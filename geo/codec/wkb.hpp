#pragma once

#include "geo/geometry.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace diaban::geo::codec {

/// Reads one geometry of ISO or extended (PostGIS) well-known binary into `into`, whose memory is
/// reused: reading a million rows into one Geometry allocates a handful of times.
///
/// Accepts   points, lines, polygons and their Multi forms; both byte orders, also mixed; Z and M
///           in either notation are read past and dropped.
/// SRID      from the extended header, else 0; members' own SRIDs are ignored.
/// Empty     POINT of NaNs, no members, no rings: a kind without positions. Empty members vanish.
/// Throws    Error{bad_input, "bad-wkb"} with `reason` and `offset` for anything else: collections,
///           curves, counts beyond the bytes that are left, empty exteriors with holes, bytes left
///           over. `into` is unspecified then. No count is trusted before it is checked.
/// Not checked: finite coordinates, closed rings. geo/ops/validate does.
void read_wkb(std::span<std::byte const> bytes, Geometry& into);

/// Appends `geometry` as little-endian extended well-known binary; the SRID flag is set unless
/// `srid` is 0. Several members without `multi` are written as the Multi form.
///
/// Throws    Error{bad_input, "no-geometry"} for GeometryKind::none.
void append_ewkb(std::vector<std::byte>& out, Geometry const& geometry);

} // namespace diaban::geo::codec
