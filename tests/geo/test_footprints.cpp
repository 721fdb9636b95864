// Footprints of features on a grid, beside sums over every cell.

#include "geo/exposure/footprints.hpp"
#include "geo/exposure/zonal.hpp"
#include "tests/geo/support.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <random>
#include <vector>

namespace {

using namespace diaban;
using geo::Position;
using geo::raster::Frame;
namespace exposure = geo::exposure;

Frame const frame{{90, 70}, 1000, 9000, 30, 20, 3405};

std::vector<float> random_depth(std::mt19937_64& random, std::size_t cells) {
    std::vector<float> depth(cells);
    for (auto& one : depth) {
        one = float(random() % 8) / 4;
        if (random() % 20 == 0) one = geo::raster::no_data;
    }
    return depth;
}

exposure::MarkedCells marked(std::vector<float> const& depth, exposure::ValueRange const& range) {
    exposure::MarkedCells cells{frame};
    cells.mark(depth, frame.window(), 1, range);
    return cells;
}

Position somewhere(std::mt19937_64& random) {
    std::uniform_real_distribution<double> share{-0.1, 1.1};
    auto const box = frame.box();
    double const x = box.min_x + (box.max_x - box.min_x) * share(random);
    return {x, box.min_y + (box.max_y - box.min_y) * share(random)};
}

} // namespace

BOOST_AUTO_TEST_SUITE(footprints)

BOOST_AUTO_TEST_CASE(marked_cells_are_those_in_the_range_and_runs_are_counted) {
    std::mt19937_64 random{tests::seed()};
    auto const depth = random_depth(random, frame.shape.cells());
    auto const cells = marked(depth, {.from = 0.5, .below = 1.25});
    for (std::size_t i = 0; i < depth.size(); ++i)
        BOOST_REQUIRE(cells.holds(i) == (depth[i] >= 0.5F && depth[i] < 1.25F));
    for (int round = 0; round < 1000; ++round) {
        auto const begin = random() % depth.size();
        auto const end = begin + random() % (depth.size() - begin + 1);
        std::uint64_t count = 0;
        for (auto i = begin; i < end; ++i) count += cells.holds(i) ? 1 : 0;
        BOOST_REQUIRE(cells.count(begin, end) == count);
    }
    // A bound between two floats: 0.1 is none.
    std::vector<float> tenths(frame.shape.cells(), 0.1F);
    BOOST_TEST(marked(tenths, {.from = 0.1}).holds(0) == (double(0.1F) >= 0.1));
    BOOST_TEST(marked(tenths, {.below = 0.1}).holds(0) == (double(0.1F) < 0.1));
}

BOOST_AUTO_TEST_CASE(what_lies_within_is_summed_as_over_every_cell) {
    std::mt19937_64 random{tests::seed()};
    auto const depth = random_depth(random, frame.shape.cells());
    auto const cells = marked(depth, {.from = 1});
    for (int round = 0; round < 300; ++round) {
        auto ring = test::star(random, 3 + random() % 9);
        auto const centre = somewhere(random);
        for (auto& p : ring) p = {centre.x + 300 * p.x, centre.y + 300 * p.y};
        auto zone = test::polygon({ring});
        zone.srid = frame.srid;
        exposure::Footprints made{frame};
        made.add(zone);
        double sum = 0;
        exposure::cover(frame, zone).each([&](std::int32_t column, std::int32_t row, double share) {
            if (cells.holds(frame.shape.index(column, row))) sum += share;
        });
        BOOST_REQUIRE_SMALL(made.view().within(0, cells) - sum, 1e-9);
        BOOST_REQUIRE(made.view().meets(0, cells) == (sum > 0));
        BOOST_REQUIRE(made.last_is_empty() == frame.cover(zone.box()).empty() ||
                      exposure::cover(frame, zone).cells() == 0);
    }
}

BOOST_AUTO_TEST_CASE(a_line_is_cut_at_the_sides_of_cells_and_no_metre_is_lost) {
    std::mt19937_64 random{tests::seed()};
    std::vector<float> const all(frame.shape.cells(), 1);
    auto const depth = random_depth(random, frame.shape.cells());
    for (int round = 0; round < 200; ++round) {
        geo::Geometry line;
        line.kind = geo::GeometryKind::line;
        auto const box = frame.box();
        std::uniform_real_distribution<double> x{box.min_x, box.max_x};
        std::uniform_real_distribution<double> y{box.min_y, box.max_y};
        for (int i = 0; i < 5; ++i) line.positions.push_back({x(random), y(random)});
        line.path_ends = {5};
        double length = 0;
        for (std::size_t i = 1; i < 5; ++i)
            length += std::hypot(line.positions[i].x - line.positions[i - 1].x,
                                 line.positions[i].y - line.positions[i - 1].y);
        exposure::Footprints made{frame};
        made.add(line);
        BOOST_REQUIRE_CLOSE(made.view().within(0, marked(all, {.from = 0})), length, 1e-9);
        double const wet = made.view().within(0, marked(depth, {.from = 1}));
        double const dry = made.view().within(0, marked(depth, {.below = 1}));
        double const unknown = length - wet - dry; // over cells without data
        BOOST_REQUIRE(unknown >= -1e-6);
    }
}

BOOST_AUTO_TEST_CASE(cells_of_a_part_with_larger_cells_are_blocks_of_the_whole) {
    std::mt19937_64 random{tests::seed()};
    Frame const part{{20, 15}, 1000 + 30 * 4, 9000 - 20 * 6, 90, 60, 3405};
    auto const placed = exposure::place_in(frame, part);
    BOOST_REQUIRE(placed.has_value());
    BOOST_TEST(placed->factor == 3);
    BOOST_TEST((placed->window == geo::raster::Window{4, 6, 60, 45}));
    auto const depth = random_depth(random, part.shape.cells());
    exposure::MarkedCells cells{frame};
    cells.mark(depth, placed->window, placed->factor, {.from = 1});
    for (std::int32_t row = 0; row < frame.shape.rows; ++row)
        for (std::int32_t column = 0; column < frame.shape.columns; ++column) {
            auto const own = part.cell(frame.centre({column, row}));
            bool const wet = own && depth[part.shape.index(own->column, own->row)] >= 1.0F;
            BOOST_REQUIRE(cells.holds(frame.shape.index(column, row)) == wet);
        }
    auto moved = part;
    moved.west += 7;
    BOOST_TEST(!exposure::place_in(frame, moved).has_value());
    moved = part;
    moved.srid = 3406;
    BOOST_TEST(!exposure::place_in(frame, moved).has_value());
    moved = part;
    moved.shape.columns = 40;
    BOOST_TEST(!exposure::place_in(frame, moved).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
