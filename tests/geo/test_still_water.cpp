// Still water that must find its way, and cells along lines, against slow definitions.

#include "geo/error.hpp"
#include "geo/hazard/still_water.hpp"
#include "geo/raster/trace.hpp"
#include "tests/geo/support.hpp"
#include "tests/geo/terrain_oracle.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>
#include <utility>
#include <vector>

namespace {

using namespace diaban;
using geo::Position;
using geo::raster::Frame;
using geo::raster::Shape;
namespace hazard = geo::hazard;

geo::Geometry line(std::vector<Position> positions) {
    geo::Geometry made;
    made.kind = geo::GeometryKind::line;
    made.path_ends = {std::uint32_t(positions.size())};
    made.positions = std::move(positions);
    return made;
}

} // namespace

BOOST_AUTO_TEST_SUITE(still_water)

BOOST_AUTO_TEST_CASE(water_reaches_what_is_joined_to_the_sea_below_its_level_and_nothing_else) {
    std::mt19937_64 random{tests::seed()};
    for (int round = 0; round < 200; ++round) {
        Shape const shape{1 + int(random() % 20), 1 + int(random() % 20)};
        auto const ground = test::rough_ground(random, shape, 12, 0.05);
        std::vector<std::uint8_t> sea(shape.cells());
        for (auto& s : sea) s = random() % 40 == 0;
        std::vector<float> reached(shape.cells());
        hazard::reaching_level(shape, ground, sea, reached);
        std::vector<float> depth(shape.cells());
        for (int step = 0; step < 13; ++step) {
            float const level = -3 + 0.25F * float(step) + 0.125F;
            // By spreading from the sea over what is below the level.
            std::vector<char> wet(shape.cells(), 0);
            for (std::size_t i = 0; i < wet.size(); ++i) wet[i] = sea[i] != 0 && ground[i] < level;
            for (bool changed = true; changed;) {
                changed = false;
                for (std::size_t i = 0; i < wet.size(); ++i)
                    for (auto const& s : geo::terrain::steps)
                        if (auto const n = test::neighbour(shape, ground, i, s);
                            n && wet[i] == 0 && wet[*n] != 0 && ground[i] < level) {
                            wet[i] = 1;
                            changed = true;
                        }
            }
            auto const count = hazard::still_water_depth(ground, reached, level, depth);
            BOOST_REQUIRE_EQUAL(count, std::size_t(std::ranges::count(wet, 1)));
            for (std::size_t i = 0; i < wet.size(); ++i) {
                if (std::isnan(ground[i])) {
                    BOOST_REQUIRE(std::isnan(depth[i]));
                    continue;
                }
                BOOST_REQUIRE_EQUAL(depth[i], wet[i] != 0 ? level - ground[i] : 0.0F);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(a_field_behind_a_dyke_stays_dry_until_its_lowest_gap_is_reached) {
    Shape const shape{7, 5};
    std::vector<float> ground(shape.cells(), 0);
    for (std::int32_t row = 0; row < 5; ++row) ground[shape.index(3, row)] = row == 2 ? 2.0F : 4.0F;
    std::vector<std::uint8_t> sea(shape.cells(), 0);
    sea[shape.index(0, 0)] = 1;
    std::vector<float> reached(shape.cells());
    hazard::reaching_level(shape, ground, sea, reached);
    BOOST_TEST(reached[shape.index(2, 4)] == 0);
    BOOST_TEST(reached[shape.index(6, 0)] == 2);
    std::vector<float> depth(shape.cells());
    BOOST_TEST(hazard::still_water_depth(ground, reached, 1.9F, depth) == 15u);
    BOOST_TEST(hazard::still_water_depth(ground, reached, 2.5F, depth) == 31u);
    BOOST_TEST(depth[shape.index(6, 0)] == 2.5F);
}

BOOST_AUTO_TEST_CASE(depth_at_a_stage_is_what_stands_above_the_height_over_drainage) {
    std::vector<float> const height{0, 0.5F, 1, 2, geo::raster::no_data};
    std::vector<float> depth(5);
    BOOST_TEST(hazard::stage_depth(height, 1, depth) == 2u);
    BOOST_TEST(depth[0] == 1);
    BOOST_TEST(depth[1] == 0.5F);
    BOOST_TEST(depth[2] == 0);
    BOOST_TEST(std::isnan(depth[4]));
}

BOOST_AUTO_TEST_CASE(a_traced_line_has_every_cell_that_it_enters_and_no_gap) {
    std::mt19937_64 random{tests::seed()};
    Frame const frame{{30, 20}, 100, 200, 5, 5, 0};
    std::uniform_real_distribution<double> x{50, 300};
    std::uniform_real_distribution<double> y{50, 250};
    for (int round = 0; round < 300; ++round) {
        Position const a{x(random), y(random)};
        Position const b{x(random), y(random)};
        auto const cells = geo::raster::cells_along(frame, line({a, b}));
        std::set<std::pair<int, int>> found;
        for (auto const& cell : cells) found.emplace(cell.column, cell.row);
        BOOST_REQUIRE_EQUAL(found.size(), cells.size());
        for (int i = 0; i <= 20'000; ++i) { // points of the line lie in found cells
            double const t = i / 20'000.0;
            auto const cell = frame.cell({a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)});
            if (cell) BOOST_REQUIRE(found.contains({cell->column, cell->row}));
        }
        for (std::size_t i = 1; i < cells.size();
             ++i) // over sides, unless it left the grid between
            BOOST_REQUIRE_EQUAL(std::abs(cells[i].column - cells[i - 1].column) +
                                    std::abs(cells[i].row - cells[i - 1].row),
                                1);
    }
}

BOOST_AUTO_TEST_CASE(a_diagonal_through_corners_lets_nothing_through) {
    Frame const frame{{6, 6}, 0, 6, 1, 1, 0};
    auto const cells = geo::raster::cells_along(frame, line({{-3, 9}, {9, -3}}));
    BOOST_TEST(cells.size() == 11u);
    BOOST_TEST(geo::raster::cells_along(frame, line({{1e9, 1e9}, {2e9, 1e9}})).empty());
    BOOST_TEST(geo::raster::cells_along(frame, line({{-1e12, 3.5}, {1e12, 3.5}})).size() == 6u);
    BOOST_CHECK_THROW(
        (void)geo::raster::cells_along(frame, test::polygon({{{0, 0}, {1, 0}, {1, 1}, {0, 0}}})),
        geo::Error);
}

BOOST_AUTO_TEST_CASE(a_cell_rises_with_the_gauge_that_is_nearest) {
    std::mt19937_64 random{tests::seed()};
    for (int round = 0; round < 50; ++round) {
        Frame const frame{{1 + int(random() % 30), 1 + int(random() % 30)}, 500, 900, 10, 20, 3405};
        std::vector<hazard::StagePoint> points(1 + random() % 6);
        for (auto& point : points)
            point = {{500 + double(random() % 300), 900 - double(random() % 600)},
                     1 + float(random() % 50) / 10};
        std::vector<float> stage(frame.shape.cells());
        hazard::nearest_stage(frame, points, stage);
        std::vector<float> height(stage.size(), 2);
        std::vector<float> depth(stage.size());
        auto const wet = hazard::stage_depth(height, std::span<float const>{stage}, depth);
        std::size_t deeper = 0;
        for (std::int32_t row = 0; row < frame.shape.rows; ++row)
            for (std::int32_t column = 0; column < frame.shape.columns; ++column) {
                auto const at = frame.centre({column, row});
                auto const far = [&](hazard::StagePoint const& one) {
                    return std::pow(one.place.x - at.x, 2) + std::pow(one.place.y - at.y, 2);
                };
                auto const nearest = std::ranges::min_element(points, {}, far);
                auto const i = frame.shape.index(column, row);
                BOOST_REQUIRE(stage[i] == nearest->stage);
                BOOST_REQUIRE(depth[i] == std::max(0.0F, nearest->stage - 2));
                deeper += depth[i] > 0 ? 1 : 0;
            }
        BOOST_TEST(wet == deeper);
    }
}

BOOST_AUTO_TEST_SUITE_END()
