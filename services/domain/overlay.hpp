#pragma once

#include "data/postgis/feature_store.hpp"
#include "geo/feature.hpp"
#include "geo/geometry.hpp"
#include "geo/period.hpp"
#include "geo/policy.hpp"
#include "services/domain/picture.hpp"

#include <vector>

namespace diaban::services::domain {

/// A polygon of a collection that covers some of a shape.
struct OverlayPart {
    geo::Feature feature; ///< without its geometry; values as `model::visible` has them
    double area_m2 = 0;   ///< of the common ground
    double share = 0;     ///< of the shape's area
};

/// What a collection covers of a shape.
struct Overlay {
    std::vector<OverlayPart> parts; ///< largest first, then by fid
    double covered_m2 = 0;          ///< by any of them, ground that several cover counted once
    double share = 0;
};

/// Ground that a polygon has in common with those of a collection at a time.
///
/// Method    the mirror finds whose box meets; GEOS overlays the record's doubles, edges straight
///           in degrees; areas are on the WGS 84 ellipsoid. Not exact to the letter of a sheet: the
///           areas of parcels are those of their own plane.
/// CRS       `shape` a polygon of EPSG:4326.
/// Throws    Error{too_large, "overlay-too-large"} beyond 5,000 polygons that meet its box.
[[nodiscard]] Overlay overlay_of(geo::Geometry const& shape, View const& over,
                                 data::postgis::FeatureStore const& store,
                                 geo::Period const& period, geo::Policy const& policy);

} // namespace diaban::services::domain
