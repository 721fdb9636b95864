#pragma once

#include "geo/synthetic/random.hpp"

#include <cmath>
#include <cstdint>

namespace diaban::geo::synthetic {

/// Smooth noise in [-1, 1]: hashed values at whole numbers, eased between them.
///
/// `purpose` tells fields of one seed apart. Never steeper than 3 a unit along an axis.
[[nodiscard]] inline double noise(std::uint64_t seed, std::uint64_t purpose, double x,
                                  double y) noexcept {
    double const i = std::floor(x);
    double const j = std::floor(y);
    auto const at = [&](double di, double dj) {
        auto const u = static_cast<std::uint64_t>(static_cast<std::int64_t>(i + di));
        auto const v = static_cast<std::uint64_t>(static_cast<std::int64_t>(j + dj));
        return signed_unit(mix(seed, purpose, (v << 32) ^ (u & 0xffffffffU)));
    };
    auto const ease = [](double t) { return t * t * (3 - 2 * t); };
    double const s = ease(x - i);
    double const t = ease(y - j);
    double const south = at(0, 0) + s * (at(1, 0) - at(0, 0));
    double const north = at(0, 1) + s * (at(1, 1) - at(0, 1));
    return south + t * (north - south);
}

} // namespace diaban::geo::synthetic
