#include "tests/services/world.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <chrono>
#include <string>

using diaban::tests::World;

namespace {

/// A world with one indicator of two units, one of them hidden from everyone's level.
World& counted() {
    static World world;
    static bool const made = [&] {
        world.database().sql(
            "INSERT INTO record.indicator_catalogue (code, sector, title, title_en, unit, "
            "direction, "
            "cadence, aggregation, decimals, owner, due_days) VALUES ('trees', 'environment', 'Cây "
            "xanh', 'Trees', 'cây', 'up', 'year', 'sum', 0, 'Sở', 30);"
            "INSERT INTO record.indicators (code, place_code, place_on, period, value, target, "
            "scope) "
            "SELECT 'trees', '42', '2026-01-01', y::text, 100 + y - 2018, 110, '42' "
            "FROM generate_series(2018, 2025) AS y;"
            "INSERT INTO record.indicators (code, place_code, place_on, period, value, scope, "
            "sensitivity) VALUES ('trees', '18739', '2026-01-01', '2025', 7, '18739', 200)");
        auto const head = std::stoll(world.database().value("SELECT diaban.feed_head()"));
        for (auto const* const id : {"indicators", "indicator_catalogue"})
            world.server().atlas().await_change(
                id, head, std::chrono::steady_clock::now() + std::chrono::seconds{20});
        return true;
    }();
    (void)made;
    return world;
}

} // namespace

BOOST_AUTO_TEST_SUITE(indicators)

BOOST_AUTO_TEST_CASE(the_catalogue_says_which_feeds_are_late) {
    auto const list = counted().json("/indicators");
    BOOST_REQUIRE(list["indicators"].size() == 1U);
    auto const& trees = list["indicators"][0];
    BOOST_TEST(trees["title"] == "Cây xanh");
    BOOST_TEST(trees["periods"]["last"] == "2025");
    BOOST_TEST(trees["due"] == "2027-01-31"); // the end of 2026 and thirty days more
    BOOST_TEST(counted().json("/indicators?lang=en")["indicators"][0]["title"] == "Trees");
    BOOST_TEST(counted().json("/indicators?sector=health")["indicators"].empty());
}

BOOST_AUTO_TEST_CASE(values_go_by_code_and_what_is_hidden_is_not_there) {
    auto const values = counted().json("/indicators/trees/values");
    BOOST_TEST(values["period"] == "2025");
    BOOST_REQUIRE(values["values"].size() == 1U);
    BOOST_TEST(values["values"][0]["code"] == "42");
    BOOST_TEST(values["values"][0]["value"] == 107);
    BOOST_TEST(values["totals"]["all"] == 107);
    BOOST_TEST(counted().json("/indicators/trees/values?level=commune")["values"].empty());
    auto const csv = counted().get("/indicators/trees/values?f=csv").body;
    BOOST_TEST(csv.find("trees,2025,42,") != std::string::npos);
    auto const stat = counted().json("/indicators/trees/values?f=jsonstat");
    BOOST_TEST(stat["class"] == "dataset");
    BOOST_TEST(stat["size"] == nlohmann::json::parse("[1,1,1]"));
}

BOOST_AUTO_TEST_CASE(a_trend_goes_on_by_its_rate_and_a_ranking_compares) {
    auto const trend = counted().json("/indicators/trees/trend?place=42&ahead=2");
    BOOST_TEST(trend["series"].size() == 8U);
    BOOST_TEST(trend["forecast"]["steps"][0]["period"] == "2026");
    auto const ranking = counted().json("/indicators/trees/ranking?period=2025")["ranking"][0];
    BOOST_TEST(ranking["rank"] == 1);
    BOOST_TEST(ranking["plan"]["difference"] == -3);
    BOOST_TEST(ranking["same_period"]["difference"] == 1);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_is_refused_with_what_can) {
    for (auto const* const target :
         {"/indicators/trees/values?period=1999", "/indicators/trees/values?classes=1",
          "/indicators/trees/values?classes=x", "/indicators/trees/values?breaks=jenks",
          "/indicators/trees/values?bounds=3,2", "/indicators/trees/values?level=hamlet",
          "/indicators/trees/values?province=18739", "/indicators/trees/values?transfer=guess",
          "/indicators/trees/values?f=xml", "/indicators/trees/trend", "/places/42?datetime=x",
          "/indicators/trees/trend?place=42&ahead=25", "/places/around?lon=1&lat=1&radius=0",
          "/places/around?polygon=1,2,3,4", "/geocode?q=", "/geocode?q=x&level=hamlet"})
        BOOST_TEST(counted().get(target).status == 400, target);
    BOOST_TEST(counted().get("/indicators/none").status == 404);
    BOOST_TEST(counted().get("/places/99999").status == 404);
}

BOOST_AUTO_TEST_CASE(the_file_of_a_place_is_one_answer) {
    auto const file = counted().json("/places/42");
    BOOST_TEST(file["place"]["full_name"] == "Tỉnh Hà Tĩnh");
    BOOST_TEST(file["indicators"][0]["value"] == 107);
    BOOST_TEST(file["indicators"][0]["target"] == 110);
    BOOST_TEST(file["outline"]["type"].get<std::string>().find("olygon") != std::string::npos);
    auto const blocks = [&](nlohmann::json const& answer) {
        for (auto const& one : answer["contents"])
            if (one["collection"] == "blocks") return one["count"].get<int>();
        return -1;
    };
    auto const by_unit = counted().json("/collections/blocks/count?by=province");
    BOOST_TEST(blocks(file) == by_unit["groups"][0]["count"].get<int>());
    auto const around =
        counted().json("/places/around?polygon=105.1,18.1,105.2,18.1,105.2,18.2,105.1,18.2");
    BOOST_TEST(blocks(around) == std::stoi(counted().database().value(
                                     "SELECT count(*) FROM record.blocks WHERE ST_Intersects(geom, "
                                     "ST_MakeEnvelope(105.1, 18.1, 105.2, 18.2, 4326))")));
}

BOOST_AUTO_TEST_CASE(a_former_unit_tells_when_it_was) {
    auto const found = counted().json("/geocode?q=x.%20cam%20my")["features"][0]["properties"];
    BOOST_TEST(found["name"] == "Cẩm Mỹ");
    BOOST_TEST(found["valid_to"] == "2025-06-30");
    auto const typo = counted().json("/geocode?q=xa%20cam%20deu")["features"][0]["properties"];
    BOOST_TEST(typo["name"] == "Cẩm Duệ");
    BOOST_TEST(typo["errors"] == 1);
    auto const here = counted().json("/geocode/reverse?lon=105.3&lat=18.3")["features"];
    BOOST_TEST(here[0]["properties"]["name"] == "Cẩm Duệ");
}

BOOST_AUTO_TEST_SUITE_END()
