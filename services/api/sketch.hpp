#pragma once

#include "geo/feature.hpp"
#include "services/http/messages.hpp"

#include <span>
#include <string>

namespace diaban::services::api {

/// A small map of some features as inline SVG: their shapes on an empty ground, north up, scaled
/// alike in both directions at the middle latitude, with a bar of known length. For pages without
/// script. Empty if nothing has a geometry.
///
/// CRS    EPSG:4326; points closer than half a pixel to the one before are left out.
/// Size   at most 400 KB: features beyond that are not drawn, and the caption says how many are.
[[nodiscard]] std::string sketch(std::span<geo::Feature const> features, http::Language language);

} // namespace diaban::services::api
