// Exact coverage of cells by polygons, and sums by zone whose parts are the total.

#include "geo/error.hpp"
#include "geo/exposure/zonal.hpp"
#include "geo/ops/measure.hpp"
#include "tests/geo/support.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

namespace {

using namespace diaban;
using geo::Position;
using geo::raster::Frame;
using geo::raster::Grid;
using test::polygon;
using test::Ring;
namespace exposure = geo::exposure;

/// A star-shaped ring around a place.
Ring star_at(std::mt19937_64& random, Position centre, double size, std::size_t corners) {
    auto ring = test::star(random, corners);
    double reach = 0;
    for (auto const& p : ring) reach = std::max(reach, std::hypot(p.x, p.y));
    for (auto& p : ring) p = {centre.x + p.x / reach * size, centre.y + p.y / reach * size};
    return ring;
}

Position somewhere(std::mt19937_64& random, geo::Box const& box) {
    std::uniform_real_distribution<double> share{0, 1};
    double const x = box.min_x + (box.max_x - box.min_x) * share(random);
    return {x, box.min_y + (box.max_y - box.min_y) * share(random)};
}

double area(geo::Geometry const& zone) {
    double sum = 0;
    for (std::size_t i = 0; i < zone.path_ends.size(); ++i)
        sum += (i == 0 ? 1 : -1) * std::abs(geo::ops::planar_ring_area(zone.path(i)));
    return sum;
}

/// The share of a cell by clipping the ring at its four sides (Sutherland and Hodgman 1974).
double clipped(Ring ring, geo::Box const& cell) {
    auto const clip = [&](auto inside, auto cross) {
        Ring kept;
        for (std::size_t i = 0; i + 1 < ring.size(); ++i) {
            auto const a = ring[i];
            auto const b = ring[i + 1];
            if (inside(a)) kept.push_back(a);
            if (inside(a) != inside(b)) kept.push_back(cross(a, b));
        }
        if (!kept.empty()) kept.push_back(kept.front());
        ring = kept;
    };
    auto const at_x = [](Position a, Position b, double x) {
        return Position{x, a.y + (b.y - a.y) * (x - a.x) / (b.x - a.x)};
    };
    auto const at_y = [](Position a, Position b, double y) {
        return Position{a.x + (b.x - a.x) * (y - a.y) / (b.y - a.y), y};
    };
    clip([&](Position p) { return p.x >= cell.min_x; },
         [&](Position a, Position b) { return at_x(a, b, cell.min_x); });
    clip([&](Position p) { return p.x <= cell.max_x; },
         [&](Position a, Position b) { return at_x(a, b, cell.max_x); });
    clip([&](Position p) { return p.y >= cell.min_y; },
         [&](Position a, Position b) { return at_y(a, b, cell.min_y); });
    clip([&](Position p) { return p.y <= cell.max_y; },
         [&](Position a, Position b) { return at_y(a, b, cell.max_y); });
    if (ring.size() < 4) return 0;
    return std::abs(geo::ops::planar_ring_area(ring)) / (cell.max_x - cell.min_x) /
           (cell.max_y - cell.min_y);
}

} // namespace

BOOST_AUTO_TEST_SUITE(zonal)

BOOST_AUTO_TEST_CASE(shares_of_cells_add_up_to_the_area_of_the_polygon) {
    std::mt19937_64 random{tests::seed()};
    Frame const frame{{400, 300}, 500'000, 2'100'000, 30, 30, 0};
    auto inner = frame.box();
    inner = {inner.min_x + 3200, inner.min_y + 3200, inner.max_x - 3200, inner.max_y - 3200};
    for (int round = 0; round < 400; ++round) {
        auto const size = std::pow(10, 0.5 + 3 * double(random() % 1000) / 1000);
        auto const centre = somewhere(random, inner);
        auto const ring = star_at(random, centre, size, 3 + random() % 40);
        auto hole = ring; // a third as large, the other way round or not
        for (auto& p : hole) p = {centre.x + (p.x - centre.x) / 3, centre.y + (p.y - centre.y) / 3};
        if (round % 4 == 0) std::ranges::reverse(hole);
        auto const zone = round % 2 == 0 ? polygon({ring, hole}) : polygon({ring});
        BOOST_REQUIRE_CLOSE_FRACTION(exposure::cover(frame, zone).cells() * 900, area(zone), 1e-12);
    }
}

BOOST_AUTO_TEST_CASE(each_share_is_what_clipping_at_the_cell_leaves_also_at_the_edge_of_the_grid) {
    std::mt19937_64 random{tests::seed()};
    Frame const frame{{23, 17}, -40, 70, 2.5, 4, 0};
    for (int round = 0; round < 400; ++round) {
        auto ring = star_at(random, somewhere(random, frame.box()), 2 + double(random() % 60),
                            3 + random() % 12);
        if (round % 3 == 0) // corners and sides on those of cells
            for (auto& p : ring)
                p = {std::round(p.x / 2.5) * 2.5, std::round((p.y - 70) / 4) * 4 + 70};
        if (round % 3 == 0 && ring.size() > 4) continue; // rounding may fold it: triangles only
        std::vector<double> share(frame.shape.cells(), 0);
        auto const coverage = exposure::cover(frame, polygon({ring}));
        coverage.each([&](std::int32_t column, std::int32_t row, double of) {
            share[frame.shape.index(column, row)] += of;
        });
        for (std::int32_t row = 0; row < 17; ++row)
            for (std::int32_t column = 0; column < 23; ++column)
                BOOST_REQUIRE_SMALL(share[frame.shape.index(column, row)] -
                                        clipped(ring, frame.box({column, row})),
                                    1e-11);
    }
}

BOOST_AUTO_TEST_CASE(zones_that_tile_a_raster_add_up_to_its_total_for_a_thousand_hazards) {
    std::mt19937_64 random{tests::seed()};
    std::uniform_real_distribution<double> share{0, 1};
    Frame const frame{{90, 70}, 500'000, 2'100'000, 30, 30, 0};
    // A lattice of bent quadrilaterals over the whole grid and beyond: neighbours share corners.
    constexpr int across = 9;
    std::vector<Position> nodes;
    for (int j = 0; j <= across; ++j)
        for (int i = 0; i <= across; ++i)
            nodes.push_back({500'000 - 200 + i * 350 + 120 * share(random),
                             2'100'000 + 200 - j * 300 - 100 * share(random)});
    std::vector<exposure::Coverage> zones;
    for (int j = 0; j < across; ++j)
        for (int i = 0; i < across; ++i) {
            auto const node = [&](int x, int y) {
                return nodes[std::size_t((j + y) * (across + 1) + i + x)];
            };
            zones.push_back(exposure::cover(
                frame, polygon({{node(0, 0), node(0, 1), node(1, 1), node(1, 0), node(0, 0)}})));
        }
    Grid<float> people{frame};
    for (auto& p : people.cells()) p = float(std::pow(share(random), 6) * 900);
    for (int hazard = 0; hazard < 1000; ++hazard) {
        std::vector<std::uint8_t> wet(frame.shape.cells());
        double const level = share(random);
        for (auto& w : wet) w = share(random) < level;
        double total = 0;
        for (std::size_t i = 0; i < wet.size(); ++i)
            if (wet[i] != 0) total += double(people.cells()[i]);
        auto const found = exposure::sums_by_zone(zones, people, wet);
        double parts = 0;
        for (auto const& zone : found.zones) parts += zone.sum;
        BOOST_REQUIRE_EQUAL(parts, found.total.sum); // to the last bit
        BOOST_REQUIRE_CLOSE_FRACTION(found.total.sum, total, 1e-9);
    }
}

BOOST_AUTO_TEST_CASE(cells_without_data_are_told_apart) {
    Frame const frame{{4, 4}, 0, 4, 1, 1, 0};
    Grid<float> grid{frame, 2};
    grid.at(1, 1) = geo::raster::no_data;
    auto const zone = polygon({{{0.5, 1}, {3, 1}, {3, 3}, {0.5, 3}, {0.5, 1}}});
    auto const found = exposure::sums(exposure::cover(frame, zone), grid);
    BOOST_TEST(found.no_data_area == 1);
    BOOST_TEST(found.area == 4);
    BOOST_TEST(found.sum == 8);
    BOOST_TEST(found.least == 2);
    BOOST_TEST(found.mean(1) == 2);
}

BOOST_AUTO_TEST_CASE(what_is_no_polygon_of_the_same_crs_is_refused) {
    Frame const frame{{4, 4}, 0, 4, 1, 1, 3405};
    auto zone = polygon({{{0, 0}, {1, 0}, {1, 1}, {0, 0}}});
    zone.srid = 4326;
    BOOST_CHECK_THROW((void)exposure::cover(frame, zone), geo::Error);
    zone.srid = 3405;
    BOOST_TEST(exposure::cover(frame, zone).cells() == 0.5);
    zone.kind = geo::GeometryKind::line;
    BOOST_CHECK_THROW((void)exposure::cover(frame, zone), geo::Error);
    BOOST_TEST(exposure::cover(frame, {}).cells() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
