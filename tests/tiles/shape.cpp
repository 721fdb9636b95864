#include "tiles/shape.hpp"

#include "geo/ops/snap.hpp"
#include "tests/support/mvt_reader.hpp"
#include "tests/support/seed.hpp"
#include "tiles/clip.hpp"
#include "tiles/untangle.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <iostream>
#include <random>

using namespace diaban;
using tiles::GridBox;
using tiles::GridPoint;
using tiles::Shape;

namespace {

void add_ring(Shape& shape, std::vector<GridPoint> const& ring) {
    shape.points.insert(shape.points.end(), ring.begin(), ring.end());
    shape.close_path();
}

tests::ReadFeature as_feature(Shape const& shape) {
    tests::ReadFeature feature;
    feature.type = 3;
    for (std::size_t i = 0; i < shape.path_ends.size(); ++i) {
        auto& path = feature.paths.emplace_back();
        for (auto const p : shape.path(i)) path.push_back({p.x, p.y});
    }
    return feature;
}

/// A few random points on a small grid, without repeated neighbours, wound positive: mostly
/// tangled, often touching itself.
std::vector<GridPoint> random_ring(std::mt19937_64& random, std::size_t size, int side) {
    std::uniform_int_distribution<int> at{0, side};
    std::vector<GridPoint> ring;
    while (ring.size() < size) {
        GridPoint const p{at(random), at(random)};
        if (ring.empty() || (ring.back() != p && (ring.size() + 1 < size || ring.front() != p)))
            ring.push_back(p);
    }
    if (tiles::twice_area(ring) < 0) std::reverse(ring.begin(), ring.end());
    return ring;
}

/// A star around a centre: simple by construction.
std::vector<GridPoint> star(std::mt19937_64& random, GridPoint centre, double radius,
                            std::size_t size) {
    std::uniform_real_distribution<double> share{0.3, 1.0};
    std::vector<GridPoint> ring;
    for (std::size_t i = 0; i < size; ++i) {
        double const angle = 2 * 3.14159265358979 * double(i) / double(size);
        double const r = radius * share(random);
        ring.push_back({centre.x + int(std::lround(r * std::cos(angle))),
                        centre.y + int(std::lround(r * std::sin(angle)))});
    }
    return ring;
}

std::pair<double, double> area_and_length(Shape const& shape) {
    double area = 0;
    double length = 0;
    for (std::size_t i = 0; i < shape.path_ends.size(); ++i) {
        auto const ring = shape.path(i);
        area += double(tiles::twice_area(ring)) / 2;
        for (std::size_t k = 0; k < ring.size(); ++k) {
            auto const a = ring[k];
            auto const b = ring[(k + 1) % ring.size()];
            length += std::hypot(a.x - b.x, a.y - b.y);
        }
    }
    return {area, length};
}

double brute_clearance(Shape const& shape) {
    double best = INFINITY;
    for (std::size_t p = 0; p < shape.path_ends.size(); ++p)
        for (auto const from : shape.path(p))
            for (std::size_t q = 0; q < shape.path_ends.size(); ++q) {
                auto const ring = shape.path(q);
                for (std::size_t i = 0; i < ring.size(); ++i) {
                    auto const a = ring[i];
                    auto const b = ring[(i + 1) % ring.size()];
                    if (from == a || from == b) continue;
                    double const dx = b.x - a.x;
                    double const dy = b.y - a.y;
                    double const t = std::clamp(
                        ((from.x - a.x) * dx + (from.y - a.y) * dy) / (dx * dx + dy * dy), 0., 1.);
                    best = std::min(best, std::pow(from.x - a.x - t * dx, 2) +
                                              std::pow(from.y - a.y - t * dy, 2));
                }
            }
    return best;
}

/// Whether what is left of `whole` in the window is a polygon.
bool clip(Shape const& whole, GridBox const& window, Shape& out) {
    return tiles::clip_polygon(whole, window, 0, out) != tiles::Clipped::not_a_polygon;
}

} // namespace

BOOST_AUTO_TEST_SUITE(shape)

BOOST_AUTO_TEST_CASE(a_ring_called_clean_is_valid_and_a_valid_ring_without_contact_is_clean) {
    std::mt19937_64 random{tests::seed()};
    std::size_t clean = 0;
    std::size_t refused_though_valid = 0;
    for (int round = 0; round < 60'000; ++round) {
        Shape shape;
        add_ring(shape, random_ring(random, 3 + std::size_t(round) % 5, 3 + round % 9));
        auto const fault = tests::polygon_fault(as_feature(shape));
        if (tiles::is_clean(shape)) {
            ++clean;
            BOOST_REQUIRE_MESSAGE(fault.empty(), "round " << round << ": " << fault);
        } else if (fault.empty()) {
            ++refused_though_valid;
        }
    }
    BOOST_TEST(clean > 5'000U);
    // One ring cannot touch itself and be valid, so the two agree.
    BOOST_TEST(refused_though_valid == 0U);
}

BOOST_AUTO_TEST_CASE(rings_called_clean_together_are_a_valid_polygon) {
    std::mt19937_64 random{tests::seed()};
    std::size_t clean = 0;
    for (int round = 0; round < 60'000; ++round) {
        Shape shape;
        add_ring(shape, star(random, {0, 0}, 20, 5));
        for (int i = 0; i < 1 + round % 3; ++i) {
            std::uniform_int_distribution<int> at{-16, 16};
            auto other = star(random, {at(random), at(random)}, 2.0 + round % 7, 4);
            if (round % 2 == 0) std::reverse(other.begin(), other.end());
            add_ring(shape, other);
        }
        if (!tiles::is_clean(shape)) continue;
        ++clean;
        auto const fault = tests::polygon_fault(as_feature(shape));
        BOOST_REQUIRE_MESSAGE(fault.empty(), "round " << round << ": " << fault);
    }
    BOOST_TEST(clean > 5'000U);
}

BOOST_AUTO_TEST_CASE(a_hole_inside_its_exterior_is_clean_and_outside_it_is_not) {
    std::vector<GridPoint> const square{{0, 0}, {10, 0}, {10, 10}, {0, 10}};
    std::vector<GridPoint> const hole{{2, 2}, {2, 4}, {4, 4}, {4, 2}};
    std::vector<GridPoint> const far{{20, 20}, {20, 24}, {24, 24}, {24, 20}};
    Shape good;
    add_ring(good, square);
    add_ring(good, hole);
    BOOST_TEST(tiles::is_clean(good));
    Shape bad;
    add_ring(bad, square);
    add_ring(bad, far);
    BOOST_TEST(!tiles::is_clean(bad));
    Shape alone;
    add_ring(alone, hole);
    BOOST_TEST(!tiles::is_clean(alone));
}

BOOST_AUTO_TEST_CASE(an_island_in_a_lake_is_clean_and_a_part_inside_a_part_is_not) {
    std::vector<GridPoint> const land{{0, 0}, {30, 0}, {30, 30}, {0, 30}};
    std::vector<GridPoint> const lake{{5, 5}, {5, 25}, {25, 25}, {25, 5}};
    std::vector<GridPoint> const island{{10, 10}, {20, 10}, {20, 20}, {10, 20}};
    Shape good;
    add_ring(good, land);
    add_ring(good, lake);
    add_ring(good, island);
    BOOST_TEST(tiles::is_clean(good));
    Shape bad;
    add_ring(bad, land);
    add_ring(bad, island);
    BOOST_TEST(!tiles::is_clean(bad));
}

BOOST_AUTO_TEST_CASE(what_is_untangled_is_valid_and_has_the_area_it_had) {
    std::mt19937_64 random{tests::seed()};
    std::size_t untangled = 0;
    std::size_t refused = 0;
    for (int round = 0; round < 40'000; ++round) {
        // A crooked star of a size at which rounding folds it up here and there.
        Shape shape;
        auto exterior = star(random, {0, 0}, 3.0 + round % 20, 9 + std::size_t(round) % 40);
        exterior.erase(std::unique(exterior.begin(), exterior.end()), exterior.end());
        while (exterior.size() > 1 && exterior.back() == exterior.front()) exterior.pop_back();
        if (exterior.size() < 3 || tiles::twice_area(exterior) <= 0) continue;
        add_ring(shape, exterior);
        if (tiles::is_clean(shape)) continue;
        auto const area = tiles::twice_area(exterior);
        if (!tiles::untangle(shape)) {
            ++refused;
            continue;
        }
        ++untangled;
        auto const fault = tests::polygon_fault(as_feature(shape));
        BOOST_REQUIRE_MESSAGE(fault.empty(), "round " << round << ": " << fault);
        std::int64_t left = 0;
        for (std::size_t i = 0; i < shape.path_ends.size(); ++i)
            left += std::int64_t(tiles::twice_area(shape.path(i)));
        BOOST_REQUIRE_EQUAL(left, std::int64_t(area));
    }
    BOOST_TEST_MESSAGE(untangled << " untangled, " << refused << " refused");
    BOOST_TEST(untangled > 1'000U);
}

BOOST_AUTO_TEST_CASE(a_corridor_without_width_parts_two_rooms_and_an_inner_loop_becomes_a_hole) {
    Shape rooms;
    add_ring(rooms, {{0, 0},
                     {4, 0},
                     {4, 2},
                     {8, 2},
                     {8, 0},
                     {12, 0},
                     {12, 4},
                     {8, 4},
                     {8, 2},
                     {4, 2},
                     {4, 4},
                     {0, 4}});
    BOOST_TEST(!tiles::is_clean(rooms));
    BOOST_REQUIRE(tiles::untangle(rooms));
    BOOST_TEST(rooms.path_ends.size() == 2U);
    BOOST_TEST(tests::polygon_fault(as_feature(rooms)) == "");

    Shape loop;
    add_ring(loop, {{0, 0}, {10, 0}, {10, 10}, {0, 10}, {0, 5}, {2, 7}, {4, 5}, {2, 3}, {0, 5}});
    BOOST_REQUIRE(tiles::untangle(loop));
    BOOST_REQUIRE_EQUAL(loop.path_ends.size(), 2U);
    BOOST_TEST(bool(tiles::twice_area(loop.path(0)) > 0));
    BOOST_TEST(bool(tiles::twice_area(loop.path(1)) < 0));
    BOOST_TEST(tests::polygon_fault(as_feature(loop)) == "");
}

BOOST_AUTO_TEST_CASE(an_island_all_whose_corners_touch_the_shore_of_its_lake_stays_where_it_is) {
    Shape lake;
    add_ring(lake, {{0, 0}, {60, 0}, {60, 60}, {0, 60}});
    add_ring(lake, {{30, 5}, {10, 15}, {10, 45}, {30, 55}, {50, 45}, {50, 15}});
    add_ring(lake, {{30, 5}, {50, 45}, {10, 45}}); // every other corner of the hexagon
    // By hand, twice: 2 · (60 · 60 - (40 · 30 + 40 · 10) + 40 · 40 / 2).
    auto const twice = [&] {
        std::int64_t sum = 0;
        for (std::size_t i = 0; i < lake.path_ends.size(); ++i)
            sum += std::int64_t(tiles::twice_area(lake.path(i)));
        return sum;
    };
    BOOST_REQUIRE_EQUAL(twice(), 5600);
    BOOST_REQUIRE(tiles::untangle(lake));
    BOOST_TEST(twice() == 5600);
    BOOST_TEST(tests::polygon_fault(as_feature(lake)) == "");
}

BOOST_AUTO_TEST_CASE(rings_that_cross_are_not_untangled_and_stay_as_they_were) {
    Shape crossing;
    add_ring(crossing, {{0, 0}, {10, 10}, {10, 0}, {0, 10}});
    auto const before = crossing.points;
    BOOST_TEST(!tiles::untangle(crossing));
    BOOST_TEST(bool(crossing.points == before));
}

BOOST_AUTO_TEST_CASE(clearance_by_tree_equals_clearance_by_brute_force) {
    std::mt19937_64 random{tests::seed()};
    for (std::size_t const size : {5U, 40U, 65U, 200U, 1000U}) {
        Shape shape;
        add_ring(shape, star(random, {1'000'000, -5'000'000}, 300'000, size));
        auto hole = star(random, {1'000'000, -5'000'000}, 80'000, size);
        std::reverse(hole.begin(), hole.end());
        add_ring(shape, hole);
        BOOST_TEST(tiles::squared_clearance(shape) == brute_clearance(shape),
                   boost::test_tools::tolerance(1e-9));
    }
}

BOOST_AUTO_TEST_CASE(rounding_by_less_than_the_clearance_allows_never_breaks_a_ring) {
    std::mt19937_64 random{tests::seed()};
    std::size_t tried = 0;
    for (int round = 0; round < 20'000; ++round) {
        Shape shape;
        add_ring(shape, star(random, {0, 0}, 4000, 17));
        double const clearance = tiles::squared_clearance(shape);
        for (int unit = 2; 2.0 * unit * unit < clearance; unit *= 2) {
            Shape rounded = shape;
            for (auto& p : rounded.points)
                p = {int(std::floor((p.x + unit / 2) / double(unit))),
                     int(std::floor((p.y + unit / 2) / double(unit)))};
            ++tried;
            BOOST_REQUIRE(tests::polygon_fault(as_feature(rounded)).empty());
        }
    }
    BOOST_TEST(tried > 20'000U);
}

BOOST_AUTO_TEST_CASE(clipping_keeps_exactly_the_area_inside) {
    Shape diamond;
    add_ring(diamond, {{0, -1000}, {1000, 0}, {0, 1000}, {-1000, 0}});
    Shape out;
    BOOST_REQUIRE(clip(diamond, {-500, -500, 500, 500}, out));
    BOOST_REQUIRE_EQUAL(out.path_ends.size(), 1U);
    // The diamond covers the whole window: its corners lie on |x| + |y| = 1000.
    BOOST_TEST(std::int64_t(tiles::twice_area(out.path(0))) == 2 * 1000 * 1000);
    BOOST_REQUIRE(clip(diamond, {600, -500, 900, 500}, out));
    BOOST_TEST(std::int64_t(tiles::twice_area(out.path(0))) == 2 * (400 * 400 - 100 * 100));
    BOOST_REQUIRE(clip(diamond, {2000, 2000, 3000, 3000}, out));
    BOOST_TEST(out.empty());
}

BOOST_AUTO_TEST_CASE(a_comb_cut_across_its_teeth_becomes_one_ring_a_tooth_with_its_own_hole) {
    Shape comb;
    add_ring(comb, {{0, 0}, {70, 0}, {70, 40}, {50, 40}, {50, 10}, {20, 10}, {20, 40}, {0, 40}});
    add_ring(comb, {{5, 25}, {5, 35}, {10, 35}, {10, 25}});
    add_ring(comb, {{60, 25}, {60, 35}, {65, 35}, {65, 25}});
    Shape out;
    BOOST_REQUIRE(clip(comb, {-10, 20, 100, 100}, out));
    BOOST_REQUIRE_EQUAL(out.path_ends.size(), 4U);
    BOOST_TEST(tiles::is_clean(out));
    BOOST_TEST(tests::polygon_fault(as_feature(out)) == "");
}

BOOST_AUTO_TEST_CASE(clipped_stars_with_holes_are_what_GEOS_makes_of_them_to_the_rounding) {
    std::mt19937_64 random{tests::seed()};
    std::uniform_int_distribution<int> at{-900, 900};
    std::size_t clean = 0;
    constexpr int rounds = 20'000;
    for (int round = 0; round < rounds; ++round) {
        Shape whole;
        add_ring(whole, star(random, {0, 0}, 1000, 5 + std::size_t(round) % 40));
        if (round % 2 == 0) {
            auto hole = star(random, {0, 0}, 200, 7);
            std::reverse(hole.begin(), hole.end());
            add_ring(whole, hole);
        }
        if (!tiles::is_clean(whole)) continue;
        GridBox window{at(random), at(random), at(random), at(random)};
        if (window.min_x > window.max_x) std::swap(window.min_x, window.max_x);
        if (window.min_y > window.max_y) std::swap(window.min_y, window.max_y);
        if (window.min_x == window.max_x || window.min_y == window.max_y) continue;
        Shape out;
        BOOST_REQUIRE(clip(whole, window, out));
        for (auto const p : out.points) BOOST_REQUIRE(window.contains(p));
        if (!out.empty() && tiles::is_clean(out)) {
            ++clean;
            BOOST_REQUIRE(tests::polygon_fault(as_feature(out)).empty());
        }
        auto const snapped = geo::ops::snap_to_units(tiles::to_polygon(whole),
                                                     {double(window.min_x), double(window.min_y),
                                                      double(window.max_x), double(window.max_y)});
        Shape theirs;
        tiles::from_polygon(snapped, theirs);
        auto const [ours, our_length] = area_and_length(out);
        auto const [expected, their_length] = area_and_length(theirs);
        // Each side may move by the rounding of its ends, at most a unit.
        BOOST_REQUIRE_SMALL(ours - expected, 1.0 + std::max(our_length, their_length));
    }
    BOOST_TEST(clean > std::size_t(rounds / 2));
}

BOOST_AUTO_TEST_CASE(what_clipping_calls_clean_without_looking_is_clean) {
    std::mt19937_64 random{tests::seed()};
    std::uniform_int_distribution<int> corners{3, 17};
    std::size_t called_clean = 0;
    std::size_t doubted = 0;
    for (int round = 0; round < 200'000; ++round) {
        Shape shape;
        add_ring(shape, star(random, {0, 0}, 4000, std::size_t(corners(random))));
        double const clearance = tiles::squared_clearance(shape);
        std::uint32_t zooms = 0; // by which the unit may be doubled, as safe_zooms counts
        while (2.0 * double(4U << (2 * zooms)) < clearance) ++zooms;
        for (std::uint32_t spare = 0; spare < zooms; ++spare) {
            int const unit = 2 << (zooms - 1 - spare);
            Shape rounded = shape;
            for (auto& p : rounded.points)
                p = {int(std::floor((p.x + unit / 2) / double(unit))),
                     int(std::floor((p.y + unit / 2) / double(unit)))};
            std::uniform_int_distribution<int> at{-4000 / unit, 4000 / unit};
            GridBox window{at(random), at(random), 0, 0};
            window.max_x = window.min_x + 1 + std::abs(at(random));
            window.max_y = window.min_y + 1 + std::abs(at(random));
            Shape out;
            auto const clipped = tiles::clip_polygon(rounded, window, spare, out);
            ++(clipped == tiles::Clipped::clean ? called_clean : doubted);
            if (clipped == tiles::Clipped::clean)
                BOOST_REQUIRE(out.empty() || tiles::is_clean(out));
        }
    }
    BOOST_TEST(called_clean > 100'000U);
    BOOST_TEST(doubted > 10'000U);
}

BOOST_AUTO_TEST_CASE(neighbours_that_share_an_edge_share_its_crossings) {
    std::mt19937_64 random{tests::seed()};
    std::uniform_int_distribution<int> at{-3000, 3000};
    for (int round = 0; round < 20'000; ++round) {
        GridPoint const a{at(random), at(random)};
        GridPoint const b{at(random), at(random)};
        Shape forth;
        Shape back;
        tiles::clip_line(std::vector<GridPoint>{a, b}, {-1000, -1000, 1000, 1000}, forth);
        tiles::clip_line(std::vector<GridPoint>{b, a}, {-1000, -1000, 1000, 1000}, back);
        std::reverse(back.points.begin(), back.points.end());
        BOOST_REQUIRE(forth.points == back.points);
        for (auto const p : forth.points)
            BOOST_REQUIRE((GridBox{-1000, -1000, 1000, 1000}.contains(p)));
    }
}

BOOST_AUTO_TEST_CASE(a_line_that_leaves_and_returns_becomes_two_pieces) {
    std::vector<GridPoint> const line{{-50, 0}, {50, 0}, {50, 200}, {0, 200}, {0, 50}};
    Shape out;
    tiles::clip_line(line, {-100, -100, 100, 100}, out);
    BOOST_REQUIRE_EQUAL(out.path_ends.size(), 2U);
    BOOST_TEST(out.path(0).back().y == 100);
    BOOST_TEST(out.path(1).front().y == 100);
    BOOST_TEST(out.path(1).back().y == 50);
}

BOOST_AUTO_TEST_SUITE_END()
