#pragma once

#include "geo/geometry.hpp"

#include <string>

namespace diaban::geo::codec {

/// The geohash of a longitude and latitude, `length` characters long; 12 name a field of 3.7 cm by
/// 1.9 cm at the equator. Longitude and latitude are halved in turn, longitude first, five bits a
/// character of `0123456789bcdefghjkmnpqrstuvwxyz`.
///
/// Not checked: that `p` lies within ±180, ±90; what lies beyond gets the edge's.
[[nodiscard]] std::string geohash(Position p, unsigned length);

} // namespace diaban::geo::codec
