#include "geo/codec/geohash.hpp"
#include "geo/error.hpp"
#include "geo/synthetic/lines.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

namespace {

using namespace diaban;
using geo::Geometry;
using geo::Position;

Geometry lines(std::vector<std::vector<Position>> const& paths) {
    Geometry result;
    result.kind = geo::GeometryKind::line;
    for (auto const& path : paths) {
        result.positions.insert(result.positions.end(), path.begin(), path.end());
        result.path_ends.push_back(static_cast<std::uint32_t>(result.positions.size()));
    }
    return result;
}

std::vector<Position> path(Geometry const& lines, std::size_t i) {
    auto const span = lines.path(i);
    return {span.begin(), span.end()};
}

} // namespace

BOOST_AUTO_TEST_SUITE(line_work)

BOOST_AUTO_TEST_CASE(a_dump_of_gmt_is_read_path_by_path) {
    Geometry const read = geo::synthetic::read_gmt_lines("# comment\n> Shore Bin # 1, Level 1\n"
                                                         "106\t18.381185626\n105.99 18.4\r\n\n"
                                                         "> River\n105 17\n105.5 17.5");
    BOOST_TEST(read.path_ends.size() == 2u);
    BOOST_TEST((path(read, 0) == std::vector<Position>{{106, 18.381185626}, {105.99, 18.4}}));
    BOOST_TEST((path(read, 1) == std::vector<Position>{{105, 17}, {105.5, 17.5}}));
}

BOOST_AUTO_TEST_CASE(a_line_that_is_no_position_is_refused_with_its_number) {
    for (char const* const text : {"> a\n1 2\nx 3\n", "> a\n1 2\n3\n", "> a\n1 2\n3 nowhere\n"})
        BOOST_CHECK_EXCEPTION(geo::synthetic::read_gmt_lines(text), geo::Error, [](auto const& e) {
            return e.type() == "bad-lines" && e.parameters()[0].second == "3";
        });
}

BOOST_AUTO_TEST_CASE(pieces_are_joined_in_any_order_and_direction_and_forks_are_left) {
    Geometry const joined = geo::synthetic::join_lines(
        lines({{{2, 0}, {3, 0}}, {{2, 0}, {1, 0}}, {{0, 0}, {1, 0}}, {{5, 5}, {5, 5}}}));
    BOOST_TEST(joined.path_ends.size() == 1u);
    auto const whole = path(joined, 0);
    BOOST_TEST(whole.size() == 4u);
    BOOST_TEST(((whole.front() == Position{0, 0} && whole.back() == Position{3, 0}) ||
                (whole.front() == Position{3, 0} && whole.back() == Position{0, 0})));
    Geometry const fork =
        geo::synthetic::join_lines(lines({{{0, 0}, {1, 0}}, {{1, 0}, {2, 1}}, {{1, 0}, {2, -1}}}));
    BOOST_TEST(fork.path_ends.size() == 3u);
    Geometry const circle =
        geo::synthetic::join_lines(lines({{{0, 0}, {1, 0}, {1, 1}}, {{1, 1}, {0, 1}, {0, 0}}}));
    BOOST_TEST(circle.path_ends.size() == 1u);
    BOOST_TEST(circle.positions.size() == 5u);
}

BOOST_AUTO_TEST_CASE(lines_are_cut_at_the_box_and_go_on_where_they_return) {
    geo::Box const box{0, 0, 10, 10};
    Geometry const cut = geo::synthetic::clip_lines(
        lines({{{-5, 5}, {5, 5}, {15, 5}, {15, 8}, {5, 8}}, {{20, 20}, {30, 30}}}), box);
    BOOST_TEST(cut.path_ends.size() == 2u);
    BOOST_TEST((path(cut, 0) == std::vector<Position>{{0, 5}, {5, 5}, {10, 5}}));
    BOOST_TEST((path(cut, 1) == std::vector<Position>{{10, 8}, {5, 8}}));
    BOOST_TEST(geo::synthetic::clip_lines(lines({{{1, 1}, {2, 2}}}), box).positions.size() == 2u);
}

// The worked example of the geohash: 57.64911, 10.40744 is u4pruydqqvj (Niemeyer, geohash.org).
BOOST_AUTO_TEST_CASE(a_geohash_is_the_published_one) {
    BOOST_TEST(geo::codec::geohash({10.40744, 57.64911}, 11) == "u4pruydqqvj");
    BOOST_TEST(geo::codec::geohash({-5.6, 42.6}, 5) == "ezs42");
}

BOOST_AUTO_TEST_SUITE_END()
