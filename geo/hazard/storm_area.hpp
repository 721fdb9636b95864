#pragma once

#include "geo/geometry.hpp"
#include "geo/hazard/storm_track.hpp"
#include "geo/hazard/wind_profile.hpp"

#include <optional>
#include <span>

namespace diaban::geo::hazard {

/// A circle of the ellipsoid.
struct Circle {
    Position centre;   ///< EPSG:4326
    double radius = 0; ///< m, 0 … 1,500,000
};

/// All that circles sweep whose centre goes from each to the next along the geodesic while the
/// radius changes evenly: a forecast's cone, or with one radius the swath beside a track.
/// EPSG:4326, valid; circles that touch nothing else stand alone.
///
/// Method    pieces of at most 50 km, each the hull of its two circles (of the tangents' outer
/// side,
///           convex by great circles), united.
/// Accuracy  circles have a corner every 2.5°, on the circle: the area falls short by at most
///           0.04 % of a circle's; tangents lie within a metre for radii up to 100 km.
/// Empty     no circles.
[[nodiscard]] Geometry swept(std::span<Circle const> circles);

/// When a wind is met at a place.
struct Arrival {
    std::optional<Instant> begins; ///< nothing: it is never reached
    std::optional<Instant> ends;   ///< the last instant of it; of the track's, if it lasts so long
    double most = 0;               ///< m/s: the highest there
    Instant most_at;
};

/// A storm on its way: what its fixes do not say of its wind.
struct StormShape {
    double b = 1.75;
    std::optional<double> radius; ///< m, of the highest wind; else usual_radius
    double outer_wind = 17;       ///< m/s
    double outer_radius = 0;      ///< m; 0: not known
    double share = 0.55;          ///< of the movement, see MovingStorm
};

/// The storm at an instant of its track; nothing outside the track or where its wind is not known.
[[nodiscard]] std::optional<MovingStorm> storm_at(std::span<Fix const> fixes,
                                                  StormShape const& shape, Instant at);

/// When a wind of `wind` m/s first and last blows at any of `places`, and the highest wind there.
///
/// Method    the storm between its fixes as storm_at has it, looked at every ten minutes, then the
///           beginning and the end by halving.
/// Accuracy  a second for what lasts ten minutes or more; shorter gusts of a passing centre may be
///           missed.
/// Highest   is that of the looks, the calmer ones aside; not known where the wind never blows.
/// Cost      places are looked at one by one only where bounds of all of them do not decide.
[[nodiscard]] Arrival wind_arrival(std::span<Fix const> fixes, StormShape const& shape,
                                   std::span<Position const> places, double wind);

} // namespace diaban::geo::hazard
