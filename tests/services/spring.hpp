#pragma once

#include "tests/services/valley.hpp"

#include <nlohmann/json.hpp>

namespace diaban::tests {

/// A box around some columns of the valley, whole rows.
inline nlohmann::json box(double left, double right) {
    auto const [west_lon, south_lat] = degrees(left, rows - 1);
    auto const [east_lon, north_lat] = degrees(right, 1);
    return nlohmann::json::array({west_lon, south_lat, east_lon, north_lat});
}

inline nlohmann::json point(double column, double row) {
    auto const [lon, lat] = degrees(column, row);
    return {{"type", "Point"}, {"coordinates", {lon, lat}}};
}

inline nlohmann::json line(double column, double row, double to_column, double to_row) {
    auto const [lon, lat] = degrees(column, row);
    auto const [to_lon, to_lat] = degrees(to_column, to_row);
    return {{"type", "LineString"}, {"coordinates", {{lon, lat}, {to_lon, to_lat}}}};
}

/// A spring in the middle of the valley: 60 m³/s after ten minutes.
inline nlohmann::json spring() {
    return {{"terrain", "valley"},
            {"bbox", box(40, 80)},
            {"hours", 4},
            {"frame_minutes", 60},
            {"start", "2026-11-26T00:00:00Z"},
            {"friction", 0.06},
            {"releases", {{{"geometry", point(60.5, 20.5)}, {"discharge", {{0, 0}, {10, 60}}}}}}};
}

} // namespace diaban::tests
