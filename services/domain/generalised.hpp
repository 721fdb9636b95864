#pragma once

#include "geo/feature.hpp"
#include "services/domain/picture.hpp"

#include <cstdint>
#include <span>

namespace diaban::services::domain {

/// Gives each feature, whose geometry is the record's, the geometry that suits `zoom`.
///
/// Full       from zoom 17 up, where a pixel is 1.2 m: the record's own.
/// Coverages  collections that keep their outlines (places): the mirror's points of that zoom, so
///            that neighbours leave out the same points and nothing gapes.
/// Others     each by itself: lines and polygons with half a pixel of tolerance (256 pixels a
///            tile); valid, but borders may gape by that. Points stay.
///
/// `view`     null: of a past that no mirror knows; then each goes by itself.
void generalise(View const* view, std::span<geo::Feature> features, std::uint32_t zoom);

} // namespace diaban::services::domain
