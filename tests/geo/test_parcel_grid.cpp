#include "geo/error.hpp"
#include "geo/ops/measure.hpp"
#include "geo/ops/validate.hpp"
#include "geo/synthetic/parcel_grid.hpp"
#include "tests/geo/support.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <numeric>
#include <set>
#include <utility>
#include <vector>

namespace {

using namespace diaban;
using geo::Position;
using geo::synthetic::Parcel;
using geo::synthetic::ParcelGrid;
using geo::synthetic::ParcelGridPlan;

/// A segment by the bits of its ends, whichever way it is walked.
using Segment = std::pair<std::pair<double, double>, std::pair<double, double>>;

Segment segment(Position a, Position b) {
    std::pair const p{a.x, a.y};
    std::pair const q{b.x, b.y};
    return p < q ? Segment{p, q} : Segment{q, p};
}

std::map<Segment, std::vector<std::uint64_t>> owners_of_segments(ParcelGrid const& grid) {
    std::map<Segment, std::vector<std::uint64_t>> owners;
    Parcel parcel;
    for (std::uint64_t i = 0; i < grid.size(); ++i) {
        grid.parcel(i, parcel);
        auto const ring = parcel.outline.path(0);
        for (std::size_t k = 1; k < ring.size(); ++k)
            owners[segment(ring[k - 1], ring[k])].push_back(i);
    }
    return owners;
}

/// Sizes of patches: parcels that share an edge and a land use belong together.
std::vector<std::uint64_t> patch_sizes(ParcelGrid const& grid) {
    std::vector<std::uint64_t> root(grid.size());
    std::iota(root.begin(), root.end(), 0);
    auto const find = [&](std::uint64_t i) {
        while (root[i] != i) i = root[i] = root[root[i]];
        return i;
    };
    std::vector<std::string_view> uses(grid.size());
    Parcel parcel;
    for (std::uint64_t i = 0; i < grid.size(); ++i) {
        grid.parcel(i, parcel);
        uses[i] = parcel.land_use;
    }
    for (auto const& [_, owners] : owners_of_segments(grid))
        if (owners.size() == 2 && uses[owners[0]] == uses[owners[1]])
            root[find(owners[0])] = find(owners[1]);
    std::map<std::uint64_t, std::uint64_t> sizes;
    for (std::uint64_t i = 0; i < grid.size(); ++i) ++sizes[find(i)];
    std::vector<std::uint64_t> result;
    for (auto const& [_, size] : sizes) result.push_back(size);
    return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(parcel_grid)

BOOST_AUTO_TEST_CASE(every_parcel_is_a_valid_ring_of_as_many_distinct_positions_as_asked) {
    std::uint64_t const seed = tests::seed();
    for (std::uint32_t const vertices : {5U, 7U, 17U, 33U, 133U}) {
        ParcelGrid const grid{{.count = 20'000, .vertices = vertices, .seed = seed}};
        Parcel parcel;
        for (std::uint64_t i = 0; i < grid.size(); ++i) {
            grid.parcel(i, parcel);
            auto const ring = parcel.outline.path(0);
            BOOST_REQUIRE(ring.size() == vertices);
            std::set<std::pair<double, double>> distinct;
            for (auto const& p : ring) distinct.insert({p.x, p.y});
            BOOST_REQUIRE(distinct.size() == vertices - 1);
            BOOST_REQUIRE(geo::ops::planar_ring_area(ring) > 0);
            BOOST_REQUIRE(geo::ops::validate(parcel.outline).valid);
        }
    }
}

BOOST_AUTO_TEST_CASE(neighbours_share_every_vertex_between_them_and_leave_neither_gap_nor_overlap) {
    // A count that fills its rows exactly: the parcels then tile the box.
    ParcelGridPlan const plan{
        .count = 62 * 50, .box = {105, 18, 105.0652, 18.05}, .seed = tests::seed()};
    ParcelGrid const grid{plan};
    auto const owners = owners_of_segments(grid);
    double area = 0;
    Parcel parcel;
    for (std::uint64_t i = 0; i < grid.size(); ++i) {
        grid.parcel(i, parcel);
        area += geo::ops::planar_ring_area(parcel.outline.path(0));
    }
    std::size_t on_rim = 0;
    for (auto const& [ends, parcels] : owners) {
        BOOST_REQUIRE(parcels.size() <= 2);
        if (parcels.size() == 2) continue;
        ++on_rim;
        auto const [a, b] = ends;
        auto const& box = plan.box;
        bool const along_rim =
            (a.first == b.first && (a.first == box.min_x || a.first == box.max_x)) ||
            (a.second == b.second && (a.second == box.min_y || a.second == box.max_y));
        BOOST_REQUIRE(along_rim);
    }
    BOOST_TEST(on_rim == 2u * (62 + 50) * 4);
    double const whole = 0.0652 * 0.05;
    BOOST_TEST(std::abs(area - whole) < 1e-12 * whole + 1e-15);
}

BOOST_AUTO_TEST_CASE(land_use_lies_in_connected_patches_of_50_to_500_parcels) {
    std::uint64_t const seed = tests::seed();
    for (std::uint64_t const count : {3'000U, 20'000U, 50'001U, 49'999U, 60'017U}) {
        ParcelGrid const grid{{.count = count, .vertices = 5, .seed = seed + count}};
        auto const sizes = patch_sizes(grid);
        auto const [least, most] = std::minmax_element(sizes.begin(), sizes.end());
        BOOST_TEST_MESSAGE(count << " parcels in " << sizes.size() << " patches of " << *least
                                 << " to " << *most);
        BOOST_TEST(*least >= 50u);
        BOOST_TEST(*most <= 500u);
    }
}

BOOST_AUTO_TEST_CASE(sheet_and_number_name_one_parcel) {
    ParcelGrid const grid{{.count = 100'000}};
    std::set<std::pair<std::int64_t, std::int64_t>> names;
    Parcel parcel;
    for (std::uint64_t i = 0; i < grid.size(); ++i) {
        grid.parcel(i, parcel);
        BOOST_REQUIRE(parcel.number >= 1);
        BOOST_REQUIRE(parcel.number <= 500);
        BOOST_REQUIRE(names.insert({parcel.sheet, parcel.number}).second);
    }
}

BOOST_AUTO_TEST_CASE(the_same_plan_gives_the_same_bits_and_another_seed_others) {
    ParcelGrid const one{{.count = 1'000, .seed = 42}};
    ParcelGrid const same{{.count = 1'000, .seed = 42}};
    ParcelGrid const other{{.count = 1'000, .seed = 43}};
    Parcel a;
    Parcel b;
    for (std::uint64_t i = one.size(); i-- > 0;) { // any order
        one.parcel(i, a);
        same.parcel(one.size() - 1 - i, b);
        same.parcel(i, b);
        BOOST_REQUIRE(a.outline == b.outline);
        BOOST_REQUIRE(a.land_use == b.land_use);
    }
    one.parcel(500, a);
    other.parcel(500, b);
    BOOST_TEST(!(a.outline == b.outline));
    // A fixed answer, so that a change of the generator is noticed: it would make every benchmark
    // and every stored figure incomparable.
    double sum = 0;
    for (auto const& p : a.outline.positions) sum += p.x + p.y;
    BOOST_TEST(sum == 0x1.07f691474932p+11);
}

BOOST_AUTO_TEST_CASE(a_million_parcels_take_a_second_and_stay_within_the_box) {
    ParcelGridPlan const plan;
    ParcelGrid const grid{plan};
    BOOST_TEST(grid.size() == 1'000'000u);
    auto const start = std::chrono::steady_clock::now();
    geo::Box box;
    Parcel parcel;
    std::size_t positions = 0;
    for (std::uint64_t i = 0; i < grid.size(); ++i) {
        grid.parcel(i, parcel);
        box.extend(parcel.outline.box());
        positions += parcel.outline.positions.size();
    }
    auto const took =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    BOOST_TEST_MESSAGE("a million parcels: " << took << " s");
    BOOST_TEST(positions == 17'000'000u);
    BOOST_TEST(box.min_x == plan.box.min_x);
    BOOST_TEST(box.max_x == plan.box.max_x);
    BOOST_TEST(box.min_y == plan.box.min_y);
    BOOST_TEST(box.max_y <= plan.box.max_y);
}

BOOST_AUTO_TEST_CASE(plans_that_cannot_be_met_are_refused_with_the_parameter) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    geo::Box const good{105, 18, 106, 19};
    for (auto const& [plan, parameter] : std::vector<std::pair<ParcelGridPlan, std::string>>{
             {{.count = 0}, "count"},
             {{.count = 2'000'000'000}, "count"},
             {{.vertices = 4}, "vertices"},
             {{.vertices = 16}, "vertices"},
             {{.vertices = 135}, "vertices"},
             {{.box = {106, 18, 105, 19}}, "box"},
             {{.box = {105, 18, nan, 19}}, "box"},
             {{.box = {105, 18, 106, 90}}, "box"},
             {{.count = 1'000'000, .box = {105, 18, 105.000001, 18.000001}}, "box"}})
        BOOST_CHECK_EXCEPTION(ParcelGrid{plan}, geo::Error, [&](geo::Error const& error) {
            return error.type() == "bad-parameter" && error.parameters()[0].second == parameter;
        });
    BOOST_CHECK_NO_THROW((ParcelGrid{{.count = 1, .box = good}}));
    BOOST_CHECK_NO_THROW((ParcelGrid{{.count = 7, .box = {105, 18, 106, 18.0001}}}));
}

BOOST_AUTO_TEST_SUITE_END()
