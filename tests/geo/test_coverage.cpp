#include "geo/coverage/arcs.hpp"
#include "geo/coverage/simplify.hpp"
#include "tests/support/coverage.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <set>

using namespace diaban;
using geo::GridPoint;
using geo::coverage::Arcs;
using geo::coverage::find_arcs;
using tests::Coverage;

namespace {

Coverage coverage_of(std::vector<std::vector<GridPoint>> const& rings) {
    Coverage coverage;
    for (auto const& ring : rings) {
        coverage.points.insert(coverage.points.end(), ring.begin(), ring.end());
        coverage.ring_begin.push_back(std::uint32_t(coverage.points.size()));
        coverage.row_begin.push_back(std::uint32_t(coverage.ring_begin.size() - 1));
    }
    return coverage;
}

/// A ring put together from its references, from where it starts.
std::vector<GridPoint> ring_of(Arcs const& arcs, std::size_t ring) {
    std::vector<GridPoint> points;
    for (auto r = arcs.ring_begin[ring]; r < arcs.ring_begin[ring + 1]; ++r) {
        auto const reference = arcs.references[r];
        auto const arc = arcs.arc(std::size_t(reference >= 0 ? reference : ~reference));
        std::vector<GridPoint> run(arc.begin(), arc.end());
        if (reference < 0) std::reverse(run.begin(), run.end());
        if (!points.empty()) {
            BOOST_REQUIRE(points.back() == run.front());
            points.pop_back();
        }
        points.insert(points.end(), run.begin(), run.end());
    }
    BOOST_REQUIRE(points.front() == points.back());
    points.pop_back();
    return points;
}

void require_whole(Coverage const& coverage, Arcs const& arcs) {
    for (std::size_t ring = 0; ring + 1 < coverage.ring_begin.size(); ++ring) {
        std::vector<GridPoint> expected(coverage.points.begin() + coverage.ring_begin[ring],
                                        coverage.points.begin() + coverage.ring_begin[ring + 1]);
        std::rotate(expected.begin(), expected.begin() + arcs.ring_start[ring], expected.end());
        BOOST_REQUIRE(ring_of(arcs, ring) == expected);
    }
}

using Edge = std::pair<GridPoint, GridPoint>;

/// How often each side stands in the rings, whichever way it is run; and in the arcs.
void require_each_side_once(Coverage const& coverage, Arcs const& arcs) {
    std::set<Edge> sides;
    for (std::size_t ring = 0; ring + 1 < coverage.ring_begin.size(); ++ring) {
        auto const begin = coverage.ring_begin[ring];
        auto const end = coverage.ring_begin[ring + 1];
        for (auto i = begin; i < end; ++i)
            sides.insert(
                std::minmax(coverage.points[i], coverage.points[i + 1 == end ? begin : i + 1]));
    }
    std::size_t in_arcs = 0;
    std::set<Edge> found;
    for (std::size_t a = 0; a < arcs.size(); ++a)
        for (std::size_t i = 0; i + 1 < arcs.arc(a).size(); ++i) {
            found.insert(std::minmax(arcs.arc(a)[i], arcs.arc(a)[i + 1]));
            ++in_arcs;
        }
    BOOST_TEST(in_arcs == sides.size());
    BOOST_TEST((found == sides));
}

std::vector<double> rising_thresholds() {
    std::vector<double> thresholds;
    for (double area = 1e3; area < 1e13; area *= 8) thresholds.push_back(area);
    return thresholds;
}

} // namespace

BOOST_AUTO_TEST_SUITE(coverage)

BOOST_AUTO_TEST_CASE(neighbours_share_one_arc_and_run_it_in_opposite_directions) {
    auto const squares = coverage_of({{{0, 0}, {5, 0}, {10, 0}, {10, 5}, {10, 10}, {0, 10}},
                                      {{10, 0}, {20, 0}, {20, 10}, {10, 10}, {10, 5}}});
    auto const arcs = find_arcs(squares.rings(), 1);
    require_whole(squares, arcs);
    BOOST_TEST(arcs.size() == 3U);
    std::map<int, int> runs;
    for (auto const r : arcs.references) runs[r >= 0 ? r : ~r] += r >= 0 ? 1 : 10;
    int shared = 0;
    for (auto const& [arc, count] : runs) shared += count == 11 ? 1 : 0;
    BOOST_TEST(shared == 1);
}

BOOST_AUTO_TEST_CASE(an_island_that_fills_a_hole_is_one_arc_wherever_its_rings_begin) {
    auto const lake = coverage_of({{{0, 0}, {30, 0}, {30, 30}, {0, 30}},
                                   {{10, 10}, {10, 20}, {20, 20}, {20, 10}},
                                   {{20, 20}, {10, 20}, {10, 10}, {20, 10}}});
    auto const arcs = find_arcs(lake.rings(), 2);
    require_whole(lake, arcs);
    BOOST_TEST(arcs.size() == 2U);
    BOOST_TEST(arcs.references[1] == ~arcs.references[2]);
}

BOOST_AUTO_TEST_CASE(a_ring_that_meets_itself_and_the_tip_of_a_spike_make_nodes) {
    auto const eight = coverage_of({{{0, 0}, {10, 0}, {5, 5}, {10, 10}, {0, 10}, {5, 5}}});
    auto const arcs = find_arcs(eight.rings(), 1);
    require_whole(eight, arcs);
    BOOST_TEST(arcs.size() == 2U);
    auto const spike = coverage_of({{{0, 0}, {10, 0}, {20, 0}, {10, 0}, {10, 10}}});
    auto const spiked = find_arcs(spike.rings(), 1);
    require_whole(spike, spiked);
    require_each_side_once(spike, spiked);
}

BOOST_AUTO_TEST_CASE(rings_that_lie_over_one_another_keep_their_course) {
    auto const twice = coverage_of({{{0, 0}, {10, 0}, {10, 10}, {0, 10}},
                                    {{0, 0}, {10, 0}, {10, 10}, {0, 10}},
                                    {{5, 5}, {15, 5}, {15, 15}, {5, 15}}});
    auto const arcs = find_arcs(twice.rings(), 2);
    require_whole(twice, arcs);
    BOOST_TEST(arcs.size() == 2U);
    BOOST_TEST(arcs.references[0] == arcs.references[1]);
}

BOOST_AUTO_TEST_CASE(random_coverages_are_the_runs_of_their_arcs_and_each_side_is_held_once) {
    std::mt19937_64 random{tests::seed()};
    for (int round = 0; round < 12; ++round) {
        auto const made =
            tests::random_coverage(random, 5 + unsigned(random() % 20), 1 + unsigned(random() % 5),
                                   5 + 2 * unsigned(random() % 15));
        auto const arcs = find_arcs(made.rings(), 1 + unsigned(round % 3));
        require_whole(made, arcs);
        require_each_side_once(made, arcs);
    }
}

BOOST_AUTO_TEST_CASE(the_number_of_threads_changes_nothing) {
    std::mt19937_64 random{tests::seed()};
    auto const made = tests::random_coverage(random, 40, 4, 17);
    auto const one = find_arcs(made.rings(), 1);
    auto const three = find_arcs(made.rings(), 3);
    BOOST_TEST((one.points == three.points && one.references == three.references));
    auto const thresholds = rising_thresholds();
    BOOST_TEST((geo::coverage::outlived(one, thresholds, 1) ==
                geo::coverage::outlived(one, thresholds, 3)));
}

BOOST_AUTO_TEST_CASE(the_least_triangle_goes_first) {
    // On the way from (0, 0) to (40, 0): triangles of twice the area 20, 200 and 400, by hand.
    auto const ring = coverage_of({{{0, 0}, {10, 1}, {20, 0}, {30, 20}, {40, 0}, {20, -1000}}});
    auto const arcs = find_arcs(ring.rings(), 1);
    std::vector<double> const thresholds{30, 500};
    auto const levels =
        geo::coverage::by_ring(ring.rings(), arcs, geo::coverage::outlived(arcs, thresholds, 1));
    BOOST_TEST(levels[1] == 0);
    BOOST_TEST(levels[3] >= 1);
    BOOST_TEST(levels[5] == 2);
}

BOOST_AUTO_TEST_CASE(a_point_stays_while_its_triangle_holds_another) {
    // The notch of the outer ring would sweep over the small island.
    auto const with_island = coverage_of(
        {{{0, 0}, {50, 30}, {100, 0}, {100, 100}, {0, 100}}, {{49, 10}, {51, 10}, {50, 12}}});
    std::vector<double> const thresholds{4e3};
    auto const arcs = find_arcs(with_island.rings(), 1);
    auto const levels = geo::coverage::by_ring(with_island.rings(), arcs,
                                               geo::coverage::outlived(arcs, thresholds, 1));
    BOOST_TEST(levels[1] == 1);
    auto const alone = coverage_of({{{0, 0}, {50, 30}, {100, 0}, {100, 100}, {0, 100}}});
    auto const free_arcs = find_arcs(alone.rings(), 1);
    BOOST_TEST(geo::coverage::by_ring(alone.rings(), free_arcs,
                                      geo::coverage::outlived(free_arcs, thresholds, 1))[1] == 0);
}

BOOST_AUTO_TEST_CASE(no_level_of_a_random_coverage_gapes_overlaps_or_folds) {
    std::mt19937_64 random{tests::seed()};
    for (int round = 0; round < 8; ++round) {
        auto const made =
            tests::random_coverage(random, 8 + unsigned(random() % 24), 1 + unsigned(random() % 5),
                                   5 + 2 * unsigned(random() % 30));
        auto const whole = tests::facts(made);
        BOOST_REQUIRE_EQUAL(whole.invalid, 0U);
        auto const arcs = find_arcs(made.rings(), 2);
        auto const thresholds = rising_thresholds();
        auto const levels = geo::coverage::by_ring(made.rings(), arcs,
                                                   geo::coverage::outlived(arcs, thresholds, 2));
        for (std::size_t level = 0; level < thresholds.size(); ++level) {
            auto const simple = made.filtered([&](std::size_t i) { return levels[i] > level; });
            auto const found = tests::facts(simple);
            BOOST_TEST(found.invalid == 0U);
            BOOST_TEST(found.collapsed == 0U);
            BOOST_TEST(found.union_rings == whole.union_rings);
            BOOST_TEST(std::abs(found.united / found.sum - 1) <= 1e-9);
        }
        BOOST_TEST(std::count(levels.begin(), levels.end(), std::uint8_t(thresholds.size())) <
                   std::ssize(levels));
    }
}

BOOST_AUTO_TEST_CASE(an_arc_is_simplified_alike_whatever_lies_far_from_it) {
    std::mt19937_64 random{tests::seed()};
    auto const made = tests::random_coverage(random, 20, 3, 21);
    // The same again, far away and in front of it.
    Coverage shifted;
    for (auto const p : made.points) shifted.points.push_back({p.x + 5'000'000, p.y});
    shifted.points.insert(shifted.points.end(), made.points.begin(), made.points.end());
    auto const size = std::uint32_t(made.points.size());
    shifted.ring_begin = made.ring_begin;
    for (std::size_t i = 1; i < made.ring_begin.size(); ++i)
        shifted.ring_begin.push_back(made.ring_begin[i] + size);
    auto const thresholds = rising_thresholds();
    auto const levels_of = [&](Coverage const& coverage) {
        auto const arcs = find_arcs(coverage.rings(), 2);
        return geo::coverage::by_ring(coverage.rings(), arcs,
                                      geo::coverage::outlived(arcs, thresholds, 2));
    };
    auto const alone = levels_of(made);
    auto const beside = levels_of(shifted);
    BOOST_TEST(std::equal(alone.begin(), alone.end(), beside.begin()));
    BOOST_TEST(std::equal(alone.begin(), alone.end(), beside.begin() + size));
}

BOOST_AUTO_TEST_SUITE_END()
