#pragma once

struct geod_geodesic; // of PROJ's geodesic.h

namespace diaban::geo::ops {

/// WGS 84 (EPSG:7030), ready for PROJ's geodesics.
[[nodiscard]] geod_geodesic const& wgs84() noexcept;

} // namespace diaban::geo::ops
