#pragma once

#include "geo/geometry.hpp"

#include <string>

namespace diaban::data::gdal {

/// Where a CRS is meant to be used, in degrees; the whole Earth where EPSG does not say.
struct CrsExtent {
    std::string name;
    geo::Box degrees; ///< min_x > max_x: across the antimeridian
};

/// Throws    Error{bad_input, "unknown-crs"}.
CrsExtent crs_extent(int srid);

/// Reads `EPSG:4326` or `4326`.
/// Throws    Error{bad_input, "unknown-crs"}.
int read_srid(std::string const& text);

} // namespace diaban::data::gdal
