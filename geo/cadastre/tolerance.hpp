#pragma once

#include <cmath>

namespace diaban::geo::cadastre {

/// How far a parcel's area by its corners may lie from what its papers say, in m².
///
/// `coefficient`  the dated rule `area-tolerance`: of the form k · M · √P, M the sheet's scale
///                denominator, P the area in m².
[[nodiscard]] inline double allowed_area_difference(double coefficient, double scale,
                                                    double area_m2) noexcept {
    return coefficient * scale * std::sqrt(area_m2);
}

/// Whether the papers stand unquestioned. Bounds count as within.
[[nodiscard]] inline bool area_agrees(double legal_m2, double computed_m2,
                                      double allowed_m2) noexcept {
    return std::abs(legal_m2 - computed_m2) <= allowed_m2;
}

} // namespace diaban::geo::cadastre
