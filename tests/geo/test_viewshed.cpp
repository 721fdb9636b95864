// What is seen, against brute force, a wall's shadow, and the horizon of a round Earth.

#include "geo/terrain/viewshed.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>
#include <vector>

namespace {

using namespace diaban;
using geo::terrain::Sight;
using geo::terrain::SightGround;
using geo::terrain::Watcher;

/// R3 by the book: every crossing with a row or column of centres, from the watcher outwards.
Sight brute(SightGround const& ground, Watcher const& watcher, int column, int row) {
    auto const at = [&](int c, int r) { return double(ground.heights[ground.shape.index(c, r)]); };
    double const dx = column - watcher.at.x;
    double const dy = row - watcher.at.y;
    double const distance = std::hypot(dx * ground.width, dy * ground.height);
    if (distance > watcher.range) return Sight::unasked;
    double const east = dx * ground.width;
    double const north = -dy * ground.height;
    double angle = std::fmod(std::atan2(east, north) * 180 / std::numbers::pi -
                                 watcher.sector.azimuth + 720 + 180,
                             360.0) -
                   180;
    if (distance > 0 && watcher.sector.opening < 360 &&
        std::abs(angle) > watcher.sector.opening / 2)
        return Sight::unasked;
    double const bend = (1 - watcher.refraction) / (2 * 6'371'008.8);
    double const eye = at(int(watcher.at.x), int(watcher.at.y)) + watcher.eye;
    double const slope = (at(column, row) + watcher.target - bend * distance * distance - eye);
    auto const hidden_at = [&](double s, double height) {
        double const d = s * distance;
        return height - bend * d * d > eye + s * slope + 1e-9;
    };
    for (int c = 0; c < ground.shape.columns; ++c) {
        double const s = dx == 0 ? -1 : (c - watcher.at.x) / dx;
        if (s <= 0 || s >= 1) continue;
        double const y = watcher.at.y + s * dy;
        int const r = int(std::floor(y + 1e-12));
        double const f = y - r;
        double const height =
            f < 1e-9 ? at(c, r)
                     : (1 - f) * at(c, r) + f * at(c, std::min(r + 1, ground.shape.rows - 1));
        if (hidden_at(s, height)) return Sight::hidden;
    }
    for (int r = 0; r < ground.shape.rows; ++r) {
        double const s = dy == 0 ? -1 : (r - watcher.at.y) / dy;
        if (s <= 0 || s >= 1) continue;
        double const x = watcher.at.x + s * dx;
        int const c = int(std::floor(x + 1e-12));
        double const f = x - c;
        double const height =
            f < 1e-9 ? at(c, r)
                     : (1 - f) * at(c, r) + f * at(std::min(c + 1, ground.shape.columns - 1), r);
        if (hidden_at(s, height)) return Sight::hidden;
    }
    return Sight::seen;
}

} // namespace

BOOST_AUTO_TEST_SUITE(sight)

BOOST_AUTO_TEST_CASE(a_viewshed_is_that_of_brute_force_cell_by_cell) {
    std::mt19937_64 random{tests::seed()};
    for (int round = 0; round < 60; ++round) {
        geo::raster::Shape const shape{3 + int(random() % 40), 3 + int(random() % 40)};
        std::vector<float> heights(shape.cells());
        for (auto& h : heights) h = float(random() % 4096) / 97.0F;
        Watcher watcher;
        watcher.at = {double(random() % unsigned(shape.columns)),
                      double(random() % unsigned(shape.rows))};
        watcher.eye = 1 + double(random() % 40);
        watcher.target = double(random() % 3);
        watcher.range = 50 + double(random() % 900);
        if (round % 2 == 1) watcher.sector = {double(random() % 360) + 0.123, 77, 0, 180};
        SightGround const ground{shape, heights, 10 + double(random() % 20),
                                 10 + double(random() % 20)};
        auto const sights = geo::terrain::viewshed(ground, watcher, 2);
        std::size_t differ = 0;
        for (int row = 0; row < shape.rows; ++row)
            for (int column = 0; column < shape.columns; ++column) {
                differ += sights[shape.index(column, row)] != brute(ground, watcher, column, row);
                BOOST_TEST(
                    (geo::terrain::line_of_sight(ground, watcher, {double(column), double(row)}) ==
                     sights[shape.index(column, row)]));
            }
        BOOST_TEST(differ == 0U);
    }
}

BOOST_AUTO_TEST_CASE(the_shadow_of_a_wall_ends_where_similar_triangles_say) {
    // A wall of 5 m, 40 m away, seen from 9 m: its shadow ends at 40 · 9 / (9 − 5) = 90 m.
    geo::raster::Shape const shape{400, 3};
    std::vector<float> heights(shape.cells(), 0.0F);
    for (int row = 0; row < 3; ++row) heights[shape.index(40, row)] = 5;
    Watcher watcher;
    watcher.at = {0, 1};
    watcher.eye = 9;
    watcher.range = 1000;
    watcher.refraction = 1; // a flat Earth
    auto const sights = geo::terrain::viewshed({shape, heights, 1, 1}, watcher, 1);
    for (int column = 1; column < 400; ++column) {
        bool const shadow = column > 40 && column < 90;
        BOOST_TEST((sights[shape.index(column, 1)] == (shadow ? Sight::hidden : Sight::seen)),
                   column);
    }
}

BOOST_AUTO_TEST_CASE(the_sea_is_seen_to_the_horizon) {
    // √(2 R h · 7/6) from 20 m: 17.24 km.
    geo::raster::Shape const shape{2000, 1};
    std::vector<float> const heights(shape.cells(), 0.0F);
    Watcher watcher;
    watcher.at = {0, 0};
    watcher.eye = 20;
    watcher.range = 1e6;
    auto const sights = geo::terrain::viewshed({shape, heights, 10, 10}, watcher, 1);
    int last = 0;
    for (int column = 0; column < 2000; ++column)
        if (sights[std::size_t(column)] == Sight::seen) last = column;
    BOOST_TEST(std::abs(last * 10 - 17'240) <= 20);
    for (int column = 0; column <= last; ++column)
        BOOST_TEST((sights[std::size_t(column)] == Sight::seen));
}

BOOST_AUTO_TEST_CASE(tilt_and_opening_bound_what_is_asked) {
    geo::raster::Shape const shape{101, 101};
    std::vector<float> const heights(shape.cells(), 0.0F);
    Watcher watcher;
    watcher.at = {50, 50};
    watcher.eye = 10;
    watcher.range = 500;
    watcher.sector = {90, 60, -45, 30}; // to the east, down: 5.77 m to 17.3 m on flat ground
    auto const sights = geo::terrain::viewshed({shape, heights, 1, 1}, watcher, 1);
    for (int column = 0; column < 101; ++column) {
        bool const asked = column - 50 >= 6 && column - 50 <= 17;
        BOOST_TEST((sights[shape.index(column, 50)] == (asked ? Sight::seen : Sight::unasked)),
                   column);
    }
    BOOST_TEST((sights[shape.index(50, 40)] == Sight::unasked)); // north
}

BOOST_AUTO_TEST_CASE(no_data_hides_nothing_and_is_not_asked_about) {
    geo::raster::Shape const shape{5, 1};
    std::vector<float> heights{0, geo::raster::no_data, 0, 50, 0};
    Watcher watcher;
    watcher.at = {0, 0};
    watcher.range = 100;
    auto const sights = geo::terrain::viewshed({shape, heights, 10, 10}, watcher, 1);
    BOOST_TEST((sights[1] == Sight::unasked));
    BOOST_TEST((sights[2] == Sight::seen));
    BOOST_TEST((sights[3] == Sight::seen));
    BOOST_TEST((sights[4] == Sight::hidden));
    watcher.at = {1, 0};
    for (auto const s : geo::terrain::viewshed({shape, heights, 10, 10}, watcher, 1))
        BOOST_TEST((s == Sight::unasked));
}

BOOST_AUTO_TEST_SUITE_END()
