// Tracks and places, against searches in small steps and areas of closed form.

#include "geo/hazard/storm_area.hpp"
#include "geo/hazard/storm_track.hpp"
#include "geo/ops/geodesic.hpp"
#include "geo/ops/measure.hpp"
#include "geo/ops/nearest.hpp"
#include "geo/ops/relation.hpp"
#include "geo/ops/validate.hpp"
#include "tests/geo/support.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <numbers>
#include <random>

namespace {

using namespace diaban;
using namespace diaban::geo::hazard;
using geo::Geometry;
using geo::Position;

constexpr double km = 1000;
constexpr std::int64_t hour = 3'600'000'000;

// Storm Bualoi as forecast at 04h on 2025-09-28 (UTC+7): 04h, 16h, and 04h of the next day.
std::vector<Position> const bualoi{{110.2, 16.2}, {107.6, 17.5}, {105.2, 18.9}};

Geometry point(Position p) {
    Geometry made;
    made.kind = geo::GeometryKind::point;
    made.srid = 4326;
    made.positions = {p};
    return made;
}

std::vector<Fix> fixes_of(std::vector<Position> const& path, std::int64_t step) {
    std::vector<Fix> fixes;
    for (std::size_t i = 0; i < path.size(); ++i)
        fixes.push_back({{std::int64_t(i) * step}, path[i], 20.0 + 10 * double(i)});
    return fixes;
}

} // namespace

BOOST_AUTO_TEST_CASE(bualoi_passes_ha_tinh_at_14_31_km_and_huong_khe_at_40_97_km) {
    auto const ha_tinh = NearPlace{point({105.905, 18.343})}.approach(bualoi);
    auto const huong_khe = NearPlace{point({105.70, 18.18})}.approach(bualoi);
    BOOST_TEST(std::abs(ha_tinh->metres - 14'310) < 5);
    BOOST_TEST(std::abs(huong_khe->metres - 40'970) < 5);
    BOOST_TEST(ha_tinh->segment == 1U);
    // Both are found again from the answer itself.
    BOOST_TEST(std::abs(geo::ops::geodesic_distance(ha_tinh->on_path, {105.905, 18.343}) -
                        ha_tinh->metres) < 1e-6);
    auto const there = between({{0}, bualoi[1], {}}, {{12 * hour}, bualoi[2], {}}, ha_tinh->share);
    BOOST_TEST(geo::ops::geodesic_distance(there.centre, ha_tinh->on_path) < 0.01);
}

BOOST_AUTO_TEST_CASE(an_approach_is_the_least_distance_of_a_search_in_small_steps) {
    std::mt19937_64 random{tests::seed()};
    std::uniform_real_distribution<double> lon{104, 112};
    std::uniform_real_distribution<double> lat{14, 22};
    int entered = 0;
    for (int round = 0; round < 60; ++round) {
        auto ring = test::star(random, 5 + random() % 80);
        double scale = 0;
        for (auto const& p : ring) scale = std::max({scale, std::abs(p.x), std::abs(p.y)});
        Position const at{lon(random), lat(random)};
        for (auto& p : ring) p = {at.x + p.x / scale, at.y + p.y / scale};
        auto const place = test::polygon({ring});
        Geometry edge;
        edge.kind = geo::GeometryKind::line;
        edge.positions = ring;
        edge.path_ends = {std::uint32_t(ring.size())};
        test::Ring fine{ring.front()}; // whose edges, straight in degrees, are the geodesics
        for (std::size_t i = 0; i + 1 < ring.size(); ++i)
            for (auto const p : geo::ops::geodesic_pieces(ring[i], ring[i + 1], 25))
                fine.push_back(p);
        geo::ops::Reference const held{test::polygon({fine})};
        std::vector<Position> path;
        for (std::size_t i = 0; i < 2 + random() % 6; ++i)
            path.push_back({lon(random), lat(random)});
        auto const fixes = fixes_of(path, hour);
        auto const found = NearPlace{place}.approach(path).value();
        double least = std::numeric_limits<double>::infinity();
        std::optional<std::pair<std::size_t, double>> first;
        constexpr int steps = 400;
        for (std::size_t i = 0; i + 1 < path.size(); ++i)
            for (int k = 0; k <= steps; ++k) {
                auto const here = between(fixes[i], fixes[i + 1], double(k) / steps).centre;
                bool const inside = held.holds(geo::ops::Relation::intersects, point(here));
                double const metres =
                    inside && first ? 0 : geo::ops::nearest_point(edge, here).metres;
                least = std::min(least, inside ? 0 : metres);
                // Deeper than pieces of edges, straight in degrees, lie beside the geodesic.
                if (inside && !first && metres > 1) first = {i, double(k) / steps};
            }
        if (first) {
            ++entered;
            BOOST_TEST(found.metres == 0);
            // It may be earlier by more than a step: a corner was cut between two of them.
            BOOST_TEST(double(found.segment) + found.share <=
                       double(first->first) + first->second + 1e-6);
            BOOST_TEST(geo::ops::nearest_point(place, found.on_path).metres < 1);
            auto const there = between(fixes[found.segment], fixes[found.segment + 1], found.share);
            BOOST_TEST(geo::ops::geodesic_distance(there.centre, found.on_path) < 1);
        } else if (least > 0 && found.metres > 0) {
            BOOST_TEST(found.metres <= least + 1e-6);
            double const step = 1200 * km / steps; // no segment is longer
            BOOST_TEST(found.metres >= least - step * step / std::max(least, step));
            BOOST_TEST(std::abs(geo::ops::geodesic_distance(found.on_path, found.at_place) -
                                found.metres) < 1e-6);
        }
    }
    BOOST_TEST(entered > 3);
}

BOOST_AUTO_TEST_CASE(a_path_that_runs_past_180_degrees_is_near_what_lies_beyond) {
    std::vector<Position> const path{{178, 10}, {184, 10}};
    auto const near = NearPlace{point({-178, 10.5})}.approach(path).value();
    std::vector<Position> const turned{{-182, 10}, {-176, 10}};
    auto const same = NearPlace{point({-178, 10.5})}.approach(turned).value();
    BOOST_TEST(std::abs(near.metres - same.metres) < 1e-6);
    auto const box = test::polygon({{{-179, 9}, {-177, 9}, {-177, 11}, {-179, 11}, {-179, 9}}});
    auto const entered = NearPlace{box}.approach(path).value();
    BOOST_TEST(entered.metres == 0);
    BOOST_TEST(std::abs(entered.share - 0.5) < 0.001);
}

BOOST_AUTO_TEST_CASE(nothing_is_near_an_empty_place_or_an_empty_path) {
    BOOST_TEST(!NearPlace{Geometry{}}.approach(bualoi));
    BOOST_TEST(!NearPlace{point({105, 18})}.approach({}));
    std::vector<Position> const one{{105, 18}};
    BOOST_TEST(NearPlace{point({105, 18})}.approach(one)->metres == 0);
}

BOOST_AUTO_TEST_CASE(between_fixes_a_storm_moves_evenly_along_the_geodesic) {
    auto const fixes = fixes_of(bualoi, 12 * hour);
    auto const half = fix_at(fixes, {18 * hour}).value();
    double const whole = geo::ops::geodesic_distance(bualoi[1], bualoi[2]);
    BOOST_TEST(std::abs(geo::ops::geodesic_distance(bualoi[1], half.centre) - whole / 2) < 1e-3);
    BOOST_TEST(half.wind.value() == 35);
    BOOST_TEST(std::abs(motion_at(fixes, {18 * hour}).speed - whole / (12 * 3600)) < 1e-9);
    BOOST_TEST(!fix_at(fixes, {-1}));
    BOOST_TEST(!fix_at(fixes, {25 * hour}));
    BOOST_TEST(std::abs(fix_at(fixes, {24 * hour})->centre.y - 18.9) < 1e-12);
}

BOOST_AUTO_TEST_CASE(a_cone_has_the_area_of_the_hull_of_its_circles) {
    // Two circles, the larger not holding the smaller: r² and R² of both sides' arcs and two
    // tangents' trapezoids. Near the equator, small: the plane within 1e-3.
    double const d = 60 * km;
    double const r = 10 * km;
    double const R = 30 * km;
    double const lean = std::asin((R - r) / d);
    double const closed = r * r * (std::numbers::pi / 2 - lean) +
                          R * R * (std::numbers::pi / 2 + lean) +
                          (r + R) * std::sqrt(d * d - (R - r) * (R - r));
    Position const a{107, 0.5};
    auto const b = geo::ops::geodesic_offset(a, 300, d);
    std::vector<Circle> const circles{{a, r}, {b, R}};
    auto const cone = swept(circles);
    BOOST_TEST(geo::ops::validate(cone).valid);
    BOOST_TEST(std::abs(geo::ops::straight_area(cone) / closed - 1) < 1e-3);
}

BOOST_AUTO_TEST_CASE(a_swath_holds_exactly_what_is_within_its_radius) {
    std::mt19937_64 random{tests::seed()};
    std::uniform_real_distribution<double> lon{104, 111.5};
    std::uniform_real_distribution<double> lat{15, 20};
    std::vector<Circle> circles;
    for (auto const p : bualoi) circles.push_back({p, 40 * km});
    auto const swath = swept(circles);
    BOOST_TEST(geo::ops::validate(swath).valid);
    geo::ops::Reference const held{swath};
    for (int i = 0; i < 3000; ++i) {
        auto const p = point({lon(random), lat(random)});
        double const metres = NearPlace{p}.approach(bualoi)->metres;
        if (std::abs(metres - 40 * km) < 25) continue; // a chord of 2.5° lies 10 m inside its arc
        BOOST_TEST(held.holds(geo::ops::Relation::intersects, p) == (metres < 40 * km));
    }
    BOOST_TEST(swept({}).empty());
    BOOST_TEST(!swept(std::vector<Circle>{{{107, 17}, 5000}}).empty());
}
