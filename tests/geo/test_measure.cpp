#include "geo/crs.hpp"
#include "geo/ops/measure.hpp"
#include "tests/geo/support.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cmath>

namespace {

using namespace diaban;
using geo::Position;
namespace ops = geo::ops;

test::Ring quad(double x, double y, double size) {
    return {{x, y}, {x + size, y}, {x + size, y + size}, {x, y + size}, {x, y}};
}

} // namespace

BOOST_AUTO_TEST_SUITE(measure)

// Areas of a VN-2000 quad of 0.001° at 103°E 21°N: 11,511.2561 m² on the ellipsoid and 11,508.9539
// in EPSG:9205 (the project's reference answers). Its degrees are VN-2000's; the ellipsoid is WGS
// 84's.
BOOST_AUTO_TEST_CASE(a_quad_of_a_thousandth_of_a_degree_has_its_known_areas) {
    auto const ring = quad(103, 21, 0.001);
    BOOST_TEST(std::abs(ops::geodesic_area(test::polygon({ring})) - 11'511.2561) < 0.0001);
    auto projected = ring;
    geo::Transform::between(4756, 9205).apply(projected);
    BOOST_TEST(std::abs(ops::planar_ring_area(projected) - 11'508.9539) < 0.0001);
}

BOOST_AUTO_TEST_CASE(an_octant_is_an_eighth_of_the_ellipsoid) {
    // Area of the WGS 84 ellipsoid (Karney 2013): 510,065,621.724 km².
    double const octant = ops::geodesic_area(test::polygon({{{0, 0}, {90, 0}, {0, 90}, {0, 0}}}));
    BOOST_TEST(std::abs(octant - 510'065'621.724e6 / 8) < 1e3);
}

BOOST_AUTO_TEST_CASE(holes_are_subtracted_and_winding_does_not_matter) {
    auto shell = quad(105, 18, 0.01);
    auto hole = quad(105.002, 18.002, 0.001);
    double const whole = ops::geodesic_area(test::polygon({shell}));
    double const gap = ops::geodesic_area(test::polygon({hole}));
    for (int i = 0; i < 2; ++i) {
        BOOST_TEST(std::abs(ops::geodesic_area(test::polygon({shell, hole})) - (whole - gap)) <
                   1e-6);
        std::reverse(hole.begin(), hole.end());
        BOOST_TEST(std::abs(ops::geodesic_area(test::polygon({shell, hole})) - (whole - gap)) <
                   1e-6);
        std::reverse(shell.begin(), shell.end());
    }
    BOOST_TEST(std::abs(ops::geodesic_area(test::multi_polygon({{shell, hole}, {hole}})) - whole) <
               1e-6);
}

// Distances from Hà Tĩnh and Hương Khê to the forecast track of storm Bualoi, issued 2025-09-28
// 04h: 14.31 and 40.97 km geodesic (the project's reference answers).
BOOST_AUTO_TEST_CASE(the_track_of_bualoi_passes_ha_tinh_at_its_known_distance) {
    Position const from{107.6, 17.5};
    Position const to{105.2, 18.9};
    auto const nearest = [&](Position place) {
        // Along the geodesic from `from` towards `to`, found by halving on azimuth and length.
        double const length = ops::geodesic_distance(from, to);
        double low = 0;
        double high = 360;
        double best = 1e9;
        double azimuth = 0;
        for (double a = low; a < high; a += 0.01) {
            double const miss = ops::geodesic_distance(ops::geodesic_offset(from, a, length), to);
            if (miss < best) {
                best = miss;
                azimuth = a;
            }
        }
        double distance = 1e9;
        for (double s = 0; s <= length; s += 50)
            distance = std::min(
                distance, ops::geodesic_distance(ops::geodesic_offset(from, azimuth, s), place));
        return distance / 1000;
    };
    BOOST_TEST(std::abs(nearest({105.905, 18.343}) - 14.31) < 0.05);
    BOOST_TEST(std::abs(nearest({105.70, 18.18}) - 40.97) < 0.05);
}

BOOST_AUTO_TEST_CASE(lengths_add_up_over_paths_and_rings) {
    geo::Geometry lines;
    lines.kind = geo::GeometryKind::line;
    lines.positions = {{105, 18}, {105, 19}, {106, 18}, {106, 19}, {106, 20}};
    lines.path_ends = {2, 5};
    double const degree = ops::geodesic_distance({105, 18}, {105, 19});
    BOOST_TEST(std::abs(ops::geodesic_length(lines) -
                        (2 * degree + ops::geodesic_distance({106, 19}, {106, 20}))) < 1e-6);
    // A degree of meridian at 18.5°: a(1 − e²) / (1 − e² sin²φ)^1.5 · π / 180.
    BOOST_TEST(std::abs(degree - 110'686.2) < 1.0);
    BOOST_TEST(ops::geodesic_area(lines) == 0.0);
    auto const ring = quad(105, 18, 1);
    double perimeter = 0;
    for (std::size_t i = 1; i < ring.size(); ++i)
        perimeter += ops::geodesic_distance(ring[i - 1], ring[i]);
    BOOST_TEST(ops::geodesic_length(test::polygon({ring})) == perimeter);
}

BOOST_AUTO_TEST_CASE(offset_and_distance_are_each_others_inverse) {
    std::mt19937_64 random{tests::seed()};
    std::uniform_real_distribution<double> azimuth{0, 360};
    for (int i = 0; i < 2'000; ++i) {
        Position const to = ops::geodesic_offset({105.9, 18.3}, azimuth(random), 1234.5);
        BOOST_REQUIRE(std::abs(ops::geodesic_distance({105.9, 18.3}, to) - 1234.5) < 1e-6);
    }
}

BOOST_AUTO_TEST_CASE(a_small_ring_far_from_the_origin_keeps_its_planar_area) {
    BOOST_TEST(std::abs(ops::planar_ring_area(quad(600'000, 2'000'000, 0.5)) - 0.25) < 1e-9);
    BOOST_TEST(ops::planar_ring_area(quad(0, 0, 2)) == 4.0);
    auto ring = quad(0, 0, 2);
    std::reverse(ring.begin(), ring.end());
    BOOST_TEST(ops::planar_ring_area(ring) == -4.0);
    ring.pop_back(); // open counts as closed
    BOOST_TEST(ops::planar_ring_area(ring) == -4.0);
    BOOST_TEST(ops::planar_ring_area({}) == 0.0);
}

BOOST_AUTO_TEST_SUITE_END()
