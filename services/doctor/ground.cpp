#include "services/doctor/ground.hpp"

#include "geo/crs.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace diaban::services::doctor {

Findings examine_ground() {
    // A point of Hà Tĩnh, in its zone: PROJ 9.1.1 by EPSG:6960.
    constexpr geo::Position wgs84{105.905, 18.343};
    constexpr geo::Position vn2000{542607.945, 2028900.590};
    constexpr double printed = 0.001; // metres to which the expected position is written
    constexpr int not_pinned = 32647; // UTM 47N stands in PROJ's database alone
    try {
        std::array<geo::Position, 1> at{wgs84};
        geo::Transform::between(4326, 9209).apply(at);
        auto const off = std::hypot(at[0].x - vn2000.x, at[0].y - vn2000.y);
        if (!(off <= printed))
            return {{"coordinates",
                     Level::fail,
                     "datum-off",
                     {{"metres", fmt::format("{:.3f}", off)}},
                     {}}};
    } catch (geo::Error const& error) {
        return {unfinished("coordinates", error)};
    }
    bool const known = geo::known_srid(not_pinned);
    return {{"coordinates",
             known ? Level::ok : Level::fail,
             known ? "datum" : "proj-database",
             {},
             {}}};
}

} // namespace diaban::services::doctor
