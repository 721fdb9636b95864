// The nearest point of a geometry, against a search along each edge in small steps.

#include "geo/ops/measure.hpp"
#include "geo/ops/nearest.hpp"
#include "tests/geo/support.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <random>

namespace {

using namespace diaban;
using geo::Position;
namespace ops = geo::ops;

geo::Geometry line(std::vector<Position> positions) {
    geo::Geometry made;
    made.kind = geo::GeometryKind::line;
    made.srid = 4326;
    made.path_ends = {std::uint32_t(positions.size())};
    made.positions = std::move(positions);
    return made;
}

/// By ternary search along a geodesic made of the distances to its ends alone.
double searched(Position a, Position b, Position from) {
    double const length = ops::geodesic_distance(a, b);
    // The azimuth at a, found from positions: no other function of the code under test.
    double low = 0;
    double high = 360;
    double best_azimuth = 0;
    double best = 1e300;
    for (int round = 0; round < 12; ++round) {
        double const step = (high - low) / 40;
        for (double azimuth = low; azimuth <= high; azimuth += step) {
            double const off = ops::geodesic_distance(ops::geodesic_offset(a, azimuth, length), b);
            if (off < best) {
                best = off;
                best_azimuth = azimuth;
            }
        }
        low = best_azimuth - step;
        high = best_azimuth + step;
    }
    auto const at = [&](double metres) {
        return ops::geodesic_distance(from, ops::geodesic_offset(a, best_azimuth, metres));
    };
    double near = 0;
    double far = length;
    for (int i = 0; i < 200; ++i) {
        double const third = (far - near) / 3;
        if (at(near + third) < at(far - third))
            far -= third;
        else
            near += third;
    }
    return at(near);
}

} // namespace

BOOST_AUTO_TEST_SUITE(nearest)

BOOST_AUTO_TEST_CASE(an_edge_is_as_far_as_a_search_along_its_geodesic_finds) {
    std::mt19937_64 random{tests::seed()};
    std::uniform_real_distribution<double> place{-1, 1};
    for (int i = 0; i < 60; ++i) {
        double const size = std::pow(10, -4 + 5 * (place(random) + 1) / 2); // 10 m to 1000 km
        Position const middle{105 + 60 * place(random), 18 + 40 * place(random)};
        auto const near = [&] {
            return Position{middle.x + size * place(random), middle.y + size * place(random)};
        };
        auto const a = near();
        auto const b = near();
        auto const from = near();
        double const ours = ops::nearest_point(line({a, b}), from).metres;
        double const theirs = searched(a, b, from);
        BOOST_TEST(std::abs(ours - theirs) < 1e-3 + 1e-7 * size * 1e5,
                   a.x << " " << a.y << " " << b.x << " " << b.y << " from " << from.x << " "
                       << from.y << ": " << ours << " and " << theirs);
    }
}

BOOST_AUTO_TEST_CASE(of_many_edges_the_nearest_is_never_passed_over) {
    std::mt19937_64 random{tests::seed()};
    std::uniform_real_distribution<double> place{-1, 1};
    for (int i = 0; i < 300; ++i) {
        double const size = std::pow(10, -4 + 5 * (place(random) + 1) / 2);
        std::vector<Position> positions;
        for (int k = 0; k < 12; ++k)
            positions.push_back({105 + size * place(random), 18 + size * place(random)});
        Position const from{105 + 2 * size * place(random), 18 + 2 * size * place(random)};
        double each = 1e300;
        for (std::size_t k = 1; k < positions.size(); ++k)
            each = std::min(
                each, ops::nearest_point(line({positions[k - 1], positions[k]}), from).metres);
        BOOST_TEST(ops::nearest_point(line(positions), from).metres == each);
    }
}

// The distances of the project's reference answers: storm Bualoi's forecast track, 2025-09-28 04h.
BOOST_AUTO_TEST_CASE(the_track_of_bualoi_is_as_near_as_is_known) {
    auto const track = line({{110.2, 16.2}, {107.6, 17.5}, {105.2, 18.9}});
    BOOST_TEST(std::abs(ops::nearest_point(track, {105.905, 18.343}).metres - 14'310) < 5);
    BOOST_TEST(std::abs(ops::nearest_point(track, {105.70, 18.18}).metres - 40'970) < 5);
}

BOOST_AUTO_TEST_CASE(a_position_in_a_polygon_is_at_no_distance_and_in_a_hole_it_is_not) {
    test::Ring const shell{{105, 18}, {105.1, 18}, {105.1, 18.1}, {105, 18.1}, {105, 18}};
    test::Ring const hole{
        {105.04, 18.04}, {105.04, 18.06}, {105.06, 18.06}, {105.06, 18.04}, {105.04, 18.04}};
    auto const polygon = test::polygon({shell, hole});
    auto const inside = ops::nearest_point(polygon, {105.02, 18.02});
    BOOST_TEST(inside.metres == 0);
    BOOST_TEST(!inside.bearing);
    auto const in_hole = ops::nearest_point(polygon, {105.041, 18.05});
    BOOST_TEST(std::abs(in_hole.metres -
                        ops::geodesic_distance({105.041, 18.05}, {105.04, 18.05})) < 1e-3);
    BOOST_TEST(std::abs(*in_hole.bearing - 270) < 0.01);
    BOOST_TEST(std::isinf(ops::nearest_point({}, {105, 18}).metres));
}

BOOST_AUTO_TEST_CASE(the_antimeridian_is_no_border) {
    auto const across = ops::nearest_point(line({{-179.99, 9}, {-179.99, 11}}), {179.99, 10});
    BOOST_TEST(std::abs(across.metres - ops::geodesic_distance({179.99, 10}, {180.01, 10})) < 1);
    BOOST_TEST(std::abs(*across.bearing - 90) < 0.01);
}

BOOST_AUTO_TEST_CASE(
    no_position_of_a_box_is_nearer_than_its_least_distance_and_some_is_nearly_as_near) {
    std::mt19937_64 random{tests::seed()};
    std::uniform_real_distribution<double> lon{-180, 180};
    std::uniform_real_distribution<double> lat{-89, 89};
    std::uniform_real_distribution<double> share{0, 1};
    for (int i = 0; i < 2000; ++i) {
        double const side = std::pow(10.0, -4 + 5.5 * share(random));
        geo::Box box{lon(random), lat(random), 0, 0};
        box.max_x = box.min_x + side * share(random);
        box.max_y = std::min(90.0, box.min_y + side * share(random));
        Position const from{lon(random), lat(random)};
        double const least = ops::least_distance(box, from);
        double nearest = 1e300;
        for (int x = 0; x <= 60; ++x)
            for (int y = 0; y <= 60; ++y) {
                Position const one{box.min_x + (box.max_x - box.min_x) * x / 60,
                                   box.min_y + (box.max_y - box.min_y) * y / 60};
                nearest = std::min(nearest, ops::geodesic_distance(from, one));
            }
        BOOST_REQUIRE_MESSAGE(least <= nearest, "case " << i << ": " << least << " > " << nearest);
        double const step = side / 60 * 111'700; // the nearest may lie between those tried
        BOOST_TEST(least >= nearest * 0.989 - step - 0.2, "case " << i);
    }
}

BOOST_AUTO_TEST_SUITE_END()
