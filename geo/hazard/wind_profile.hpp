#pragma once

#include "geo/geometry.hpp"

#include <cstdint>
#include <span>

namespace diaban::geo::hazard {

/// The wind that balances a storm's pressure, over distance from its centre.
struct Holland1980 {
    double pressure_drop = 0; ///< Pa, from far away to the centre
    double radius = 0;        ///< m, of the highest wind
    double b = 0;             ///< Holland's B: 1 … 2.5
    double latitude = 0;      ///< degrees; north or south
    double density = 1.15;    ///< of the air, kg/m³ (Holland 1980)
};

/// Gradient wind in m/s, above the ground's friction; 0 at the centre.
///
/// Method    Holland 1980, eq. 5: √(B/ρ·Δp·q·e^(−q) + (rf/2)²) − rf/2 with q = (R/r)^B.
/// Not checked: that pressure_drop, radius and b are positive.
[[nodiscard]] double gradient_wind(Holland1980 const& storm, double metres) noexcept;

/// The wind near the ground, from its highest and from one more that is known farther out.
struct Holland2010 {
    double highest = 0;      ///< m/s
    double radius = 0;       ///< m, of the highest wind
    double b = 0;            ///< Holland's B near the ground
    double outer_wind = 17;  ///< m/s, below `highest`, at …
    double outer_radius = 0; ///< … m, beyond `radius`; 0: no more is known
};

/// Surface wind in m/s; 0 at the centre. Its averaging period is that of `highest`.
///
/// Method    Holland, Belanger and Fritz 2010, eq. 6: highest·(q·e^(1−q))^x, x = 0.5 out to the
///           radius, then straight to what the outer wind asks for, and on beyond it; 0.5
///           everywhere where no outer wind is known.
/// Departs   x is kept at 0 at least: below, winds would grow again far out.
/// Not checked: that radius, b and winds are positive.
[[nodiscard]] double surface_wind(Holland2010 const& storm, double metres) noexcept;

/// A storm at one instant, with its movement.
struct MovingStorm {
    Position centre;     ///< EPSG:4326
    Holland2010 shape;   ///< `highest` as it is told: with the movement in it
    double speed = 0;    ///< m/s over the ground
    double heading = 0;  ///< degrees clockwise from north
    double share = 0.55; ///< of the movement that adds to the wind at the radius of the highest
};

/// Wind at a distance in a direction (degrees clockwise from north) from the centre, m/s.
///
/// Method    the storm's own wind is what of the highest the movement leaves; the movement is added
///           as a vector, a share of it out to the radius of the highest wind and less beyond
///           (radius/r). So the highest is met right of the track (left of it in the south).
/// Share     0.55 of the speed, Lin and Chavas 2012; an input like all else.
/// Outer     a wind that the storm without its movement has not is left out.
/// Inflow    none: the storm's own wind blows along circles.
[[nodiscard]] double wind_at(MovingStorm const& storm, double bearing, double metres) noexcept;

/// The same at a position. Geodesic distance and azimuth, WGS 84.
[[nodiscard]] double wind_at(MovingStorm const& storm, Position at);

/// How far a wind of `wind` m/s reaches in a direction, in metres: out from the radius of the
/// highest to where it first falls below; 0 where it is met nowhere that way. At most 1,500 km.
/// Accuracy  1 m.
[[nodiscard]] double wind_radius(MovingStorm const& storm, double bearing, double wind) noexcept;

/// Where a wind is reached: every direction out to its radius, the calm eye included. One polygon,
/// a corner every 5°, EPSG:4326; empty where it is reached nowhere.
[[nodiscard]] Geometry wind_area(MovingStorm const& storm, double wind);

/// Mean winds over different times, as factors that are to be given: times which factor the highest
/// mean of that many minutes in ten is the mean of ten.
struct Averaging {
    double minutes = 10;
    double factor = 1; ///< mean of ten minutes = factor × the highest mean of `minutes`
};

/// Turns a highest mean wind over `from` into one over `to`. Both are entries of one table.
[[nodiscard]] constexpr double averaged(double wind, Averaging from, Averaging to) noexcept {
    return wind * from.factor / to.factor;
}

/// Radius of the highest wind by its strength and latitude, in metres: what stands in where nobody
/// tells it.
///
/// Method    Willoughby, Darling and Rahn 2006, eq. 7a: 46.4·e^(−0.0155·v + 0.0169·|latitude|) km.
/// Accuracy  that of a mean over storms of the Atlantic: a single one may have half or twice as
///           much.
[[nodiscard]] double usual_radius(double highest, double latitude) noexcept;

} // namespace diaban::geo::hazard
