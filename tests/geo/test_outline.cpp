// Outlines of marked cells: valid, and exactly the cells.

#include "geo/exposure/zonal.hpp"
#include "geo/ops/measure.hpp"
#include "geo/ops/validate.hpp"
#include "geo/raster/outline.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <random>
#include <vector>

namespace {

using namespace diaban;
using geo::raster::Frame;

} // namespace

BOOST_AUTO_TEST_SUITE(outlines)

BOOST_AUTO_TEST_CASE(an_outline_is_valid_and_covers_the_marked_cells_and_no_other) {
    std::mt19937_64 random{tests::seed()};
    for (int round = 0; round < 500; ++round) {
        Frame const frame{{1 + int(random() % 14), 1 + int(random() % 14)}, 500, 300, 4, 2, 0};
        std::vector<std::uint8_t> marked(frame.shape.cells());
        auto const share = random() % 10;
        std::size_t count = 0;
        for (auto& m : marked) count += m = random() % 10 < share;
        auto const shape = geo::raster::outline(frame, marked);
        auto const verdict = geo::ops::validate(shape);
        BOOST_REQUIRE_MESSAGE(verdict.valid, verdict.reason);
        std::vector<double> covered(marked.size(), 0);
        geo::exposure::cover(frame, shape)
            .each([&](std::int32_t column, std::int32_t row, double of) {
                covered[frame.shape.index(column, row)] += of;
            });
        for (std::size_t i = 0; i < marked.size(); ++i)
            BOOST_REQUIRE_EQUAL(covered[i], double(marked[i]));
        double area = 0; // exteriors counter-clockwise, holes clockwise
        for (std::size_t ring = 0; ring < shape.path_ends.size(); ++ring)
            area += geo::ops::planar_ring_area(shape.path(ring));
        BOOST_REQUIRE_CLOSE_FRACTION(area, 8.0 * double(count), 1e-12);
    }
}

BOOST_AUTO_TEST_CASE(cells_that_meet_at_a_corner_are_two_parts_and_a_ring_of_cells_has_a_hole) {
    Frame const frame{{3, 3}, 0, 3, 1, 1, 3405};
    auto const crossed =
        geo::raster::outline(frame, std::vector<std::uint8_t>{1, 0, 0, 0, 1, 0, 0, 0, 0});
    BOOST_TEST(crossed.part_ends.size() == 2u);
    BOOST_TEST(crossed.positions.size() == 10u);
    BOOST_TEST(crossed.srid == 3405);
    auto const ring =
        geo::raster::outline(frame, std::vector<std::uint8_t>{1, 1, 1, 1, 0, 1, 1, 1, 1});
    BOOST_TEST(ring.part_ends.size() == 1u);
    BOOST_TEST(ring.path_ends.size() == 2u);
    BOOST_TEST(ring.positions.size() == 10u); // corners only where it turns
    BOOST_TEST(geo::raster::outline(frame, std::vector<std::uint8_t>(9, 0)).empty());
}

BOOST_AUTO_TEST_SUITE_END()
