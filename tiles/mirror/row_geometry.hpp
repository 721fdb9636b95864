#pragma once

#include "geo/geometry.hpp"
#include "tiles/mirror/run.hpp"

#include <cstdint>

namespace diaban::tiles::mirror {

/// The grid's geometry of row `row` in EPSG:4326, nested as in the record. Not checked: that the
/// row has one.
void read_geometry(Run const& run, std::uint32_t row, geo::Geometry& into);

/// The same with those points alone that tiles of `zoom` draw, not rounded to their units: valid,
/// and neighbours leave out the same points of the border that they share. For runs whose points
/// have first zooms.
void read_geometry_at(Run const& run, std::uint32_t row, std::uint32_t zoom, geo::Geometry& into);

} // namespace diaban::tiles::mirror
