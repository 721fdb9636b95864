#pragma once

#include <optional>
#include <string>

namespace diaban::data::gdal {

/// Name of the vertical CRS EPSG:`srid` ("Hon Dau 1992 height"); nothing where that is none, or one
/// whose heights are not in metres upwards.
[[nodiscard]] std::optional<std::string> vertical_crs_name(int srid);

} // namespace diaban::data::gdal
