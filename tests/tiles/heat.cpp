// Tiles of heat: their sums, their edges, and densities against metres on the ellipsoid.

#include "tiles/heat.hpp"

#include "geo/hotspot/density.hpp"
#include "geo/ops/measure.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <random>
#include <tuple>
#include <vector>

using namespace diaban;
using tiles::Heat;
using tiles::HeatPoints;
using tiles::TileId;

namespace {

struct Scene {
    HeatPoints heat;
    std::vector<geo::Position> at;
    std::vector<double> weights;
};

Scene scene_around(std::mt19937_64& random, geo::Position centre, double degrees,
                   std::size_t count) {
    Scene scene;
    std::uniform_real_distribution<double> off{-degrees, degrees};
    for (std::size_t i = 0; i < count; ++i) {
        geo::Position const at{centre.x + off(random), centre.y + off(random)};
        double const weight = double(1 + random() % 4);
        scene.heat.add(tiles::to_grid(at), float(weight));
        scene.at.push_back(at);
        scene.weights.push_back(weight);
    }
    return scene;
}

/// Tiles of a zoom that cover a scene and what spreads out of it.
std::vector<TileId> cover(HeatPoints const& points, std::uint32_t zoom) {
    auto const& box = points.box();
    auto const shift = 31 - zoom;
    std::vector<TileId> made;
    for (auto y = (box.min_y >> shift) - 1; y <= (box.max_y >> shift) + 1; ++y)
        for (auto x = (box.min_x >> shift) - 1; x <= (box.max_x >> shift) + 1; ++x)
            if (auto const tile = TileId::make(zoom, std::uint32_t(x), std::uint32_t(y)))
                made.push_back(*tile);
    return made;
}

} // namespace

BOOST_AUTO_TEST_SUITE(heat)

BOOST_AUTO_TEST_CASE(tiles_of_any_zoom_sum_to_the_weights) {
    std::mt19937_64 random{tests::seed()};
    for (auto const& [centre, degrees, radius] :
         {std::tuple{geo::Position{105.9, 18.34}, 0.2, 800.0},
          {geo::Position{105.9, 18.34}, 0.02, 90.0},
          {geo::Position{20.0, 66.0}, 0.2, 1500.0}}) {
        auto const scene = scene_around(random, centre, degrees, 400);
        for (std::uint32_t zoom = 4; zoom <= 13; ++zoom) {
            auto const side_km = 40'075 * std::cos(centre.y * M_PI / 180) / std::exp2(zoom);
            if (radius / 1000 > side_km) break; // beyond the tiles that `cover` names
            double sum = 0;
            int coarse = 1;
            for (auto const& tile : cover(scene.heat, zoom)) {
                auto const made = tiles::heat_of(scene.heat, tile, radius);
                sum += made.weight;
                coarse = std::max(coarse, made.coarse);
            }
            // Whole where pixels are computed; within 0.2 % where they are read between coarser
            // ones.
            BOOST_TEST(std::abs(sum / scene.heat.weight() - 1) <= (coarse == 1 ? 1e-5 : 2e-3),
                       "z" << zoom << ": " << sum << " of " << scene.heat.weight());
        }
    }
}

BOOST_AUTO_TEST_CASE(densities_are_those_of_geodesic_metres_within_the_stated_error) {
    std::mt19937_64 random{tests::seed()};
    for (auto const& [centre, zoom, radius] : {std::tuple{geo::Position{105.9, 18.34}, 11U, 1000.0},
                                               {geo::Position{105.9, 18.34}, 14U, 1000.0},
                                               {geo::Position{103.9, 22.5}, 16U, 250.0},
                                               {geo::Position{20.0, 66.0}, 13U, 300.0},
                                               {geo::Position{105.9, 18.34}, 18U, 2000.0}}) {
        auto const scene = scene_around(random, centre, 0.03, 600);
        auto const middle = tiles::to_grid(centre);
        auto const tile = *TileId::make(zoom, std::uint32_t(middle.x) >> (31 - zoom),
                                        std::uint32_t(middle.y) >> (31 - zoom));
        auto const made = tiles::heat_of(scene.heat, tile, radius);
        double worst = 0;
        for (int i = 0; i < 60; ++i) {
            auto const column = int(random() % 256);
            auto const row = int(random() % 256);
            double const pixel = std::exp2(23 - int(zoom));
            auto const at = tiles::from_grid({(tile.x() * 256.0 + column + 0.5) * pixel,
                                              (tile.y() * 256.0 + row + 0.5) * pixel});
            double exact = 0;
            double near = 0;
            for (std::size_t k = 0; k < scene.at.size(); ++k) {
                double const d = geo::ops::geodesic_distance(at, scene.at[k]);
                exact += scene.weights[k] * 1e6 * geo::hotspot::quartic(d, radius);
                near += d <= radius * 1.1 ? scene.weights[k] : 0;
            }
            // Metres within a kernel are off by a few parts in 10⁴: 0.0005 of the peak beside.
            double const bound = near * tiles::heat_peak(radius) * (made.error + 5e-4) + 1e-9;
            worst = std::max(
                worst,
                std::abs(double(made.per_km2[std::size_t(row * 256 + column)]) - exact) / bound);
        }
        BOOST_TEST(worst <= 1, "z" << zoom << " of " << radius << " m: " << worst);
    }
}

BOOST_AUTO_TEST_CASE(neighbours_meet_without_a_seam) {
    std::mt19937_64 random{tests::seed()};
    auto const scene = scene_around(random, {105.9, 18.34}, 0.05, 500);
    auto const middle = tiles::to_grid({105.9, 18.34});
    for (std::uint32_t const zoom : {12U, 15U, 17U}) {
        auto const x = std::uint32_t(middle.x) >> (31 - zoom);
        auto const y = std::uint32_t(middle.y) >> (31 - zoom);
        auto const left = tiles::heat_of(scene.heat, *TileId::make(zoom, x, y), 900);
        auto const right = tiles::heat_of(scene.heat, *TileId::make(zoom, x + 1, y), 900);
        double const top = double(*std::ranges::max_element(left.per_km2));
        for (int row = 0; row < 256; ++row) {
            auto const at = std::size_t(row * 256);
            double const before = double(left.per_km2[at + 255] - left.per_km2[at + 254]);
            double const across = double(right.per_km2[at] - left.per_km2[at + 255]);
            BOOST_TEST(std::abs(across - before) <= 0.02 * top);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_picture_is_clear_where_there_is_nothing) {
    HeatPoints none;
    BOOST_TEST(tiles::heat_top(none, 500) == 0);
    auto const tile = *TileId::make(10, 813, 459);
    auto const empty = tiles::heat_of(none, tile, 500);
    BOOST_TEST(empty.weight == 0);
    BOOST_TEST(tiles::heat_picture(empty, 1).substr(1, 3) == "PNG");
    HeatPoints one;
    one.add(tiles::to_grid({105.9, 18.34}), 1);
    one.add(tiles::to_grid({105.9, 18.34}), 0); // of no weight: no point
    BOOST_TEST(one.size() == 1U);
    double const peak = tiles::heat_peak(500);
    BOOST_TEST(tiles::heat_top(one, 500) >= peak);
    BOOST_TEST(tiles::heat_top(one, 500) <= 2.5 * peak);
}

BOOST_AUTO_TEST_SUITE_END()
