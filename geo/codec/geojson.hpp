#pragma once

#include "geo/codec/coordinates.hpp"
#include "geo/geometry.hpp"

#include <string>
#include <string_view>

namespace diaban::geo::codec {

/// Appends `geometry` as an RFC 7946 geometry object; an empty one as `null`.
///
/// CRS       the caller's affair: RFC 7946 means WGS 84 longitude, latitude; OGC API allows others.
/// Numbers   as `form` says; by default longitude first, in the shortest decimal that reads back as
///           the same double.
/// Winding   exteriors counter-clockwise, holes clockwise, as the RFC demands (section 3.1.6), on
///           the ground, whichever axis is written first: a ring stored the other way is written
///           backwards. Its first position stays first.
/// Throws    Error{internal, "non-finite-coordinate"}: JSON has no word for it.
void append_geojson(std::string& out, Geometry const& geometry, CoordinateForm form = {});

/// Reads an RFC 7946 geometry object (not a Feature), srid 4326.
///
/// Accepts   the six simple types and `null` (GeometryKind::none); a third and later numbers of a
///           position are dropped; unknown members are ignored.
/// Throws    Error{bad_input, "bad-geojson"} with `reason`: not JSON, wrong nesting, a collection,
///           rings of fewer than four positions or not closed, lines of fewer than two, or an
///           old-style `crs` member that names anything but WGS 84.
Geometry read_geojson(std::string_view text);

} // namespace diaban::geo::codec
