// Exact coverage of cells, beside PostGIS's ST_Intersection.

#include "geo/exposure/zonal.hpp"

#include "tests/support/database.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <numbers>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace {

using namespace diaban;
using geo::Position;
using geo::raster::Frame;

/// A star-shaped ring, closed, with a hole half as large.
geo::Geometry ring_shape(std::mt19937_64& random, Position centre, double size) {
    std::uniform_real_distribution<double> share{0.4, 1};
    geo::Geometry zone;
    zone.kind = geo::GeometryKind::polygon;
    int const corners = 5 + int(random() % 20);
    std::vector<Position> ring;
    for (int i = 0; i < corners; ++i) {
        double const turn = 2 * std::numbers::pi * i / corners;
        double const reach = size * share(random);
        ring.push_back({reach * std::cos(turn), reach * std::sin(turn)});
    }
    ring.push_back(ring.front());
    for (double const scale : {1.0, 0.5}) {
        for (auto const& p : ring)
            zone.positions.push_back({centre.x + p.x * scale, centre.y + p.y * scale});
        zone.path_ends.push_back(std::uint32_t(zone.positions.size()));
    }
    zone.part_ends = {2};
    return zone;
}

std::string wkt(geo::Geometry const& zone) {
    std::ostringstream text;
    text.precision(17);
    text << "POLYGON";
    for (std::size_t ring = 0; ring < zone.path_ends.size(); ++ring) {
        text << (ring == 0 ? "((" : ",(");
        bool first = true;
        for (auto const& p : zone.path(ring)) {
            text << (first ? "" : ",") << p.x << ' ' << p.y;
            first = false;
        }
        text << ')';
    }
    text << ')';
    return text.str();
}

} // namespace

BOOST_AUTO_TEST_SUITE(zonal_in_sql)

BOOST_AUTO_TEST_CASE(each_share_of_a_cell_is_the_area_of_st_intersection) {
    tests::Database const database{tests::Database::Kind::empty};
    database.sql("CREATE EXTENSION IF NOT EXISTS postgis");
    std::mt19937_64 random{tests::seed()};
    Frame const frame{{40, 30}, 540'000, 2'030'000, 30, 30, 0};
    for (int round = 0; round < 40; ++round) {
        Position const centre{540'000 + double(random() % 1200),
                              2'030'000 - double(random() % 900)};
        auto const zone = ring_shape(random, centre, 20 + double(random() % 700));
        auto const rows = database.sql(
            "WITH zone AS (SELECT ST_GeomFromText('" + wkt(zone) +
            "') AS g) SELECT c, r, ST_Area(ST_Intersection(g, ST_MakeEnvelope(540000 + c * 30, "
            "2030000 - (r + 1) * 30, 540000 + (c + 1) * 30, 2030000 - r * 30))) / 900 "
            "FROM zone, generate_series(0, 39) AS c, generate_series(0, 29) AS r ORDER BY r, c");
        BOOST_REQUIRE_EQUAL(rows.size(), frame.shape.cells());
        std::vector<double> ours(frame.shape.cells(), 0);
        geo::exposure::cover(frame, zone)
            .each([&](std::int32_t column, std::int32_t row, double share) {
                ours[frame.shape.index(column, row)] += share;
            });
        for (std::size_t i = 0; i < ours.size(); ++i)
            BOOST_REQUIRE_SMALL(ours[i] - std::stod(rows[i][2]), 1e-9);
    }
}

BOOST_AUTO_TEST_SUITE_END()
