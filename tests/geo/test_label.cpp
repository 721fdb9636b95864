#include "geo/ops/label.hpp"
#include "tests/geo/support.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cmath>
#include <fstream>
#include <numbers>
#include <stdexcept>
#include <string>

namespace {

using namespace diaban;
using geo::Geometry;
using geo::Position;
using geo::ops::pole_of_inaccessibility;
using geo::ops::signed_distance;
using test::Ring;

/// A JSON array of rings of pairs: numbers in order, a bracket pair of depth 2 ends a ring.
Geometry fixture(std::string const& name) {
    std::ifstream file{std::string{DIABAN_TEST_DATA} + "/" + name};
    if (!file) throw std::runtime_error("missing fixture " + name);
    Geometry result;
    result.kind = geo::GeometryKind::polygon;
    std::vector<double> numbers;
    std::string number;
    int depth = 0;
    auto const end_number = [&] {
        if (!number.empty()) numbers.push_back(std::stod(number));
        number.clear();
    };
    for (char c; file.get(c);) {
        if (c == '[') {
            ++depth;
        } else if (c == ']') {
            end_number();
            if (depth == 3) result.positions.push_back({numbers.at(0), numbers.at(1)});
            if (depth == 2)
                result.path_ends.push_back(static_cast<std::uint32_t>(result.positions.size()));
            numbers.clear();
            --depth;
        } else if (c == ',') {
            end_number();
        } else if (c != '\n') {
            number += c;
        }
    }
    result.part_ends = {static_cast<std::uint32_t>(result.path_ends.size())};
    return result;
}

/// The greatest distance found on a fine lattice over the box.
double brute_force(Geometry const& polygon, int steps) {
    geo::Box const box = polygon.box();
    double best = -1e300;
    for (int i = 0; i <= steps; ++i)
        for (int k = 0; k <= steps; ++k)
            best = std::max(
                best, signed_distance(polygon, {box.min_x + (box.max_x - box.min_x) * i / steps,
                                                box.min_y + (box.max_y - box.min_y) * k / steps}));
    return best;
}

} // namespace

BOOST_AUTO_TEST_SUITE(label)

// The answers of mapbox/polylabel's own tests (test/test.js) for its own fixtures.
BOOST_AUTO_TEST_CASE(the_poles_published_with_polylabel_are_found_to_the_bit) {
    Geometry const water1 = fixture("polylabel_water1.json");
    Position const fine = pole_of_inaccessibility(water1, 1);
    BOOST_TEST(fine.x == 3865.85009765625);
    BOOST_TEST(fine.y == 2124.87841796875);
    BOOST_TEST(signed_distance(water1, fine) == 288.8493574779127);
    Position const coarse = pole_of_inaccessibility(water1, 50);
    BOOST_TEST(coarse.x == 3854.296875);
    BOOST_TEST(coarse.y == 2123.828125);
    Position const other = pole_of_inaccessibility(fixture("polylabel_water2.json"), 1);
    BOOST_TEST(other.x == 3263.5);
    BOOST_TEST(other.y == 3263.5);
}

BOOST_AUTO_TEST_CASE(degenerate_polygons_give_a_position_of_their_own) {
    Position const flat =
        pole_of_inaccessibility(test::polygon({{{0, 0}, {1, 0}, {2, 0}, {0, 0}}}), 1);
    BOOST_TEST(flat.y == 0.0);
    BOOST_TEST((pole_of_inaccessibility(test::polygon({{{3, 4}, {3, 4}, {3, 4}, {3, 4}}}), 1) ==
                Position{3, 4}));
    BOOST_TEST((pole_of_inaccessibility(Geometry{}, 1) == Position{}));
}

BOOST_AUTO_TEST_CASE(no_position_of_a_fine_lattice_is_farther_inside_than_the_pole) {
    std::mt19937_64 random{tests::seed()};
    for (int i = 0; i < 300; ++i) {
        Ring hole = test::star(random, 3 + random() % 10);
        for (auto& p : hole) p = {p.x / 20, p.y / 20};
        Ring const shell = test::star(random, 3 + random() % 200); // both sides of the box bound
        Geometry const g = i % 2 == 0 ? test::polygon({shell}) : test::polygon({shell, hole});
        double const found = signed_distance(g, pole_of_inaccessibility(g, 1e-3));
        BOOST_REQUIRE(found > 0);
        BOOST_REQUIRE(found >= brute_force(g, 60) - 1e-3);
    }
}

BOOST_AUTO_TEST_CASE(of_several_parts_the_widest_bears_the_label) {
    auto const square = [](double x, double size) {
        return Ring{{x, 0}, {x + size, 0}, {x + size, size}, {x, size}, {x, 0}};
    };
    Geometry const g = test::multi_polygon({{square(0, 1)}, {square(100, 4)}, {square(50, 2)}});
    Position const pole = pole_of_inaccessibility(g, 0.01);
    BOOST_TEST(std::abs(pole.x - 102) < 0.02);
    BOOST_TEST(std::abs(pole.y - 2) < 0.02);
}

BOOST_AUTO_TEST_CASE(a_line_is_labelled_in_the_middle_of_its_longest_path) {
    Geometry lines;
    lines.kind = geo::GeometryKind::line;
    lines.positions = {{0, 0}, {1, 0}, {0, 5}, {6, 5}, {6, 9}};
    lines.path_ends = {2, 5};
    Position const p = pole_of_inaccessibility(lines, 1);
    BOOST_TEST(p.x == 5.0);
    BOOST_TEST(p.y == 5.0);
}

BOOST_AUTO_TEST_CASE(a_coast_of_100000_vertices_costs_milliseconds_and_a_parcel_microseconds) {
    std::mt19937_64 random{tests::seed()};
    std::uniform_real_distribution<double> rough{0.98, 1.02};
    Ring coast;
    for (int i = 0; i < 100'000; ++i) {
        double const angle = 2 * std::numbers::pi * i / 100'000;
        double const r = rough(random) * (1 + 0.3 * std::cos(7 * angle));
        coast.push_back({r * std::cos(angle), r * std::sin(angle)});
    }
    coast.push_back(Position{coast.front()});
    Geometry const g = test::polygon({coast});
    auto const start = std::chrono::steady_clock::now();
    Position const pole = pole_of_inaccessibility(g, 1e-4);
    auto const took =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    BOOST_TEST_MESSAGE("100,000 vertices: " << took * 1e3 << " ms");
    BOOST_TEST(signed_distance(g, pole) > 0.6);
    BOOST_TEST(took < 5.0); // a pass over all edges for each cell would take longer by far

    Geometry const parcel = test::polygon({test::star(random, 16)});
    auto const again = std::chrono::steady_clock::now();
    double sum = 0;
    for (int i = 0; i < 2'000; ++i) sum += pole_of_inaccessibility(parcel, 0.02).x;
    auto const each =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - again).count();
    BOOST_TEST_MESSAGE("17 positions: " << each * 1e6 / 2'000 << " µs" << (sum > 1e9 ? "!" : ""));
}

BOOST_AUTO_TEST_CASE(a_box_that_is_long_and_thin_does_not_cost_a_million_cells) {
    Geometry const strip = test::polygon({{{0, 0}, {1e9, 0}, {1e9, 1}, {0, 1}, {0, 0}}});
    Position const p = pole_of_inaccessibility(strip, 1e-6);
    BOOST_TEST(std::abs(signed_distance(strip, p) - 0.5) < 1e-3);
}

BOOST_AUTO_TEST_SUITE_END()
