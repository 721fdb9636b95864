#include "tests/support/layers.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>
#include <set>

using namespace diaban;

namespace {

geo::Policy const everything = geo::Policy::everything();

} // namespace

BOOST_AUTO_TEST_SUITE(find)

BOOST_AUTO_TEST_CASE(points_found_by_box_are_those_of_a_scan_and_only_border_points_are_doubtful) {
    std::mt19937_64 random{tests::seed()};
    std::uniform_real_distribution<double> lon{105.0, 106.0};
    std::uniform_real_distribution<double> lat{18.0, 19.0};
    std::vector<tests::MadeRow> rows;
    for (int i = 0; i < 5'000; ++i)
        rows.push_back({i + 1, tests::make_point(lon(random), lat(random)), {}});
    auto const layer = tests::make_layer(tests::make_schema(geo::GeometryKind::point), rows);
    for (int round = 0; round < 300; ++round) {
        // Every tenth box has a corner on a point: the border belongs to the box.
        auto const corner = rows[std::size_t(round)].geometry.positions[0];
        geo::Box box{lon(random), lat(random), lon(random), lat(random)};
        if (round % 10 == 0) box = {corner.x, corner.y, corner.x + 0.1, corner.y + 0.1};
        if (box.min_x > box.max_x) std::swap(box.min_x, box.max_x);
        if (box.min_y > box.max_y) std::swap(box.min_y, box.max_y);
        auto const found = layer->find(box, everything);
        BOOST_REQUIRE(std::is_sorted(found.matched.begin(), found.matched.end()));
        std::set<std::int64_t> const matched(found.matched.begin(), found.matched.end());
        std::set<std::int64_t> const doubtful(found.doubtful.begin(), found.doubtful.end());
        for (auto const& row : rows) {
            auto const p = row.geometry.positions[0];
            bool const inside =
                box.min_x <= p.x && p.x <= box.max_x && box.min_y <= p.y && p.y <= box.max_y;
            if (doubtful.contains(row.fid)) {
                double const off = std::min({std::abs(p.x - box.min_x), std::abs(p.x - box.max_x),
                                             std::abs(p.y - box.min_y), std::abs(p.y - box.max_y)});
                BOOST_REQUIRE(off < 4e-7); // two steps of 1.87 cm
            } else {
                BOOST_REQUIRE_EQUAL(matched.contains(row.fid), inside);
            }
        }
        if (round % 10 == 0)
            BOOST_REQUIRE(doubtful.contains(std::int64_t(round) + 1) ||
                          matched.contains(std::int64_t(round) + 1));
    }
}

BOOST_AUTO_TEST_CASE(a_polygon_is_found_by_a_box_in_its_middle_and_not_by_one_in_its_hole) {
    auto const square = [](double cx, double cy, double r) {
        return std::vector<geo::Position>{
            {cx - r, cy - r}, {cx + r, cy - r}, {cx + r, cy + r}, {cx - r, cy + r}};
    };
    auto const layer = tests::make_layer(
        tests::make_schema(geo::GeometryKind::polygon),
        {{1, tests::make_polygon({square(105.5, 18.5, 0.2), square(105.5, 18.5, 0.1)}), {}}});
    auto const finds = [&](geo::Box const& box) {
        return layer->find(box, everything).matched.size();
    };
    BOOST_TEST(finds({105.34, 18.49, 105.36, 18.51}) == 1U);
    BOOST_TEST(finds({105.49, 18.49, 105.51, 18.51}) == 0U);
    BOOST_TEST(finds({105.0, 18.0, 106.0, 19.0}) == 1U);
    BOOST_TEST(finds({105.2, 18.2, 105.25, 18.25}) == 0U);
    BOOST_TEST(finds({105.55, 18.49, 105.65, 18.51}) == 1U);
}

BOOST_AUTO_TEST_CASE(a_line_is_found_where_it_runs_and_not_beside_it_in_its_box) {
    auto const layer =
        tests::make_layer(tests::make_schema(geo::GeometryKind::line),
                          {{1, tests::make_line({{105.0, 18.0}, {106.0, 19.0}}), {}}});
    BOOST_TEST(layer->find({105.4, 18.4, 105.6, 18.6}, everything).matched.size() == 1U);
    BOOST_TEST(layer->find({105.1, 18.8, 105.2, 18.9}, everything).matched.empty());
    BOOST_TEST(
        layer->find({105.4, 18.4, 105.6, 18.6}, geo::Policy::limited({"1"}, 9)).matched.empty());
}

BOOST_AUTO_TEST_SUITE_END()
