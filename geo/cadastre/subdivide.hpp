#pragma once

#include "geo/geometry.hpp"

#include <span>
#include <vector>

namespace diaban::geo::cadastre {

/// The parts of a parcel on the two sides of a line, largest first; one part if the line does not
/// cut it. Corners of the parcel stay the doubles that they are; new ones lie where the line meets
/// its sides.
///
/// CRS      planar, the sheet's.
/// Line     two positions or more; its ends must lie outside the parcel, or it cuts nothing there.
[[nodiscard]] std::vector<Geometry> cut(Geometry const& parcel, std::span<Position const> line);

/// A line in the direction `azimuth` (degrees clockwise from grid north) that cuts off `area_m2` to
/// its left, within 0.1 mm of place.
///
/// Throws   Error{bad_input, "cut-area"} if the parcel has not more than that area.
[[nodiscard]] std::vector<Position> line_cutting_off(Geometry const& parcel, double area_m2,
                                                     double azimuth);

/// Several parcels as one: nothing unless they make one polygon together.
[[nodiscard]] Geometry merged(std::span<Geometry const> parcels);

/// Length of the border that two parcels have in common, in units of the CRS; borders count as
/// common within 1 mm.
[[nodiscard]] double common_border(Geometry const& a, Geometry const& b);

} // namespace diaban::geo::cadastre
