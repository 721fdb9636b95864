#include "geo/synthetic/roads.hpp"

#include "geo/synthetic/noise.hpp"

#include <array>
#include <limits>
#include <string>
#include <utility>

namespace diaban::geo::synthetic {

namespace {

constexpr std::uint64_t bend = 900; // purpose of the hashed numbers
constexpr int pieces_of_highway = 256;
constexpr double piece = 250;         // metres between vertices of a provincial road
constexpr double bend_length = 2'000; // metres
constexpr double bend_by = 0.06;      // of the road's length, at most 400 m
constexpr double bend_at_most = 400;

struct Highway {
    std::string_view kind;
    std::string_view name;
    double inward; ///< share of the depth
};
constexpr std::array<Highway, 3> highways{{{"national", "Quốc lộ mô phỏng 1", 0.15},
                                           {"national", "Quốc lộ mô phỏng 2", 0.62},
                                           {"railway", "Đường sắt mô phỏng", 0.36}}};

Geometry line_of(std::vector<Position> positions) {
    Geometry line;
    line.kind = GeometryKind::line;
    line.srid = 4326;
    line.path_ends = {static_cast<std::uint32_t>(positions.size())};
    line.positions = std::move(positions);
    return line;
}

/// From town to town, bent in the middle and not at the ends.
Geometry winding(Plane const& plane, Position from, Position to, std::uint64_t seed) {
    double const length = distance(from, to);
    int const pieces = 1 + static_cast<int>(length / piece);
    double const reach = std::min(length * bend_by, bend_at_most);
    std::vector<Position> positions;
    for (int i = 0; i <= pieces; ++i) {
        double const t = static_cast<double>(i) / pieces;
        Position p{from.x + t * (to.x - from.x), from.y + t * (to.y - from.y)};
        double const aside =
            4 * t * (1 - t) * reach * noise(seed, bend, p.x / bend_length, p.y / bend_length);
        p.x -= aside * (to.y - from.y) / length;
        p.y += aside * (to.x - from.x) / length;
        positions.push_back(plane.degrees(p));
    }
    return line_of(std::move(positions));
}

/// Pairs of towns that the shortest net joins.
std::vector<std::pair<std::size_t, std::size_t>> net(std::vector<Position> const& towns) {
    std::vector<std::pair<std::size_t, std::size_t>> pairs;
    std::vector<double> away(towns.size(), std::numeric_limits<double>::infinity());
    std::vector<std::size_t> nearest(towns.size(), 0);
    std::vector<bool> joined(towns.size(), false);
    for (std::size_t last = 0; !towns.empty();) {
        joined[last] = true;
        std::size_t next = last;
        for (std::size_t i = 0; i < towns.size(); ++i) {
            if (joined[i]) continue;
            if (double const d = distance(towns[i], towns[last]); d < away[i]) {
                away[i] = d;
                nearest[i] = last;
            }
            if (next == last || away[i] < away[next]) next = i;
        }
        if (next == last) break; // all are joined
        pairs.emplace_back(nearest[next], next);
        last = next;
    }
    return pairs;
}

} // namespace

std::vector<Road> make_roads(Plane const& plane, std::vector<Position> const& towns,
                             std::function<Position(double, double)> const& place,
                             std::uint64_t seed) {
    std::vector<Road> roads;
    for (auto const& highway : highways) {
        std::vector<Position> positions;
        for (int i = 0; i <= pieces_of_highway; ++i)
            positions.push_back(
                plane.degrees(place(static_cast<double>(i) / pieces_of_highway, highway.inward)));
        roads.push_back({line_of(std::move(positions)), std::string{highway.name}, highway.kind});
    }
    std::size_t number = 0;
    for (auto const& [from, to] : net(towns))
        roads.push_back({winding(plane, towns[from], towns[to], seed),
                         "Đường tỉnh mô phỏng " + std::to_string(++number), "provincial"});
    return roads;
}

} // namespace diaban::geo::synthetic
