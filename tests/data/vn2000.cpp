#include "tests/support/database.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cmath>

using namespace diaban;
using tests::Database;

namespace {

/// The five vectors of the house's conventions, computed with PROJ 9.1.1 and EPSG:6960.
struct Vector {
    char const* province;
    int srid;
    double latitude;
    double longitude;
    double easting;
    double northing;
};
constexpr std::array<Vector, 5> vectors{{
    {"Bắc Kạn", 9213, 22.147, 105.835, 431212.185, 2450092.490},
    {"Hà Nam", 5897, 20.541, 105.914, 595113.670, 2272407.008},
    {"Lạng Sơn", 9215, 21.853, 106.761, 449262.451, 2417472.355},
    {"Lào Cai", 9208, 22.486, 103.971, 419646.483, 2487683.647},
    {"Hà Tĩnh", 9209, 18.343, 105.905, 542607.945, 2028900.590},
}};

constexpr double millimetre = 0.001;

// The vectors lead from WGS 84 to VN-2000. Back again EPSG:6960 does not end where it began:
// heights are not carried, so each way starts on its own ellipsoid, and those are some 20 m apart
// here.
constexpr double way_back = 0.0015;

} // namespace

BOOST_AUTO_TEST_SUITE(vn2000_in_sql)

BOOST_AUTO_TEST_CASE(the_five_vectors_hold_to_a_millimetre) {
    Database const database;
    for (auto const& vector : vectors) {
        auto const text = [](double value) { return std::to_string(value); };
        auto const there =
            database.sql("SELECT public.st_x(p), public.st_y(p), public.st_srid(p) FROM "
                         "diaban.wgs84_to_vn2000(public.st_point(" +
                         text(vector.longitude) + "," + text(vector.latitude) + ", 4326), " +
                         std::to_string(vector.srid) + ") AS p");
        BOOST_TEST_CONTEXT(vector.province) {
            BOOST_TEST(std::abs(std::stod(there[0][0]) - vector.easting) < millimetre);
            BOOST_TEST(std::abs(std::stod(there[0][1]) - vector.northing) < millimetre);
            BOOST_TEST(there[0][2] == std::to_string(vector.srid));
        }
        auto const metres =
            database.value("SELECT public.st_distance(public.st_point(" + text(vector.longitude) +
                           "," + text(vector.latitude) +
                           ", 4326)::public.geography, diaban.vn2000_to_wgs84(public.st_point(" +
                           text(vector.easting) + "," + text(vector.northing) + "," +
                           std::to_string(vector.srid) + "))::public.geography)");
        BOOST_TEST_CONTEXT(vector.province) {
            BOOST_TEST(std::stod(metres) < way_back);
        }
    }
}

BOOST_AUTO_TEST_CASE(every_zone_is_known_and_pinned) {
    Database const database;
    BOOST_TEST(database.value("SELECT count(*) FROM public.spatial_ref_sys WHERE "
                              "srid BETWEEN 9205 AND 9218 OR srid BETWEEN 5896 AND 5899") == "18");
    // Pinned: no EPSG name under which PROJ could choose another operation.
    BOOST_TEST(database.value(
                   "SELECT count(*) FROM public.spatial_ref_sys WHERE srid > 900000 "
                   "AND auth_name IS NULL AND proj4text LIKE '%towgs84=-191.90441429%'") == "21");
}

BOOST_AUTO_TEST_CASE(the_inserted_zones_agree_with_the_pinned_ones_where_proj_knows_them) {
    Database const database;
    BOOST_TEST(std::stod(database.value(
                   "SELECT max(public.st_distance(public.st_setsrid(public.st_transform("
                   "public.st_point(106, 18.3, 4326), srid), 0), public.st_setsrid("
                   "diaban.wgs84_to_vn2000(public.st_point(106, 18.3, 4326), srid), 0))) "
                   "FROM generate_series(9205, 9218) AS srid")) < millimetre);
}

BOOST_AUTO_TEST_CASE(what_is_not_vn2000_is_refused) {
    Database const database;
    BOOST_CHECK_THROW(database.sql("SELECT diaban.vn2000_to_wgs84(public.st_point(1, 2, 32648))"),
                      std::exception);
}

BOOST_AUTO_TEST_SUITE_END()
