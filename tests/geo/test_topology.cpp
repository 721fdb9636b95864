#include "geo/cadastre/topology.hpp"
#include "tests/geo/support.hpp"
#include "tests/support/planted_parcels.hpp"

#include <boost/test/unit_test.hpp>

#include <random>

namespace {

using namespace diaban;
using geo::cadastre::check_topology;
using geo::cadastre::ParcelSet;
using geo::cadastre::TopologyFault;
using geo::cadastre::TopologyFinding;

test::Ring square(double x, double y, double width, double height) {
    return {{x, y}, {x + width, y}, {x + width, y + height}, {x, y + height}, {x, y}};
}

std::vector<TopologyFinding> of(TopologyFault fault, std::vector<TopologyFinding> findings) {
    std::erase_if(findings, [&](auto const& f) { return f.fault != fault; });
    return findings;
}

} // namespace

BOOST_AUTO_TEST_SUITE(topology)

BOOST_AUTO_TEST_CASE(every_planted_fault_is_found_and_no_other) {
    auto const planted = tests::planted_parcels(120'000, 100, tests::seed());
    BOOST_TEST(planted.faults.size() == 800);
    BOOST_TEST(tests::differences(planted, check_topology(planted.parcels, {})) == "");
}

BOOST_AUTO_TEST_CASE(threads_change_no_answer) {
    auto const planted = tests::planted_parcels(20'000, 10, tests::seed());
    auto const one = check_topology(planted.parcels, {.threads = 1});
    auto const three = check_topology(planted.parcels, {.threads = 3});
    BOOST_REQUIRE(one.size() == three.size());
    for (std::size_t i = 0; i < one.size(); ++i) {
        BOOST_TEST((one[i].fault == three[i].fault && one[i].parcels == three[i].parcels));
        BOOST_TEST(one[i].size == three[i].size);
    }
}

BOOST_AUTO_TEST_CASE(a_window_tells_what_the_whole_tells_there) {
    auto const planted = tests::planted_parcels(20'000, 10, tests::seed());
    for (auto const& fault : planted.faults) {
        if (fault.fault == TopologyFault::missing_number) continue;
        auto window = planted.parcels.box(fault.parcel);
        window = {window.min_x - 30, window.min_y - 30, window.max_x + 30, window.max_y + 30};
        ParcelSet near;
        geo::Geometry shape;
        for (std::uint32_t i = 0; i < planted.parcels.size(); ++i)
            if (planted.parcels.box(i).intersects(window)) {
                planted.parcels.geometry(i, shape);
                near.add(shape, planted.parcels.sheet[i], planted.parcels.number[i],
                         planted.parcels.label[i]);
            }
        auto const found = check_topology(near, {.window = window});
        if (fault.fault == TopologyFault::duplicate_number) continue; // the other lies elsewhere
        BOOST_TEST(found.size() == 1);
        for (auto const& finding : found) BOOST_TEST((finding.fault == fault.fault));
    }
}

BOOST_AUTO_TEST_CASE(a_parcel_over_many_others_overlaps_each_of_them) {
    ParcelSet parcels;
    for (int i = 0; i < 5; ++i)
        for (int j = 0; j < 5; ++j)
            parcels.add(test::polygon({square(i * 10, j * 10, 10, 10)}), 1, i * 5 + j + 1);
    parcels.add(test::polygon({square(5, 5, 40, 40)}), 1, 26);
    auto const found = check_topology(parcels, {});
    BOOST_TEST(found.size() == 25);
    double area = 0;
    for (auto const& overlap : of(TopologyFault::overlap, found)) area += overlap.size;
    BOOST_TEST(area == 1600, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(a_parcel_registered_twice_overlaps_itself_wholly) {
    ParcelSet parcels;
    for (int i = 0; i < 3; ++i) parcels.add(test::polygon({square(i * 10, 0, 10, 10)}), 1, i + 1);
    parcels.add(test::polygon({square(10, 0, 10, 10)}), 1, 4);
    auto const found = check_topology(parcels, {});
    BOOST_REQUIRE(found.size() == 1);
    BOOST_TEST((found[0].fault == TopologyFault::overlap));
    BOOST_TEST(found[0].size == 100);
    BOOST_TEST((found[0].parcels == std::vector<std::uint32_t>{1, 3}));
}

BOOST_AUTO_TEST_CASE(ground_with_an_island_is_a_gap_and_the_island_none) {
    ParcelSet parcels;
    auto const hole = square(10, 10, 10, 10);
    parcels.add(test::polygon({square(0, 0, 30, 30), hole}), 1, 1);
    parcels.add(test::polygon({square(13, 13, 4, 4)}), 1, 2);
    auto const found = check_topology(parcels, {});
    BOOST_REQUIRE(found.size() == 1);
    BOOST_TEST((found[0].fault == TopologyFault::gap));
    BOOST_TEST(found[0].size == 84, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(a_hole_that_is_filled_is_no_fault_whatever_the_winding) {
    ParcelSet parcels;
    auto hole = square(10, 10, 10, 10);
    parcels.add(test::polygon({square(0, 0, 30, 30), hole}), 1, 1);
    std::ranges::reverse(hole);
    parcels.add(test::polygon({hole}), 1, 2);
    BOOST_TEST(check_topology(parcels, {}).empty());
}

BOOST_AUTO_TEST_CASE(ground_larger_than_a_gap_is_unsurveyed_and_not_told) {
    ParcelSet parcels;
    parcels.add(test::polygon({square(0, 0, 300, 300), square(100, 100, 100, 100)}), 1, 1);
    BOOST_TEST(check_topology(parcels, {}).empty());
}

BOOST_AUTO_TEST_CASE(a_corner_that_the_next_sheet_lacks_is_told_though_nothing_gapes) {
    ParcelSet parcels;
    parcels.add(test::polygon({square(0, 0, 10, 10)}), 1, 1);
    parcels.add(test::polygon({{{10, 0}, {20, 0}, {20, 10}, {10, 10}, {10, 4}, {10, 0}}}), 2, 1);
    auto const found = check_topology(parcels, {});
    BOOST_REQUIRE(found.size() == 1);
    BOOST_TEST((found[0].fault == TopologyFault::edge_mismatch));
    BOOST_TEST((found[0].place.positions[0] == geo::Position{10, 4}));
}

BOOST_AUTO_TEST_CASE(numbers_given_up_in_law_are_not_missed) {
    ParcelSet parcels;
    for (int i = 0; i < 4; ++i)
        parcels.add(test::polygon({square(i * 10, 0, 10, 10)}), 1, i < 2 ? i + 1 : i + 3);
    BOOST_TEST(check_topology(parcels, {}).size() == 2); // 3 and 4
    BOOST_TEST(
        check_topology(parcels, {.retired = [](std::uint32_t, std::int64_t n) { return n == 3; }})
            .size() == 1);
}

BOOST_AUTO_TEST_CASE(tolerances_follow_the_scale) {
    BOOST_TEST(geo::cadastre::tolerance_at(500).sliver_width == 0.1);
    BOOST_TEST(geo::cadastre::tolerance_at(2000).sliver_width == 0.4);
}

BOOST_AUTO_TEST_SUITE_END()
