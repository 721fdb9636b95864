#include "services/domain/generalised.hpp"

#include "geo/ops/simplify.hpp"
#include "tiles/mirror/row_geometry.hpp"
#include "tiles/pyramid/detail.hpp"

#include <cmath>

namespace diaban::services::domain {

namespace {

/// Half a pixel in degrees of longitude.
double tolerance_at(std::uint32_t zoom) noexcept {
    constexpr double pixels_of_world = 256;
    return std::ldexp(360.0 / pixels_of_world / 2, -static_cast<int>(zoom));
}

/// Whether the mirror knew the points of the feature at that zoom.
bool take_from_mirror(View const& view, geo::Feature& feature, std::uint32_t zoom) {
    auto const at = view.layer->find(feature.fid);
    if (!at || at->row >= at->run->located() || at->run->first_zooms.empty()) return false;
    bool const multi = feature.geometry.multi;
    tiles::mirror::read_geometry_at(*at->run, at->row, zoom, feature.geometry);
    feature.geometry.multi = feature.geometry.multi || multi;
    return true;
}

} // namespace

void generalise(View const* view, std::span<geo::Feature> features, std::uint32_t zoom) {
    if (zoom >= tiles::pyramid::full_detail_zoom) return;
    for (auto& feature : features) {
        if (feature.geometry.empty()) continue;
        if (view != nullptr && take_from_mirror(*view, feature, zoom)) continue;
        feature.geometry = geo::ops::simplified(feature.geometry, tolerance_at(zoom));
    }
}

} // namespace diaban::services::domain
