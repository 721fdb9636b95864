#include "geo/route/nearest_place.hpp"

#include "geo/route/ground_scale.hpp"
#include "geo/route/road_graph.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace diaban::geo::route {

namespace {

constexpr double cell_degrees = 0.004; // some 440 m

} // namespace

NearestPlace::Cell NearestPlace::cell_of(Position p) noexcept {
    return {std::int32_t(std::floor(p.y / cell_degrees)),
            std::int32_t(std::floor(p.x / cell_degrees))};
}

NearestPlace::NearestPlace(std::span<Position const> positions) : m_positions{positions} {
    m_sorted.reserve(positions.size());
    for (std::uint32_t i = 0; i < positions.size(); ++i)
        m_sorted.emplace_back(cell_of(positions[i]), i);
    std::ranges::sort(m_sorted);
}

std::uint32_t NearestPlace::find(Position from, double reach) const {
    GroundScale const scale{from.y};
    auto const [row, column] = cell_of(from);
    double const side = cell_degrees * std::min(scale.east, scale.north);
    std::uint32_t best = none;
    double least = std::numeric_limits<double>::infinity();
    for (std::int32_t ring = 1;; ring *= 2) {
        for (auto r = row - ring; r <= row + ring; ++r) {
            auto at = std::ranges::lower_bound(m_sorted, std::pair{Cell{r, column - ring}, 0U});
            for (; at != m_sorted.end() && at->first <= Cell{r, column + ring}; ++at) {
                double const metres = scale.distance(from, m_positions[at->second]);
                if (metres > least || (metres == least && at->second >= best)) continue;
                least = metres;
                best = at->second;
            }
        }
        if (std::min(least, reach) <= ring * side) break; // all that is nearer lies in the block
    }
    return least <= reach ? best : none;
}

} // namespace diaban::geo::route
