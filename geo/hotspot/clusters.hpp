#pragma once

#include "geo/geometry.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace diaban::geo::hotspot {

/// What makes events a cluster.
struct Closeness {
    double metres = 0;     ///< at most so far apart …
    double seconds = 0;    ///< … and so long; infinity: time does not matter
    std::size_t least = 5; ///< events near each other, itself among them, that make a core
};

/// The cluster of each event.
struct Clusters {
    static constexpr std::int32_t noise = -1;
    std::vector<std::int32_t> of; ///< 0 … count − 1, in the order of their first events; or noise
    std::vector<bool> core;       ///< whether it has `least` neighbours
    std::int32_t count = 0;
};

/// Density-based clusters in space and time (Birant and Kut 2007, ST-DBSCAN, without their
/// threshold on values; DBSCAN, Ester et al. 1996, where time does not matter).
///
/// Cores near each other are of one cluster. An event that is no core but near one belongs to the
/// cluster of the nearest, of two alike to that of the earlier in order: no answer depends on the
/// order of a walk.
/// `positions`  in the plane, metres; `times` seconds, one each; NaN is near no time, its own
/// neither. Cost         the pairs that are near in space. Throws       Error{bad_input,
/// "bad-parameter"} unless metres > 0, seconds ≥ 0, least ≥ 1.
[[nodiscard]] Clusters find_clusters(std::span<Position const> positions,
                                     std::span<double const> times, Closeness const& closeness);

} // namespace diaban::geo::hotspot
