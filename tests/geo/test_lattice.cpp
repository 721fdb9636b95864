// Cells of equal area: each position in one of them, the nearest; corners shared to the last bit;
// areas as the ellipsoid has them.

#include "geo/hotspot/lattice.hpp"
#include "geo/ops/measure.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <map>
#include <numbers>
#include <random>
#include <utility>

namespace {

using namespace diaban;
using geo::Position;
using geo::hotspot::CellKind;
using geo::hotspot::Lattice;
using geo::hotspot::LatticeCell;
namespace tt = boost::test_tools;

Position random_position(std::mt19937_64& random) {
    std::uniform_real_distribution<double> lon{-180, 180};
    std::uniform_real_distribution<double> lat{-85, 85};
    return {lon(random), lat(random)};
}

/// The middle of an outline's corners, in the plane.
Position centre_of(Lattice const& lattice, LatticeCell cell) {
    auto const shape = lattice.outline(cell);
    Position sum;
    for (std::size_t i = 0; i + 1 < shape.positions.size(); ++i) {
        auto const at = geo::hotspot::to_equal_area(shape.positions[i]);
        sum.x += at.x;
        sum.y += at.y;
    }
    auto const count = double(shape.positions.size() - 1);
    return {sum.x / count, sum.y / count};
}

} // namespace

BOOST_AUTO_TEST_SUITE(lattice)

// PROJ 9.1.1: +proj=cea +lat_ts=16 +datum=WGS84.
BOOST_AUTO_TEST_CASE(the_plane_is_that_of_proj) {
    struct Known {
        Position degrees;
        Position metres;
    };
    constexpr Known known[] = {{{105.905, 18.343}, {11335476.5914543, 2074532.14641616}},
                               {{-70, -33.5}, {-7492406.98174589, -3641709.14596727}},
                               {{180, 84}, {19266189.3816323, 6582081.37976147}},
                               {{102.2, 8.4}, {10938914.193349, 962644.107614135}}};
    for (auto const& [degrees, metres] : known) {
        auto const at = geo::hotspot::to_equal_area(degrees);
        BOOST_TEST(std::abs(at.x - metres.x) < 1e-6);
        BOOST_TEST(std::abs(at.y - metres.y) < 1e-6);
    }
}

BOOST_AUTO_TEST_CASE(degrees_come_back_from_the_plane) {
    std::mt19937_64 random{tests::seed()};
    for (int i = 0; i < 20'000; ++i) {
        auto const at = random_position(random);
        auto const back = geo::hotspot::from_equal_area(geo::hotspot::to_equal_area(at));
        BOOST_TEST(std::abs(back.x - at.x) <= 1e-11);
        BOOST_TEST(std::abs(back.y - at.y) <= 1e-11);
    }
}

BOOST_AUTO_TEST_CASE(a_position_lies_in_the_hexagon_whose_centre_is_nearest) {
    std::mt19937_64 random{tests::seed()};
    for (double const across : {50.0, 1234.5, 80'000.0}) {
        Lattice const hexagons{CellKind::hexagon, across};
        for (int i = 0; i < 2000; ++i) {
            auto degrees = random_position(random);
            degrees.y *= 0.8; // outlines end at the poles
            auto const at = geo::hotspot::to_equal_area(degrees);
            auto const cell = hexagons.cell_of(degrees);
            auto const distance = [&](LatticeCell one) {
                auto const centre = centre_of(hexagons, one);
                return std::hypot(centre.x - at.x, centre.y - at.y);
            };
            double const here = distance(cell);
            BOOST_TEST(here <= across / std::numbers::sqrt3 * (1 + 1e-6) + 1e-4);
            for (auto const& [q, r] : {std::pair{1, 0}, {0, 1}, {-1, 1}, {-1, 0}, {0, -1}, {1, -1}})
                BOOST_TEST(here <= distance({cell.column + q, cell.row + r}) + 1e-4);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_position_lies_within_the_sides_of_its_square) {
    std::mt19937_64 random{tests::seed()};
    Lattice const squares{CellKind::square, 700};
    for (int i = 0; i < 2000; ++i) {
        auto const degrees = random_position(random);
        auto const shape = squares.outline(squares.cell_of(degrees));
        auto const& low = shape.positions[0];
        auto const& high = shape.positions[2];
        BOOST_TEST((low.x <= degrees.x + 1e-11 && degrees.x <= high.x + 1e-11));
        BOOST_TEST((low.y <= degrees.y + 1e-11 && degrees.y <= high.y + 1e-11));
    }
}

BOOST_AUTO_TEST_CASE(neighbours_share_their_corners_to_the_last_bit) {
    for (auto const kind : {CellKind::hexagon, CellKind::square}) {
        Lattice const cells{kind, 3333.3};
        auto const heart = cells.cell_of({105.905, 18.343});
        std::map<std::pair<double, double>, int> corners;
        constexpr int side = 12;
        for (int c = 0; c < side; ++c)
            for (int r = 0; r < side; ++r) {
                auto const shape = cells.outline({heart.column + c, heart.row + r});
                for (std::size_t i = 0; i + 1 < shape.positions.size(); ++i)
                    ++corners[{shape.positions[i].x, shape.positions[i].y}];
            }
        // Of n × n squares (n + 1)² corners; of hexagons 2 (n + 1)² − 2.
        std::size_t const grid = (side + 1) * (side + 1);
        BOOST_TEST(corners.size() == (kind == CellKind::square ? grid : 2 * grid - 2));
    }
}

BOOST_AUTO_TEST_CASE(every_cell_has_the_same_area_on_the_ellipsoid) {
    std::mt19937_64 random{tests::seed()};
    for (auto const kind : {CellKind::hexagon, CellKind::square})
        for (double const across : {100.0, 5000.0}) {
            Lattice const cells{kind, across};
            for (int i = 0; i < 50; ++i) {
                auto degrees = random_position(random);
                degrees.y *= 0.7; // sides that run along parallels are no geodesics
                auto const shape = cells.outline(cells.cell_of(degrees));
                BOOST_TEST(geo::ops::geodesic_area(shape) == cells.area_m2(), tt::tolerance(1e-4));
            }
        }
}

BOOST_AUTO_TEST_SUITE_END()
