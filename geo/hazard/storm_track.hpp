#pragma once

#include "geo/feature.hpp"
#include "geo/geometry.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace diaban::geo::hazard {

/// Where a path comes nearest to a place.
struct Approach {
    double metres = 0;       ///< WGS 84 geodesic; 0 where the path enters the place
    Position on_path;        ///< EPSG:4326
    Position at_place;       ///< likewise; the same where the path enters
    std::size_t segment = 0; ///< of the path: from position `segment` to the next
    double share = 0;        ///< of that segment's length, 0 … 1
};

/// A place, made ready to be asked about many paths.
///
/// CRS       EPSG:4326; edges of place and paths are geodesics. Paths may run past 180°.
class NearPlace {
public:
    /// Not checked: that the shape is valid. An empty one is near nothing.
    explicit NearPlace(Geometry shape);

    /// The nearest approach of a path of one position or more; where it enters a polygon, the first
    /// position of the path that lies in it. Nothing where the path or the place is empty.
    ///
    /// Method    two geodesics that do not cross are nearest at an end of one of them: ends against
    ///           edges (geo/ops/nearest), both ways. Crossings are looked for with edges straight
    ///           in degrees, on pieces of both of at most 5 km: 20 cm beside the geodesic at 20°.
    /// Accuracy  some millimetres for the distance; where a path enters it is within a metre of
    ///           the place.
    /// Cost      some milliseconds for 10,000 positions of the place and 50 of the path.
    [[nodiscard]] std::optional<Approach> approach(std::span<Position const> path) const;

    [[nodiscard]] Box const& box() const noexcept { return m_box; }

private:
    [[nodiscard]] bool holds(Position p) const;

    Geometry m_shape;
    Box m_box;
    std::vector<Geometry> m_runs; ///< of edges, each a line; of points, each a point
    struct Round {
        Position middle;
        double radius;
    };
    std::vector<Round> m_rounds; ///< a circle around each run
};

/// A storm's centre at an instant.
struct Fix {
    Instant at;
    Position centre;            ///< EPSG:4326
    std::optional<double> wind; ///< m/s, mean of the averaging period that its source has
};

/// Seconds from a storm's fix to another.
[[nodiscard]] constexpr double seconds_between(Instant a, Instant b) noexcept {
    return double(b.microseconds - a.microseconds) / 1e6;
}

/// Where a storm is between two of its fixes: along the geodesic at an even speed, its wind in
/// proportion where both have one. `share` 0 … 1 of the time.
[[nodiscard]] Fix between(Fix const& a, Fix const& b, double share);

/// Where a storm is at an instant; nothing before its first fix and after its last.
/// Not checked: that fixes are in the order of their times.
[[nodiscard]] std::optional<Fix> fix_at(std::span<Fix const> fixes, Instant at);

/// How a storm moves at an instant of its track.
struct Motion {
    double speed = 0;   ///< m/s
    double heading = 0; ///< degrees clockwise from north, 0 ≤ … < 360
};
/// From the fixes on both sides; still where there is but one.
[[nodiscard]] Motion motion_at(std::span<Fix const> fixes, Instant at);

} // namespace diaban::geo::hazard
