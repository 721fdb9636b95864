#include "services/domain/fold.hpp"
#include "services/http/uri.hpp"
#include "tests/services/world.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <string>

using diaban::services::domain::fold;
using diaban::tests::World;

namespace {

std::string first_name(World& world, std::string const& q, std::string const& more = "") {
    auto const places =
        world.json("/places?q=" + diaban::services::http::percent_encode(q) + more)["places"];
    return places.empty() ? "" : places[0]["name"].get<std::string>();
}

} // namespace

BOOST_AUTO_TEST_SUITE(places)

BOOST_AUTO_TEST_CASE(folding_takes_off_all_134_accents_composed_or_not) {
    BOOST_TEST(fold("  Cẩm-Duệ ") == "cam due");
    BOOST_TEST(fold("C\xe1\xba\xa9m Du\xe1\xbb\x87") ==
               fold("Ca\xcc\x82\xcc\x89m Due\xcc\xa3\xcc\x82"));
    BOOST_TEST(fold("ĐẮK LẮK") == "dak lak");
    std::string const letters =
        "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"
        "ÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴĐ";
    auto const folded = fold(letters);
    BOOST_TEST(folded.size() == 134u);
    BOOST_TEST(folded.find_first_not_of("aeiouyd") == std::string::npos);
    BOOST_TEST(fold("北京") == "北京");
    BOOST_TEST(fold("…—'").empty());
}

BOOST_AUTO_TEST_CASE(a_place_is_found_with_or_without_accents_by_name_and_by_code) {
    auto& world = World::shared();
    for (auto const* const q : {"cam due", "Cẩm Duệ", "CẨM DUỆ", "xa cam due", "cẩm due", "cam d",
                                "due", "cam due ha tinh", "ha tinh due", "Cam Due Commune"})
        BOOST_TEST(first_name(world, q) == "Cẩm Duệ", q);
    BOOST_TEST(first_name(world, "18739") == "Cẩm Duệ"); // the code had another owner before
    BOOST_TEST(first_name(world, "18739", "&on=2025-06-30") == "Cẩm Mỹ");
    BOOST_TEST(first_name(world, "cam", "&on=2025-06-30") == "Cẩm Mỹ");
    BOOST_TEST(first_name(world, "cam") == "Cẩm Duệ"); // existing before former
    BOOST_TEST(first_name(world, "ha tinh") == "Hà Tĩnh");
    BOOST_TEST(first_name(world, "ha tinh", "&level=commune") != "Hà Tĩnh");
    BOOST_TEST(first_name(world, "xyzzy") == "");
    auto const place = world.json("/places?q=cam%20due")["places"][0];
    BOOST_TEST(place["province_name"] == "Hà Tĩnh");
    BOOST_TEST(place["valid_from"] == "2025-07-01");
    BOOST_TEST(place["valid_to"].is_null());
    BOOST_TEST(place["center"][0].get<double>() == 105.3, boost::test_tools::tolerance(0.001));
    auto const former = world.json("/places?q=cam%20my")["places"][0];
    BOOST_TEST(former["valid_to"] == "2025-06-30");
    BOOST_TEST(former["center"].is_null());
    BOOST_TEST(former["bbox"].is_null());
    auto const geojson = world.json("/geocode?q=cam%20due");
    BOOST_TEST(geojson["features"][0]["geometry"]["type"] == "Point");
}

BOOST_AUTO_TEST_CASE(a_point_is_in_what_holds_it_finer_than_a_step_of_the_mirror) {
    auto& world = World::shared();
    auto const names = [&](std::string const& query) {
        std::string found;
        auto const answer = world.json("/at?" + query);
        for (auto const& place : answer["places"]) found += place["name"].get<std::string>() + ";";
        return found;
    };
    BOOST_TEST(names("lon=105.3&lat=18.3") == "Hà Tĩnh;Cẩm Duệ;");
    BOOST_TEST(names("lon=105.5&lat=18.3") == "Hà Tĩnh;Thành Sen;");
    BOOST_TEST(names("lon=105.7&lat=18.7") == "Hà Tĩnh;");
    BOOST_TEST(names("lon=0&lat=0") == "");
    BOOST_TEST(names("lon=105.3&lat=18.3&on=2020-01-01") == "Hà Tĩnh;");
    // A tenth of a millimetre beside the border that two communes share; a step is 1.8 cm. PostGIS
    // itself takes what is nearer than 1e-12 square degrees to the line as on it.
    BOOST_TEST(names("lon=105.399999999&lat=18.3") == "Hà Tĩnh;Cẩm Duệ;");
    BOOST_TEST(names("lon=105.400000001&lat=18.3") == "Hà Tĩnh;Thành Sen;");
    auto const features = world.json("/at?lon=105.005&lat=18.005")["features"];
    BOOST_REQUIRE(!features.empty());
    BOOST_TEST(features[0]["collection"] == "blocks");
    BOOST_TEST(features[0]["title"] == "Ô 0");
    BOOST_TEST(features[0]["properties"]["kind"] == "ONT");
}

BOOST_AUTO_TEST_CASE(what_lies_around_a_point_is_of_all_collections_and_says_how_far_it_is) {
    auto& world = World::shared();
    auto const ask = [&](std::string const& radius) {
        return world.json("/at?lon=105.3001&lat=18.3001&radius=" + radius);
    };
    auto const answer = ask("2000");
    std::map<std::string, int> counts;
    for (auto const& feature : answer["features"]) {
        BOOST_TEST(feature["distance_m"].get<double>() <= 2000);
        BOOST_TEST(feature["bearing_deg"].is_null() == (feature["distance_m"] == 0));
        ++counts[feature["collection"]];
    }
    for (std::string const id : {"blocks", "ways", "spots"}) {
        auto const theirs = std::stoi(world.database().value(
            "SELECT count(*) FROM record." + id +
            " WHERE ST_DWithin(geom::geography, ST_Point(105.3001, 18.3001, 4326)::geography, "
            "2000)"));
        bool more = false;
        for (auto const& one : answer["more"]) more |= one == id;
        BOOST_TEST(counts[id] == std::min(theirs, 20), id);
        BOOST_TEST(more == (theirs > 20), id);
    }
    for (auto const& feature : ask("0")["features"]) BOOST_TEST(feature["distance_m"] == 0);
    BOOST_TEST(world.get("/at?lon=105&lat=18&radius=5001").status == 400);
}

BOOST_AUTO_TEST_CASE(styles_are_absolute_and_ask_only_for_what_is_registered) {
    auto& world = World::shared();
    auto const list = world.json("/styles");
    BOOST_TEST(list["default"] == "light");
    for (auto const& entry : list["styles"]) {
        auto const id = entry["id"].get<std::string>();
        auto const answer = world.get("/styles/" + id);
        BOOST_TEST(answer.status == 200);
        BOOST_TEST(answer.body.find("{origin}") == std::string::npos);
        auto const style = nlohmann::json::parse(answer.body);
        for (auto const& [name, source] : style["sources"].items()) {
            if (!source.contains("url")) continue;
            std::string const url = source["url"];
            BOOST_TEST(url.starts_with("http://localhost/"));
            BOOST_TEST(world.get(url.substr(16)).status == 200, url);
        }
        for (auto const& layer : style["layers"])
            if (layer.contains("source"))
                BOOST_TEST(style["sources"].contains(layer["source"].get<std::string>()));
        BOOST_TEST(world.get("/styles/" + id + "/legend").status == 200);
    }
}

BOOST_AUTO_TEST_CASE(health_readiness_and_metrics_speak) {
    auto& world = World::shared();
    BOOST_TEST(world.json("/healthz")["status"] == "ok");
    BOOST_TEST(world.json("/readyz")["ready"] == true);
    auto const metrics = world.get("/metrics");
    BOOST_TEST(metrics.status == 200);
    for (auto const* const name :
         {"diaban_http_requests_total{route=", "diaban_tile_cache_hits_total ", "diaban_ready 1",
          "diaban_mirror_rows{collection=\"blocks\"} 5000", "diaban_sql_busy ",
          "diaban_http_draining 0"})
        BOOST_TEST(metrics.body.find(name) != std::string::npos, name);
}

BOOST_AUTO_TEST_SUITE_END()
