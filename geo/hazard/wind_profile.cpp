#include "geo/hazard/wind_profile.hpp"

#include "geo/ops/geodesic.hpp"
#include "geo/ops/measure.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace diaban::geo::hazard {

namespace {

constexpr double degree = std::numbers::pi / 180;
constexpr double earth_turns = 7.292115e-5; // rad/s, WGS 84
constexpr double farthest = 1'500'000;      // m
constexpr int corner_every = 5;             // degrees

} // namespace

double gradient_wind(Holland1980 const& storm, double metres) noexcept {
    if (!(metres > 0)) return 0;
    double const q = std::pow(storm.radius / metres, storm.b);
    double const turn = std::abs(2 * earth_turns * std::sin(storm.latitude * degree)) * metres / 2;
    double const square = storm.b / storm.density * storm.pressure_drop * q * std::exp(-q);
    return std::sqrt(square + turn * turn) - turn;
}

double surface_wind(Holland2010 const& storm, double metres) noexcept {
    if (!(metres > 0)) return 0;
    auto const rest = [&](double r) {
        double const q = std::pow(storm.radius / r, storm.b);
        return std::log(q) + 1 - q;
    };
    double x = 0.5;
    if (metres > storm.radius && storm.outer_radius > storm.radius) {
        double const outer = std::log(storm.outer_wind / storm.highest) / rest(storm.outer_radius);
        x += (outer - 0.5) * (metres - storm.radius) / (storm.outer_radius - storm.radius);
    }
    return storm.highest * std::exp(std::max(0.0, x) * rest(metres));
}

double wind_at(MovingStorm const& storm, double bearing, double metres) noexcept {
    if (!(metres > 0)) return 0;
    bool const south = storm.centre.y < 0;
    double const added = storm.share * storm.speed;
    auto own = storm.shape;
    own.highest = std::max(0.0, own.highest - added);
    if (own.highest <= 0) return added * std::min(1.0, own.radius / metres);
    if (own.outer_wind >= own.highest) own.outer_radius = 0;
    double const round = surface_wind(own, metres);
    double const along = added * std::min(1.0, own.radius / metres);
    // Winds go round to the left of the way out in the north.
    double const way = (bearing + (south ? 90 : -90)) * degree;
    double const heading = storm.heading * degree;
    return std::hypot(round * std::sin(way) + along * std::sin(heading),
                      round * std::cos(way) + along * std::cos(heading));
}

double wind_at(MovingStorm const& storm, Position at) {
    auto const way = ops::geodesic_way(storm.centre, at);
    return wind_at(storm, way.azimuth, way.metres);
}

double wind_radius(MovingStorm const& storm, double bearing, double wind) noexcept {
    constexpr double step = 2000; // m: profiles are smooth
    double near = storm.shape.radius;
    if (wind_at(storm, bearing, near) < wind) return 0;
    double far = near + step;
    while (wind_at(storm, bearing, far) >= wind) {
        near = far;
        far += step;
        if (far > farthest) return farthest;
    }
    while (far - near > 1) {
        double const middle = (near + far) / 2;
        (wind_at(storm, bearing, middle) >= wind ? near : far) = middle;
    }
    return near;
}

Geometry wind_area(MovingStorm const& storm, double wind) {
    Geometry area;
    area.kind = GeometryKind::polygon;
    area.srid = 4326;
    bool centre_is_in = false; // once, between directions that have none
    for (int bearing = 360; bearing > 0; bearing -= corner_every) {
        double const radius = wind_radius(storm, bearing, wind);
        if (radius > 0) {
            area.positions.push_back(ops::geodesic_offset(storm.centre, bearing, radius));
        } else if (!centre_is_in) {
            area.positions.push_back(storm.centre);
            centre_is_in = true;
        }
    }
    if (area.positions.size() < 3) return {};
    area.positions.push_back(area.positions.front());
    area.path_ends = {std::uint32_t(area.positions.size())};
    area.part_ends = {1};
    return area;
}

double usual_radius(double highest, double latitude) noexcept {
    return 46'400 * std::exp(-0.0155 * highest + 0.0169 * std::abs(latitude));
}

} // namespace diaban::geo::hazard
