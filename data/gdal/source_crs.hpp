#pragma once

#include <string>

class OGRSpatialReference;

namespace diaban::data::gdal {

/// What a layer's coordinates are in.
struct SourceCrs {
    int srid = 0; ///< EPSG code; 0: none said, -1: none that fits
    std::string name;
    bool swap_axes = false; ///< they come as northing, easting or latitude, longitude
};

/// Names `crs` (null: none) by an EPSG code: its own, or the one whose definition fits.
///
/// Vertical parts and TOWGS84 parameters are left aside. A Transverse Mercator of VN-2000 with
/// scale 0.9999 and false easting 500 000 m is named by its central meridian, as the sheets' own
/// files seldom carry a code.
SourceCrs source_crs(OGRSpatialReference const* crs);

} // namespace diaban::data::gdal
