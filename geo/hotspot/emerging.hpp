#pragma once

#include "geo/hotspot/significance.hpp"
#include "geo/raster/grid.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace diaban::geo::hotspot {

/// How a place's hot times follow each other, as emerging hot spot analysis has them. "Mostly" is
/// at least nine tenths of all times.
enum class Pattern : std::uint8_t {
    none,         ///< none of the others
    fresh,        ///< the last time alone
    consecutive,  ///< two or more last times without a gap, none before, not mostly
    intensifying, ///< mostly, the last among them, and z rises
    persistent,   ///< mostly, z neither rises nor falls
    diminishing,  ///< mostly, the last among them, and z falls
    sporadic,     ///< the last and others, not mostly, and never the opposite
    oscillating,  ///< the last, not mostly, and the opposite at some time before
    historical,   ///< mostly, but not the last
};

[[nodiscard]] std::string_view to_string(Pattern pattern) noexcept;

/// A place through all times.
struct Place {
    Pattern pattern = Pattern::none;
    bool hot = true; ///< else cold
    std::size_t hot_times = 0;
    std::size_t cold_times = 0;
    Trend trend; ///< of z
    double last_z = 0;
    double last_adjusted_p = 1;
};

struct Cube {
    raster::Shape shape;
    std::size_t times = 0;
};

/// Hot and cold spots in space and time: Gi* over the neighbours within `band` cells and `back`
/// times before, p adjusted over all cells and times together, and Mann–Kendall of each place's z.
///
/// `values`  one grid behind the other, by time; NaN: the place is no part of it.
/// `level`   adjusted p at most so high is significant; the trend's own p too.
[[nodiscard]] std::vector<Place> find_emerging(Cube const& cube, std::span<double const> values,
                                               double band, std::size_t back, double level);

} // namespace diaban::geo::hotspot
