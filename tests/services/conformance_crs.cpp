// OGC API Features, Part 2 (CRS by reference): its abstract tests, held against PostGIS.

#include "geo/crs.hpp"
#include "services/api/crs.hpp"
#include "services/http/uri.hpp"
#include "tests/services/world.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <proj.h>

#include <algorithm>
#include <cmath>
#include <ostream>
#include <random>
#include <set>
#include <string>
#include <vector>

using diaban::services::http::percent_encode;
using diaban::tests::World;
using nlohmann::json;
namespace tests = diaban::tests;

namespace {

constexpr char crs84[] = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";

std::string epsg(int srid) {
    return fmt::format("http://www.opengis.net/def/crs/EPSG/0/{}", srid);
}

/// The SRID by which PostGIS uses the pinned operation for VN-2000.
int postgis_srid(int srid) {
    bool const vn2000 = srid == 3405 || srid == 3406 || srid == 4756 ||
                        (srid >= 5896 && srid <= 5899) || (srid >= 9205 && srid <= 9218);
    return vn2000 ? 900000 + srid : srid;
}

/// A vector of the conventions: a place, and where it lies in its province's zone.
struct Vector {
    char const* province;
    int srid;
    double lat;
    double lon;
    double east;
    double north;
};
std::ostream& operator<<(std::ostream& out, Vector const& vector) {
    return out << vector.province;
}
Vector const vectors[] = {{"Bắc Kạn", 9213, 22.147, 105.835, 431212.185, 2450092.490},
                          {"Hà Nam", 5897, 20.541, 105.914, 595113.670, 2272407.008},
                          {"Lạng Sơn", 9215, 21.853, 106.761, 449262.451, 2417472.355},
                          {"Lào Cai", 9208, 22.486, 103.971, 419646.483, 2487683.647},
                          {"Hà Tĩnh", 9209, 18.343, 105.905, 542607.945, 2028900.590}};

/// The decimals behind the point of a number as it was written.
std::size_t decimals(std::string const& number) {
    auto const point = number.find('.');
    return point == std::string::npos ? 0 : number.size() - point - 1;
}

} // namespace

BOOST_AUTO_TEST_SUITE(conformance_crs)

// /conf/crs/crs-uri, /conf/crs/fc-md-crs-list
BOOST_AUTO_TEST_CASE(collections_list_their_crs_by_uri_and_all_of_them_are_served) {
    auto& world = World::shared();
    auto const blocks = world.json("/collections/blocks");
    std::set<std::string> listed;
    for (auto const& uri : blocks["crs"]) listed.insert(uri);
    BOOST_TEST(listed.size() == blocks["crs"].size());
    BOOST_TEST(blocks["crs"][0] == crs84);
    for (int const srid : {3405, 3406, 4326, 4756, 5896, 5897, 5898, 5899, 3857, 32648, 32649})
        BOOST_TEST(listed.contains(epsg(srid)), srid);
    for (int srid = 9205; srid <= 9218; ++srid) BOOST_TEST(listed.contains(epsg(srid)), srid);
    for (auto const& uri : listed) {
        auto const answer =
            world.get("/collections/blocks/items?limit=1&crs=" + percent_encode(uri));
        BOOST_TEST(answer.status == 200, uri);
        BOOST_TEST(answer.field("content-crs") == "<" + uri + ">");
    }
    BOOST_TEST(!world.json("/collections/indicators").contains("crs"));
}

// /conf/crs/fc-md-storageCrs-valid-value
BOOST_AUTO_TEST_CASE(the_storage_crs_is_one_of_the_list) {
    auto const blocks = World::shared().json("/collections/blocks");
    BOOST_TEST(blocks["storageCrs"] == crs84);
    BOOST_TEST((std::ranges::find(blocks["crs"], blocks["storageCrs"]) != blocks["crs"].end()));
}

// /conf/crs/default-crs, /conf/crs/ogc-crs-header
BOOST_AUTO_TEST_CASE(without_crs_answers_are_in_CRS84_and_say_so) {
    auto& world = World::shared();
    for (auto const* const target :
         {"/collections/ways/items?limit=1", "/collections/ways/items/1"}) {
        auto const plain = world.get(target);
        BOOST_TEST(plain.field("content-crs") == fmt::format("<{}>", crs84));
        auto const asked =
            world.get(std::string{target} + (std::string_view{target}.ends_with("=1") ? "&" : "?") +
                      "crs=" + percent_encode(crs84));
        auto const geometry_of = [](std::string const& body) {
            auto const read = json::parse(body);
            return read.contains("features") ? read["features"][0]["geometry"] : read["geometry"];
        };
        BOOST_TEST(geometry_of(asked.body) == geometry_of(plain.body));
    }
}

// /conf/crs/crs-action: every system, held against ST_Transform.
BOOST_AUTO_TEST_CASE(every_crs_answers_what_PostGIS_transforms_with_its_axes_in_order) {
    auto& world = World::shared();
    for (int const srid : diaban::geo::pinned_srids()) {
        bool const y_first = srid == 4326 || srid == 4756;
        auto const page = world.json(fmt::format(
            "/collections/ways/items?limit=40&sortby=number&crs={}", percent_encode(epsg(srid))));
        auto const rows = world.database().sql(
            fmt::format("SELECT number, ST_X(p), ST_Y(p) FROM (SELECT number, "
                        "ST_Transform(ST_PointN(geom, 2), {}) AS p FROM record.ways "
                        "ORDER BY number LIMIT 40) AS moved",
                        postgis_srid(srid)));
        double const tolerance = y_first ? 2e-9 : 1e-3;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            auto const position = page["features"][i]["geometry"]["coordinates"][1];
            BOOST_TEST(page["features"][i]["properties"]["number"] == std::stoi(rows[i][0]));
            BOOST_TEST(std::abs(position[y_first ? 1 : 0].get<double>() - std::stod(rows[i][1])) <
                           tolerance,
                       srid << " " << position);
            BOOST_TEST(std::abs(position[y_first ? 0 : 1].get<double>() - std::stod(rows[i][2])) <
                           tolerance,
                       srid << " " << position);
        }
    }
}

BOOST_AUTO_TEST_CASE(axes_come_in_the_order_that_EPSG_gives_them) {
    PJ_CONTEXT* const context = proj_context_create();
    for (int const srid : diaban::geo::pinned_srids()) {
        PJ* const crs = proj_create_from_database(context, "EPSG", std::to_string(srid).c_str(),
                                                  PJ_CATEGORY_CRS, 0, nullptr);
        BOOST_REQUIRE_MESSAGE(crs != nullptr, srid);
        PJ* const system = proj_crs_get_coordinate_system(context, crs);
        char const* direction = nullptr;
        proj_cs_get_axis_info(context, system, 0, nullptr, nullptr, &direction, nullptr, nullptr,
                              nullptr, nullptr);
        BOOST_TEST(diaban::services::api::crs_named(epsg(srid))->y_first ==
                       (std::string{direction} == "north"),
                   srid << " " << direction);
        proj_destroy(system);
        proj_destroy(crs);
    }
    proj_context_destroy(context);
}

BOOST_DATA_TEST_CASE(the_vectors_of_VN_2000_come_out_to_the_millimetre, vectors) {
    World world;
    world.database().sql(fmt::format("INSERT INTO record.spots (note, geom) VALUES ('véc-tơ', "
                                     "ST_SetSRID(ST_MakePoint({}, {}), 4326))",
                                     sample.lon, sample.lat));
    auto const fid = world.database().value("SELECT fid FROM record.spots WHERE note = 'véc-tơ'");
    auto const answer =
        world.get(fmt::format("/collections/spots/items/{}?crs=EPSG:{}", fid, sample.srid));
    json const position = json::parse(answer.body)["geometry"]["coordinates"];
    BOOST_TEST(std::abs(position[0].get<double>() - sample.east) < 0.001);
    BOOST_TEST(std::abs(position[1].get<double>() - sample.north) < 0.001);
    BOOST_TEST(answer.field("content-crs") == "<" + epsg(sample.srid) + ">");
}

BOOST_AUTO_TEST_CASE(numbers_are_as_fine_as_a_tenth_of_a_millimetre_and_no_finer) {
    auto& world = World::shared();
    auto const most = [&](std::string const& crs) {
        std::size_t found = 0;
        auto const body = world.get("/collections/ways/items?limit=50&crs=" + crs).body;
        auto const page = json::parse(body);
        for (auto const& feature : page["features"])
            for (auto const& position : feature["geometry"]["coordinates"])
                for (auto const& number : position)
                    found = std::max(found, decimals(number.dump()));
        return found;
    };
    BOOST_TEST(most("EPSG:9209") == 4U);
    BOOST_TEST(most("EPSG:3857") == 4U);
    BOOST_TEST(most("EPSG:4756") == 9U);
    BOOST_TEST(most("EPSG:4326") > 12U); // the record's own doubles
}

BOOST_AUTO_TEST_CASE(a_crs_has_a_uri_a_curie_and_short_names) {
    auto& world = World::shared();
    auto const target = [](std::string const& crs) {
        return "/collections/ways/items/7?crs=" + percent_encode(crs);
    };
    auto const expected = world.json(target(epsg(9209)))["geometry"];
    for (auto const* const name :
         {"EPSG:9209", "epsg:9209", "[EPSG:9209]", "urn:ogc:def:crs:EPSG::9209",
          "https://www.opengis.net/def/crs/EPSG/0/9209"})
        BOOST_TEST(world.json(target(name))["geometry"] == expected, name);
    for (auto const* const name : {"OGC:CRS84", "[OGC:CRS84]", "urn:ogc:def:crs:OGC:1.3:CRS84"})
        BOOST_TEST(world.get(target(name)).field("content-crs") == fmt::format("<{}>", crs84));
}

// /conf/crs/fc-crs-valid-value, /conf/crs/bbox-crs-valid-value
BOOST_AUTO_TEST_CASE(an_unknown_crs_is_refused_with_what_is_accepted) {
    auto& world = World::shared();
    for (auto const* const parameter : {"crs", "bbox-crs", "filter-crs"})
        for (auto const* const name : {"EPSG:2056", "EPSG:9219", "EPSG:", "EPSG:9209x", "WGS84",
                                       "http://www.opengis.net/def/crs/EPSG/0/1", ""}) {
            auto const answer = world.get(fmt::format("/collections/blocks/items?{}={}&lang=en",
                                                      parameter, percent_encode(name)));
            BOOST_TEST(answer.status == 400, parameter << " " << name);
            auto const problem = json::parse(answer.body);
            BOOST_TEST(problem["parameter"] == parameter);
            std::string const accepted = problem["accepted"];
            for (auto const* const known : {"OGC:CRS84", "EPSG:4326", "EPSG:3405", "EPSG:9218"})
                BOOST_TEST(accepted.find(known) != std::string::npos, known);
        }
    BOOST_TEST(world.get("/collections/blocks/items/1?crs=EPSG:2056").status == 400);
}

// /conf/crs/bbox-crs-action
BOOST_AUTO_TEST_CASE(boxes_in_any_crs_find_what_PostGIS_finds_in_them) {
    auto& world = World::shared();
    std::mt19937_64 random{tests::seed()};
    std::uniform_real_distribution<double> x{104.95, 105.7};
    std::uniform_real_distribution<double> y{17.95, 18.4};
    std::uniform_real_distribution<double> size{0.01, 0.3};
    std::size_t found = 0;
    for (int const srid : diaban::geo::pinned_srids()) {
        bool const y_first = srid == 4326 || srid == 4756;
        for (int i = 0; i < 6; ++i) {
            double const west = x(random);
            double const south = y(random);
            auto const corners = world.database().sql(fmt::format(
                "SELECT ST_X(a), ST_Y(a), ST_X(b), ST_Y(b) FROM (SELECT "
                "ST_Transform(ST_Point({0}, {1}, 4326), {4}) AS a, "
                "ST_Transform(ST_Point({2}, {3}, 4326), {4}) AS b) AS c",
                west, south, west + size(random), south + size(random), postgis_srid(srid)))[0];
            auto const envelope =
                fmt::format("{},{},{},{}", corners[0], corners[1], corners[2], corners[3]);
            auto const box =
                y_first ? fmt::format("{},{},{},{}", corners[1], corners[0], corners[3], corners[2])
                        : envelope;
            // The sides, straight in their CRS, as a shape of the record's.
            auto const expected = world.database().value(
                fmt::format("SELECT count(*) FROM record.ways WHERE ST_Intersects(geom, "
                            "ST_Transform(ST_Segmentize(ST_MakeEnvelope({}, {}), {}), 4326))",
                            envelope, postgis_srid(srid), y_first ? 0.001 : 100.0));
            auto const page = world.json(
                fmt::format("/collections/ways/items?limit=1&bbox={}&bbox-crs=EPSG:{}", box, srid));
            BOOST_TEST(page["numberMatched"] == std::stoll(expected), srid << " " << box);
            found += page["numberMatched"].get<std::size_t>();
        }
    }
    BOOST_TEST(found > 1000U);
}

BOOST_AUTO_TEST_CASE(a_box_in_a_zone_goes_with_filters_and_pages_and_is_refused_when_it_is_none) {
    auto& world = World::shared();
    std::string const box = "bbox=510000,2000000,540000,2030000&bbox-crs=EPSG:9209";
    auto const all = world.json("/collections/blocks/items?limit=10000&" + box);
    BOOST_TEST(all["numberMatched"].get<int>() > 100);
    auto const some = world.json("/collections/blocks/items?limit=1&" + box +
                                 "&filter=" + percent_encode("kind = 'LUC'"));
    auto const luc = std::ranges::count_if(all["features"], [](json const& feature) {
        return feature["properties"]["kind"] == "LUC";
    });
    BOOST_TEST(some["numberMatched"] == luc);
    for (auto const* const wrong :
         {"540000,2000000,510000,2030000", "510000,2030000,540000,2000000", "510000,2000000,540000",
          "x,2,3,4"})
        BOOST_TEST(
            world.get(fmt::format("/collections/blocks/items?bbox={}&bbox-crs=EPSG:9209", wrong))
                    .status == 400,
            wrong);
    BOOST_TEST(world.get("/collections/blocks/items?as-of=2026-01-01T00:00:00Z&" + box).status ==
               400);
    BOOST_TEST(
        world.json(
            "/collections/spots/items?bbox=9,179,11,-179&bbox-crs=EPSG:4326")["numberMatched"] ==
        2);
}

BOOST_AUTO_TEST_CASE(positions_of_a_filter_may_be_in_a_zone) {
    auto& world = World::shared();
    auto const asked =
        world.json("/collections/ways/items?limit=1&filter-crs=EPSG:9209&filter=" +
                   percent_encode("S_INTERSECTS(geometry, POLYGON((510000 2000000,540000 2000000,"
                                  "540000 2030000,510000 2000000)))"));
    auto const expected = world.database().value(
        "SELECT count(*) FROM record.ways WHERE ST_Intersects(geom, ST_Transform(ST_GeomFromText("
        "'POLYGON((510000 2000000,540000 2000000,540000 2030000,510000 2000000))', 909209), "
        "4326))");
    BOOST_TEST(asked["numberMatched"] == std::stoll(expected));
}

BOOST_AUTO_TEST_SUITE_END()
