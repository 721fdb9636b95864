#include "geo/crs.hpp"
#include "geo/error.hpp"
#include "geo/ops/measure.hpp"
#include "tests/geo/support.hpp"

#include <boost/test/unit_test.hpp>
#include <proj.h>

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

namespace {

using namespace diaban;
using geo::Position;
using geo::Transform;

Position changed(Position p, int from, int to) {
    Transform::between(from, to).apply({&p, 1});
    return p;
}

double apart(Position a, Position b) {
    return std::hypot(a.x - b.x, a.y - b.y);
}

// The datum step drops the height it yields, so there and back is not quite the identity.
constexpr double there_and_back = 0.0015;

struct Vector {
    char const* province;
    int srid;
    Position degrees;
    Position metres;
};

// Five provinces in the zones their cadastre uses; computed with PROJ 9.1.1 and EPSG:6960.
constexpr std::array<Vector, 5> vectors{{
    {"Bắc Kạn", 9213, {105.835, 22.147}, {431212.185, 2450092.490}},
    {"Hà Nam", 5897, {105.914, 20.541}, {595113.670, 2272407.008}},
    {"Lạng Sơn", 9215, {106.761, 21.853}, {449262.451, 2417472.355}},
    {"Lào Cai", 9208, {103.971, 22.486}, {419646.483, 2487683.647}},
    {"Hà Tĩnh", 9209, {105.905, 18.343}, {542607.945, 2028900.590}},
}};

constexpr std::array tm3_zones{5896, 5897, 5898, 5899, 9205, 9206, 9207, 9208, 9209,
                               9210, 9211, 9212, 9213, 9214, 9215, 9216, 9217, 9218};

/// What PROJ makes of a pipeline text, without our code.
Position by_proj(char const* text, Position p) {
    PJ_CONTEXT* const context = proj_context_create();
    PJ* const operation = proj_create(context, text);
    BOOST_REQUIRE(operation != nullptr);
    PJ_COORD const out = proj_trans(operation, PJ_FWD, proj_coord(p.x, p.y, 0, 0));
    proj_destroy(operation);
    proj_context_destroy(context);
    return {out.xy.x, out.xy.y};
}

std::string vn2000_pipeline(char const* rotations, char const* meridian) {
    return std::string{"+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad"
                       " +step +proj=cart +ellps=WGS84 +step +inv +proj=helmert +x=-191.90441429"
                       " +y=-39.30318279 +z=-111.45032835 +s=0.252906278 "} +
           rotations +
           " +convention=coordinate_frame +step +inv +proj=cart +ellps=WGS84"
           " +step +proj=tmerc +lon_0=" +
           meridian + " +k=0.9999 +x_0=500000 +ellps=WGS84";
}

} // namespace

BOOST_AUTO_TEST_SUITE(crs)

BOOST_AUTO_TEST_CASE(five_provinces_reach_their_vn2000_zone_within_a_millimetre_and_return) {
    for (auto const& v : vectors) {
        BOOST_TEST_CONTEXT(v.province) {
            Position const metres = changed(v.degrees, 4326, v.srid);
            BOOST_TEST(std::abs(metres.x - v.metres.x) < 0.001);
            BOOST_TEST(std::abs(metres.y - v.metres.y) < 0.001);
            Position const degrees = changed(v.metres, v.srid, 4326);
            BOOST_TEST(geo::ops::geodesic_distance(degrees, v.degrees) < there_and_back);
        }
    }
}

BOOST_AUTO_TEST_CASE(flipped_rotations_would_be_off_by_70_to_79_centimetres_and_are_not_ours) {
    constexpr char const* flipped = "+rx=0.00928836 +ry=-0.01975479 +rz=0.00427372";
    constexpr std::array meridians{"106.5", "105", "107.25", "104.75", "105.5"};
    for (std::size_t i = 0; i < vectors.size(); ++i) {
        auto const& v = vectors[i];
        Position const wrong = by_proj(vn2000_pipeline(flipped, meridians[i]).c_str(), v.degrees);
        double const off = apart(wrong, changed(v.degrees, 4326, v.srid));
        BOOST_TEST(off > 0.695);
        BOOST_TEST(off < 0.795);
    }
}

BOOST_AUTO_TEST_CASE(coordinates_never_shifted_to_vn2000_lie_223_to_225_metres_off) {
    for (auto const& v : vectors) {
        // Degrees taken as if VN-2000 had WGS 84's datum.
        double const off =
            apart(changed(v.degrees, 4756, v.srid), changed(v.degrees, 4326, v.srid));
        BOOST_TEST(std::round(off) >= 223.0);
        BOOST_TEST(std::round(off) <= 225.0);
    }
}

BOOST_AUTO_TEST_CASE(a_sheet_read_in_the_neighbours_zone_lies_tens_of_kilometres_off) {
    Position const right = changed(vectors[4].metres, 9209, 4326);
    Position const wrong = changed(vectors[4].metres, 9210, 4326);
    BOOST_TEST(geo::ops::geodesic_distance(right, wrong) > 20'000.0);
}

BOOST_AUTO_TEST_CASE(every_pinned_zone_has_the_parameters_of_the_epsg_database) {
    std::vector<int> srids{3405, 3406, 32648, 32649};
    srids.insert(srids.end(), tm3_zones.begin(), tm3_zones.end());
    for (int const srid : srids) {
        BOOST_TEST_CONTEXT("EPSG:" << srid) {
            // From the zone's own geographic system no datum step is made, so PROJ cannot choose.
            bool const wgs84 = srid > 32000;
            std::string const base = wgs84 ? "EPSG:4326" : "EPSG:4756";
            PJ_CONTEXT* const context = proj_context_create();
            PJ* const raw = proj_create_crs_to_crs(
                context, base.c_str(), ("EPSG:" + std::to_string(srid)).c_str(), nullptr);
            BOOST_REQUIRE(raw != nullptr);
            PJ* const operation = proj_normalize_for_visualization(context, raw);
            PJ_COORD const out = proj_trans(operation, PJ_FWD, proj_coord(106.1, 18.3, 0, 0));
            Position const ours = changed({106.1, 18.3}, wgs84 ? 4326 : 4756, srid);
            BOOST_TEST(apart(ours, {out.xy.x, out.xy.y}) < 1e-6);
            proj_destroy(operation);
            proj_destroy(raw);
            proj_context_destroy(context);
        }
    }
}

BOOST_AUTO_TEST_CASE(two_vn2000_systems_are_joined_without_a_datum_step) {
    Position const in_9209 = vectors[4].metres;
    Position const direct = changed(in_9209, 9209, 3405);
    Position const by_base = changed(changed(in_9209, 9209, 4756), 4756, 3405);
    BOOST_TEST(apart(direct, by_base) < 1e-6);
    BOOST_TEST(apart(direct, changed(changed(in_9209, 9209, 4326), 4326, 3405)) < there_and_back);
}

BOOST_AUTO_TEST_CASE(web_mercator_is_the_sphere_of_the_tile_pyramid) {
    constexpr double half = 20037508.342789244; // π · 6378137
    Position const edge = changed({180, 0}, 4326, 3857);
    BOOST_TEST(std::abs(edge.x - half) < 1e-6);
    BOOST_TEST(std::abs(edge.y) < 1e-6);
    BOOST_TEST(std::abs(changed({0, 85.0511287798066}, 4326, 3857).y - half) < 1e-4);
}

BOOST_AUTO_TEST_CASE(random_positions_return_from_every_pinned_system) {
    std::mt19937_64 random{tests::seed()};
    std::uniform_real_distribution<double> longitude{102.1, 109.5};
    std::uniform_real_distribution<double> latitude{8.2, 23.4};
    std::vector<int> srids{3857, 4756, 3405, 3406, 32648, 32649};
    srids.insert(srids.end(), tm3_zones.begin(), tm3_zones.end());
    for (int const srid : srids) {
        bool const wgs84 = srid == 3857 || srid > 32000;
        std::vector<Position> before(500);
        for (auto& p : before) p = {longitude(random), latitude(random)};
        std::vector<Position> after = before;
        Transform::between(4326, srid).apply(after);
        Transform::between(srid, 4326).apply(after);
        for (std::size_t i = 0; i < before.size(); ++i)
            BOOST_REQUIRE(geo::ops::geodesic_distance(before[i], after[i]) <
                          (wgs84 ? 1e-6 : there_and_back));
    }
}

BOOST_AUTO_TEST_CASE(other_codes_go_through_the_database_without_grids) {
    // ETRS89 / UTM 33N, known answer of PROJ for a point on its meridian: easting 500 km.
    Position const p = changed({15, 52}, 4326, 25833);
    BOOST_TEST(std::abs(p.x - 500'000) < 0.001);
    BOOST_TEST(geo::ops::geodesic_distance(changed(p, 25833, 4326), {15, 52}) < 0.001);
    // NAD27 / UTM 17N reaches WGS 84 by many grids; without them a stated Helmert is left.
    Position const florida = changed({500'000, 3'000'000}, 26717, 4326);
    BOOST_TEST(std::abs(florida.x + 81) < 0.01);
    // Axis order of the database (northing first) does not show.
    Position const japan = changed({139.75, 36}, 4326, 6677);
    BOOST_TEST(std::abs(japan.x + 7'500) < 1'000);
    BOOST_TEST(std::abs(japan.y) < 5'000);
    // Hà Nội 1972, once used for Vietnam: degrees to degrees, a datum apart.
    double const shift =
        geo::ops::geodesic_distance(changed({105.9, 18.3}, 4147, 4326), {105.9, 18.3});
    BOOST_TEST(shift > 50.0);
    BOOST_TEST(shift < 1'000.0);
}

BOOST_AUTO_TEST_CASE(what_is_no_horizontal_system_is_unknown) {
    for (int const srid : {0, -1, 4978 /* geocentric */, 5773 /* heights */, 999'999}) {
        BOOST_TEST(!geo::known_srid(srid));
        BOOST_CHECK_EXCEPTION(Transform::between(srid, 4326), geo::Error,
                              [](auto const& e) { return e.type() == "unknown-crs"; });
        BOOST_CHECK_THROW(std::ignore = geo::is_geographic(srid), geo::Error);
    }
    BOOST_TEST(geo::known_srid(4326));
    BOOST_TEST(geo::known_srid(2154));
    BOOST_TEST(geo::is_geographic(4756));
    BOOST_TEST(geo::is_geographic(4258));
    BOOST_TEST(!geo::is_geographic(9209));
    BOOST_TEST(!geo::is_geographic(2154));
}

BOOST_AUTO_TEST_CASE(positions_outside_a_system_are_refused_and_not_bent) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    for (Position const p : {Position{nan, 18}, Position{105, nan}, Position{105, 91}}) {
        Position q = p;
        BOOST_CHECK_EXCEPTION(Transform::between(4326, 9209).apply({&q, 1}), geo::Error,
                              [](auto const& e) { return e.type() == "outside-crs"; });
    }
    // And the thread's PROJ is as good as before.
    BOOST_TEST(apart(changed(vectors[4].degrees, 4326, 9209), vectors[4].metres) < 0.001);
}

BOOST_AUTO_TEST_CASE(the_same_system_on_both_sides_changes_nothing) {
    Transform const same = Transform::between(9209, 9209);
    BOOST_TEST(same.identity());
    Position p{542607.945, 2028900.590};
    same.apply({&p, 1});
    BOOST_TEST((p == Position{542607.945, 2028900.590}));
    BOOST_TEST(!Transform::between(4326, 9209).identity());
}

BOOST_AUTO_TEST_CASE(threads_share_a_transform_and_get_the_same_doubles) {
    Transform const transform = Transform::between(4326, 9209);
    std::vector<Position> expected(1'000, vectors[4].degrees);
    for (std::size_t i = 0; i < expected.size(); ++i)
        expected[i].x += 1e-4 * static_cast<double>(i);
    std::vector<Position> const source = expected;
    transform.apply(expected);
    std::vector<std::vector<Position>> results(8, source);
    std::vector<std::thread> threads;
    for (auto& result : results)
        threads.emplace_back([&] {
            for (auto& p : result) transform.apply({&p, 1});
        });
    for (auto& thread : threads) thread.join();
    for (auto const& result : results) BOOST_TEST((result == expected));
}

BOOST_AUTO_TEST_SUITE_END()
