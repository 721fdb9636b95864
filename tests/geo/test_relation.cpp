// What is said of a geometry that is known only to a tolerance.

#include "geo/ops/border_cells.hpp"
#include "geo/ops/relation.hpp"
#include "tests/geo/support.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <iostream>

namespace {

using namespace diaban::geo;
using diaban::geo::ops::BorderCells;
using diaban::geo::ops::Certainty;
using diaban::geo::ops::Reference;
using diaban::geo::ops::Relation;

constexpr std::array relations{Relation::intersects, Relation::equals,  Relation::disjoint,
                               Relation::touches,    Relation::within,  Relation::overlaps,
                               Relation::crosses,    Relation::contains};

/// Stars, zigzags and points of size 0.05 to 2 about (0, 0), corners on a grid of 1/64.
Geometry any_shape(std::mt19937_64& random) {
    std::uniform_real_distribution<double> around{-1.5, 1.5};
    std::uniform_real_distribution<double> size{0.05, 2};
    double const scale = size(random);
    Position const at{around(random), around(random)};
    auto ring = diaban::test::star(random, 3 + random() % 9);
    double reach = 0;
    for (auto const p : ring) reach = std::max({reach, std::abs(p.x), std::abs(p.y)});
    for (auto& p : ring)
        p = {std::round((at.x + p.x / reach * scale) * 1024) / 1024,
             std::round((at.y + p.y / reach * scale) * 1024) / 1024};
    auto const kind = random() % 4;
    Geometry shape = diaban::test::polygon({ring});
    shape.srid = 4326;
    if (kind == 1) {
        shape.kind = GeometryKind::line;
        shape.positions.pop_back();
        shape.path_ends = {std::uint32_t(shape.positions.size())};
        shape.part_ends.clear();
    } else if (kind == 2) {
        shape.kind = GeometryKind::point;
        shape.positions.resize(1);
        shape.path_ends.clear();
        shape.part_ends.clear();
    }
    return shape;
}

/// Each position moved by less than `by`, closed rings kept closed.
Geometry disturbed(Geometry shape, double by, std::mt19937_64& random) {
    std::uniform_real_distribution<double> off{-by * 0.7, by * 0.7};
    for (auto& p : shape.positions) p = {p.x + off(random), p.y + off(random)};
    if (shape.kind == GeometryKind::polygon) shape.positions.back() = shape.positions.front();
    return shape;
}

} // namespace

BOOST_AUTO_TEST_CASE(what_is_certain_of_a_disturbed_geometry_holds_of_the_true_one) {
    std::mt19937_64 random{diaban::tests::seed()};
    std::size_t doubtful = 0;
    std::size_t asked = 0;
    for (int i = 0; i < 1500; ++i) {
        Reference const reference{any_shape(random)};
        for (int k = 0; k < 4; ++k) {
            // Every fourth is the reference itself: equal, and in doubt.
            auto const exact = k == 3 ? reference.shape() : any_shape(random);
            double const tolerance = i % 2 == 0 ? 1e-7 : 0.01;
            auto const known = disturbed(exact, tolerance, random);
            for (auto const relation : relations) {
                auto const said = reference.decide(relation, known, tolerance);
                ++asked;
                doubtful += said == Certainty::doubtful ? 1U : 0U;
                if (said == Certainty::doubtful) continue;
                BOOST_TEST((said == Certainty::yes) == reference.holds(relation, exact),
                           "relation " << int(relation) << ", tolerance " << tolerance << ", kinds "
                                       << int(exact.kind) << ' ' << int(reference.shape().kind));
            }
        }
    }
    std::cout << doubtful << " of " << asked << " answers in doubt\n";
    BOOST_TEST(doubtful < asked / 2);
}

BOOST_AUTO_TEST_CASE(without_tolerance_nothing_is_in_doubt) {
    std::mt19937_64 random{diaban::tests::seed()};
    for (int i = 0; i < 300; ++i) {
        Reference const reference{any_shape(random)};
        auto const other = any_shape(random);
        for (auto const relation : relations)
            BOOST_TEST((reference.decide(relation, other, 0) != Certainty::doubtful));
    }
}

BOOST_AUTO_TEST_CASE(cells_that_are_inside_or_outside_are_so) {
    std::mt19937_64 random{diaban::tests::seed()};
    std::uniform_real_distribution<double> around{-4, 4};
    std::exponential_distribution<double> size{20};
    std::array<std::size_t, 3> count{};
    for (int i = 0; i < 100; ++i) {
        auto ring = diaban::test::star(random, 3 + random() % 40);
        auto const region = diaban::test::polygon({ring});
        BorderCells const cells{region};
        Reference const reference{region};
        for (int k = 0; k < 300; ++k) {
            double const x = around(random);
            double const y = around(random);
            Box const box{x, y, x + size(random), y + size(random)};
            auto const shape = diaban::test::polygon({{{box.min_x, box.min_y},
                                                       {box.max_x, box.min_y},
                                                       {box.max_x, box.max_y},
                                                       {box.min_x, box.max_y},
                                                       {box.min_x, box.min_y}}});
            auto const place = cells.place(box);
            ++count[std::size_t(place)];
            if (place == BorderCells::Place::inside)
                BOOST_TEST(reference.holds(Relation::within, shape));
            if (place == BorderCells::Place::outside)
                BOOST_TEST(reference.holds(Relation::disjoint, shape));
        }
    }
    std::cout << count[0] << " outside, " << count[1] << " inside, " << count[2] << " at border\n";
    BOOST_TEST(count[1] > 100U);
}

BOOST_AUTO_TEST_CASE(positions_inside_and_near_a_border_are_told) {
    std::mt19937_64 random{diaban::tests::seed()};
    std::size_t within = 0;
    for (int i = 0; i < 100; ++i) {
        auto const region = diaban::test::polygon({diaban::test::star(random, 3 + random() % 40)});
        auto const box = region.box();
        std::uniform_real_distribution<double> x{box.min_x - 0.1, box.max_x + 0.1};
        std::uniform_real_distribution<double> y{box.min_y - 0.1, box.max_y + 0.1};
        BorderCells const cells{region};
        Reference const reference{region};
        for (int k = 0; k < 300; ++k) {
            Geometry point;
            point.kind = GeometryKind::point;
            point.positions = {{x(random), y(random)}};
            auto const p = point.positions.front();
            bool const holds = reference.holds(Relation::intersects, point);
            BOOST_TEST(cells.inside(p) == holds);
            within += holds ? 1U : 0U;
            // By all segments, one by one.
            double nearest = 1e9;
            auto const ring = region.path(0);
            for (std::size_t s = 0; s + 1 < ring.size(); ++s) {
                double const dx = ring[s + 1].x - ring[s].x;
                double const dy = ring[s + 1].y - ring[s].y;
                double const t = std::clamp(((p.x - ring[s].x) * dx + (p.y - ring[s].y) * dy) /
                                                (dx * dx + dy * dy),
                                            0.0, 1.0);
                nearest = std::min(nearest,
                                   std::hypot(p.x - ring[s].x - t * dx, p.y - ring[s].y - t * dy));
            }
            BOOST_TEST(cells.near(p, nearest * 1.0001));
            BOOST_TEST(!cells.near(p, nearest * 0.9999));
        }
    }
    BOOST_TEST(within > 1000U);
}

BOOST_AUTO_TEST_CASE(a_comb_of_many_teeth_takes_little_memory_and_answers_right) {
    constexpr int teeth = 50'000;
    diaban::test::Ring ring;
    for (int i = 0; i < teeth; ++i) {
        ring.push_back({i * 2.0, 0});
        ring.push_back({i * 2.0 + 1, 100});
    }
    ring.push_back({teeth * 2.0, -1});
    ring.push_back({0, -1});
    ring.push_back(ring.front());
    BorderCells const cells{diaban::test::polygon({ring})};
    BOOST_TEST(cells.inside({2001, 50}));
    BOOST_TEST(!cells.inside({2000, 50}));
    BOOST_TEST(cells.inside({2000, -0.5}));
    BOOST_TEST(cells.near(Position{2000.5, 50.2}, 0.01));
    BOOST_TEST((cells.place({10, 101, 20, 102}) == BorderCells::Place::outside));
}

BOOST_AUTO_TEST_CASE(a_relation_and_its_converse_say_the_same) {
    std::mt19937_64 random{diaban::tests::seed()};
    for (int i = 0; i < 500; ++i) {
        Reference const a{any_shape(random)};
        Reference const b{any_shape(random)};
        for (auto const relation : relations)
            BOOST_TEST(a.holds(relation, b.shape()) == b.holds(ops::converse(relation), a.shape()));
    }
}
