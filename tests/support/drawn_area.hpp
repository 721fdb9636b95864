#pragma once

#include "tests/support/mvt_reader.hpp"
#include "tiles/grid.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace diaban::tests {

/// What of a ring lies in a box, by Sutherland and Hodgman: its area, in doubles.
inline double area_within(std::span<tiles::GridPoint const> ring,
                          std::array<double, 4> const& box) {
    std::vector<std::pair<double, double>> now;
    for (auto const p : ring) now.emplace_back(p.x, p.y);
    for (int side = 0; side < 4; ++side) {
        auto const inside = [&](auto const& p) {
            double const v = side % 2 == 0 ? p.first : p.second;
            return side < 2 ? v >= box[std::size_t(side)] : v <= box[std::size_t(side)];
        };
        std::vector<std::pair<double, double>> next;
        for (std::size_t i = 0; i < now.size(); ++i) {
            auto const& a = now[i];
            auto const& b = now[(i + 1) % now.size()];
            if (inside(a)) next.push_back(a);
            if (inside(a) == inside(b)) continue;
            double const at = box[std::size_t(side)];
            double const t = side % 2 == 0 ? (at - a.first) / (b.first - a.first)
                                           : (at - a.second) / (b.second - a.second);
            next.emplace_back(a.first + t * (b.first - a.first),
                              a.second + t * (b.second - a.second));
        }
        now = std::move(next);
    }
    double twice = 0;
    for (std::size_t i = 0; i < now.size(); ++i) {
        auto const& a = now[i];
        auto const& b = now[(i + 1) % now.size()];
        twice +=
            (a.first - box[0]) * (b.second - box[1]) - (a.second - box[1]) * (b.first - box[0]);
    }
    return twice / 2;
}

/// The area of what a polygon feature draws within the tile proper, in units.
inline double drawn_within(ReadFeature const& feature) {
    double area = 0;
    for (auto const& path : feature.paths) {
        std::vector<tiles::GridPoint> ring;
        for (auto const& p : path) ring.push_back({std::int32_t(p.x), std::int32_t(p.y)});
        area += area_within(ring, {0, 0, 4096, 4096});
    }
    return area;
}

} // namespace diaban::tests
