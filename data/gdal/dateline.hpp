#pragma once

#include "geo/geometry.hpp"

namespace diaban::data::gdal {

/// Brings longitudes beyond ±180° back, splitting what crosses.
///
/// Points    shifted by whole turns into [-180, 180].
/// Lines     cut where they pass ±180°. Two positions more than 180° apart are joined the short way
///           round; the latitude of a cut lies on the straight line in degrees.
/// Polygons  cut where a ring leaves [-180, 180]; a ring that stays inside is left as it is,
/// however
///           wide its steps. A polygon that is not valid is left as it is too.
/// CRS       EPSG:4326, |longitude| ≤ 720.
/// Gives     whether anything changed.
bool split_at_antimeridian(geo::Geometry& geometry);

} // namespace diaban::data::gdal
