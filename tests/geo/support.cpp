#include "tests/geo/support.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

namespace diaban::test {

namespace {

void append(geo::Geometry& into, Ring const& ring) {
    into.positions.insert(into.positions.end(), ring.begin(), ring.end());
    into.path_ends.push_back(static_cast<std::uint32_t>(into.positions.size()));
}

void end_part(geo::Geometry& into) {
    into.part_ends.push_back(static_cast<std::uint32_t>(into.path_ends.size()));
}

double any_double(std::mt19937_64& random) {
    for (;;) {
        double const value = std::bit_cast<double>(random());
        if (std::isfinite(value)) return value;
    }
}

Ring any_path(std::mt19937_64& random, std::size_t size) {
    Ring path(size);
    for (auto& p : path) p = {any_double(random), any_double(random)};
    return path;
}

} // namespace

geo::Geometry polygon(std::initializer_list<Ring> rings) {
    geo::Geometry result;
    result.kind = geo::GeometryKind::polygon;
    result.srid = 4326;
    for (auto const& ring : rings) append(result, ring);
    end_part(result);
    return result;
}

geo::Geometry multi_polygon(std::initializer_list<std::vector<Ring>> parts) {
    geo::Geometry result;
    result.kind = geo::GeometryKind::polygon;
    result.multi = true;
    result.srid = 4326;
    for (auto const& part : parts) {
        for (auto const& ring : part) append(result, ring);
        end_part(result);
    }
    return result;
}

geo::Geometry any_geometry(std::mt19937_64& random) {
    geo::Geometry result;
    result.kind = static_cast<geo::GeometryKind>(1 + random() % 3);
    result.multi = random() % 2 == 0;
    result.srid = random() % 2 == 0 ? 0 : static_cast<std::int32_t>(random() % 40000);
    std::size_t const members = result.multi ? random() % 5 : 1;
    for (std::size_t i = 0; i < members; ++i) {
        switch (result.kind) {
        case geo::GeometryKind::none: break;
        case geo::GeometryKind::point: result.positions.push_back(any_path(random, 1)[0]); break;
        case geo::GeometryKind::line: append(result, any_path(random, 2 + random() % 9)); break;
        case geo::GeometryKind::polygon:
            for (std::size_t rings = 1 + random() % 3; rings > 0; --rings) {
                Ring ring = any_path(random, 3 + random() % 9);
                ring.push_back(geo::Position{ring.front()});
                append(result, ring);
            }
            end_part(result);
        }
    }
    return result;
}

Ring star(std::mt19937_64& random, std::size_t corners) {
    std::uniform_real_distribution<double> angle{0, 2 * std::numbers::pi};
    std::uniform_real_distribution<double> radius{0.2, 1};
    // One corner in each of three thirds keeps the centre inside.
    std::vector<double> angles{0.1, 2.2, 4.3};
    while (angles.size() < corners) angles.push_back(angle(random));
    std::sort(angles.begin(), angles.end());
    Ring ring;
    for (double const a : angles) {
        double const r = radius(random);
        ring.push_back({r * std::cos(a), r * std::sin(a)});
    }
    ring.push_back(geo::Position{ring.front()});
    return ring;
}

} // namespace diaban::test
