#include "services/http/uri.hpp"
#include "tests/services/world.hpp"
#include "tests/support/mvt_reader.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <chrono>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

using diaban::services::http::percent_encode;
using diaban::tests::World;

namespace {

/// The database's clock, as a client would say it.
std::string instant_of(World& world) {
    return world.database().value("SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', "
                                  "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')");
}

/// Waits until the map shows everything that is committed now.
void await_feed(World& world) {
    auto const head = std::stoll(world.database().value("SELECT diaban.feed_head()"));
    auto const end = std::chrono::steady_clock::now() + std::chrono::seconds{60};
    while (world.server().atlas().follower_counters().seq < head) {
        BOOST_REQUIRE(std::chrono::steady_clock::now() < end);
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
}

std::string as_of(std::string const& instant, char first = '?') {
    return first + ("as-of=" + percent_encode(instant));
}

std::string problem_type(diaban::tests::RawAnswer const& answer) {
    return nlohmann::json::parse(answer.body)["type"].get<std::string>();
}

} // namespace

BOOST_AUTO_TEST_SUITE(past)

BOOST_AUTO_TEST_CASE(a_tile_of_an_instant_has_the_bytes_that_the_map_had_then) {
    World world;
    std::vector<std::string> tiles{
        "/tiles/blocks/12/3245/1838.mvt", "/tiles/blocks,ways,spots/12/3245/1838.mvt",
        "/tiles/ways,blocks/14/12982/7353.mvt", "/tiles/blocks/16/51929/29415.mvt",
        "/collections/blocks/tiles/WebMercatorQuad/11/919/1622"};
    // With these two hundred cases: so many tiles at each of the instants below.
    std::mt19937_64 random{diaban::tests::seed()};
    while (tiles.size() < 35) {
        auto const zoom = 11 + unsigned(random() % 5);
        auto const within = 1U << (zoom - 10); // of tile 10/811/459, where the rows lie
        tiles.push_back(fmt::format("/tiles/blocks,ways,spots/{}/{}/{}.mvt", zoom,
                                    811 * within + random() % within,
                                    459 * within + random() % within));
    }
    std::vector<std::string> const edits{
        "DELETE FROM record.blocks WHERE fid % 7 = 0",
        "UPDATE record.blocks SET geom = ST_Translate(geom, 0.002, 0.001), kind = 'CLN' "
        "WHERE fid % 5 = 0",
        "INSERT INTO record.blocks (name, kind, geom) SELECT 'mới', 'ONT', "
        "ST_Buffer(ST_SetSRID(ST_MakePoint(105.23 + i * 0.0005, 18.11), 4326), 0.0002) "
        "FROM generate_series(1, 100) AS i",
        "UPDATE record.ways SET geom = ST_Reverse(ST_Translate(geom, 0.0001, 0)), "
        "number = -number WHERE fid % 3 = 0",
        "BEGIN; CREATE TEMPORARY TABLE kept AS SELECT * FROM record.blocks WHERE fid % 2 = 0; "
        "TRUNCATE record.blocks; INSERT INTO record.blocks SELECT * FROM kept; COMMIT",
        "UPDATE record.blocks SET name = name || '!' WHERE fid % 11 = 0"};
    struct Moment {
        std::string instant;
        std::map<std::string, std::string> bodies;
    };
    std::vector<Moment> moments;
    for (auto const& edit : edits) {
        world.database().sql(edit);
        auto& moment = moments.emplace_back();
        moment.instant = instant_of(world);
        await_feed(world);
        for (auto const& tile : tiles) moment.bodies[tile] = world.get(tile).body;
    }
    std::set<std::string> different;
    for (auto const& moment : moments)
        for (auto const& [tile, body] : moment.bodies) {
            auto const answer = world.get(tile + as_of(moment.instant));
            BOOST_TEST(answer.status == (body.empty() ? 204 : 200));
            BOOST_TEST((answer.body == body), tile << " " << moment.instant);
            different.insert(body);
        }
    BOOST_TEST(different.size() >= 3 * edits.size());
    auto const before = world.get(tiles[0] + as_of("2000-01-01T00:00:00Z"));
    BOOST_TEST(before.status == 204);
    BOOST_TEST(world.get(tiles[0] + as_of("2999-01-01T00:00:00Z")).body ==
               world.get(tiles[0]).body);
}

BOOST_AUTO_TEST_CASE(datetime_shows_the_units_of_a_day_on_tiles_and_items) {
    auto& world = World::shared();
    auto const drawn = [&](std::string const& query) {
        std::set<std::string> names;
        for (auto const& layer :
             diaban::tests::read_tile(world.get("/tiles/places/8/202/114.mvt" + query).body))
            for (auto const& feature : layer.features)
                if (auto const it = feature.tags.find("code"); it != feature.tags.end())
                    names.insert(std::get<std::string>(it->second));
        return names.size();
    };
    BOOST_TEST(drawn("?datetime=2025-06-30") == 1U);
    BOOST_TEST(drawn("?datetime=2025-07-01") == 3U);
    BOOST_TEST(drawn("?datetime=2025-06-30T16:59:59Z") == 1U);
    BOOST_TEST(drawn("?datetime=1990-01-01") == 0U);
    BOOST_TEST(drawn("?datetime=../2025-06-30") == 1U);
    auto const now = as_of(instant_of(world), '&');
    BOOST_TEST(drawn("?datetime=2025-07-01" + now) == 3U);
    auto const matched = [&](std::string const& query) {
        return world.json("/collections/" + query + now)["numberMatched"].get<int>();
    };
    BOOST_TEST(matched("places/items?bbox=105,18,106,19&datetime=2025-06-30") == 1);
    BOOST_TEST(matched("places/items?bbox=105,18,106,19&datetime=2025-07-01") == 3);
    BOOST_TEST(matched("spots/items?bbox=105,18,106,19&datetime=2025-09-28") == 12);
    BOOST_TEST(matched("spots/items?bbox=179,9,-179,11") == 2);
}

BOOST_AUTO_TEST_CASE(datetime_means_the_validity_of_rows_also_where_no_field_tells_it) {
    World world;
    auto& database = world.database();
    auto const matched = [&](std::string const& query) {
        return world.json("/collections/blocks/items?bbox=105,18,106,19&" + query)["numberMatched"]
            .get<std::size_t>();
    };
    auto const of = [&](std::string const& condition) {
        return std::stoul(database.value("SELECT count(*) FROM record.blocks WHERE ST_Intersects("
                                         "geom, ST_MakeEnvelope(105, 18, 106, 19, 4326))" +
                                         condition));
    };
    auto const all = of("");
    BOOST_TEST(matched("datetime=2024-06-01T00:00:00Z") == all);
    database.sql("UPDATE record.blocks SET valid_from = '2025-01-01T00:00:00Z' WHERE fid % 2 = 0");
    database.sql("UPDATE record.blocks SET valid_to = '2025-01-01T00:00:00Z' WHERE fid % 6 = 3");
    await_feed(world);
    auto const begun = of(" AND fid % 2 <> 0");
    auto const not_ended = of(" AND fid % 6 <> 3");
    for (auto const* const known : {"", "&as-of="}) {
        std::string const past = *known == 0 ? "" : known + percent_encode(instant_of(world));
        BOOST_TEST(matched("datetime=2024-12-31T23:59:59Z" + past) == begun);
        BOOST_TEST(matched("datetime=2025-01-01T00:00:00Z" + past) == not_ended);
        BOOST_TEST(matched("datetime=2025-01-01T00:00:00Z/.." + past) == not_ended);
    }
}

BOOST_AUTO_TEST_CASE(a_tilejson_of_an_instant_names_tiles_of_then_from_the_zoom_that_has_them) {
    World world;
    std::string const instant = instant_of(world);
    world.database().sql("DELETE FROM record.blocks");
    await_feed(world);
    auto const then = world.json("/tiles/blocks.json" + as_of(instant));
    auto address = then["tiles"][0].get<std::string>();
    BOOST_TEST(address == "http://localhost/tiles/blocks/{z}/{x}/{y}.mvt" + as_of(instant));
    auto const zoom = then["minzoom"].get<unsigned>();
    BOOST_TEST(zoom >= world.json("/tiles/blocks.json")["minzoom"].get<unsigned>());
    auto const tile = "/tiles/blocks/12/3245/1838.mvt";
    BOOST_TEST(world.get(tile).status == 204);
    BOOST_TEST(world.get(tile + as_of(instant)).status == 200);
    BOOST_TEST(world.get("/tiles/blocks.json" + as_of("yesterday")).status == 400);
}

BOOST_AUTO_TEST_CASE(items_as_of_an_instant_are_those_of_then_page_by_page) {
    World world;
    auto& database = world.database();
    auto const before = instant_of(world);
    auto const rows = [&](std::string const& box) {
        std::map<std::int64_t, std::string> found;
        for (auto const& row :
             database.sql("SELECT fid, name FROM record.blocks" +
                          (box.empty() ? box : " WHERE ST_Intersects(geom, " + box + ")")))
            found[std::stoll(row[0])] = row[1];
        return found;
    };
    std::string const box = "ST_MakeEnvelope(105.1, 18.1, 105.2, 18.2, 4326)";
    auto const all = rows("");
    auto const some = rows(box);
    database.sql("UPDATE record.blocks SET name = 'đổi', geom = ST_Translate(geom, 1, 0) "
                 "WHERE fid % 2 = 0");
    database.sql("DELETE FROM record.blocks WHERE fid % 3 = 0");
    auto const read = [&](std::string target) {
        std::map<std::int64_t, std::string> found;
        while (!target.empty()) {
            auto const page = world.json(target);
            for (auto const& feature : page["features"])
                found[feature["id"].get<std::int64_t>()] =
                    feature["properties"]["name"].get<std::string>();
            target.clear();
            for (auto const& link : page["links"])
                if (link["rel"] == "next")
                    target = link["href"].get<std::string>().substr(
                        std::string{"http://localhost"}.size());
        }
        return found;
    };
    auto const path = "/collections/blocks/items?limit=701" + as_of(before, '&');
    BOOST_TEST((read(path) == all));
    BOOST_TEST((read(path + "&bbox=105.1,18.1,105.2,18.2") == some));
    BOOST_TEST(!world.json(path).contains("numberMatched"));
    BOOST_TEST(world.json(path + "&bbox=105.1,18.1,105.2,18.2")["numberMatched"] == some.size());
    BOOST_TEST(
        (read("/collections/blocks/items?limit=5000" + as_of(instant_of(world), '&')) == rows("")));
    BOOST_TEST(world.get(path + "&f=html").status == 200);
}

BOOST_AUTO_TEST_CASE(the_history_of_a_feature_lists_its_versions_newest_first) {
    World world;
    auto& database = world.database();
    for (int i = 0; i < 24; ++i)
        database.sql("UPDATE record.blocks SET name = 'lần " + std::to_string(i) +
                     "' WHERE fid = 17");
    database.sql("DELETE FROM record.blocks WHERE fid = 17");
    std::string target = "/collections/blocks/items/17/history";
    std::vector<nlohmann::json> versions;
    std::size_t pages = 0;
    while (!target.empty()) {
        auto const answer = world.get(target);
        BOOST_TEST(answer.field("content-type") == "application/geo+json");
        BOOST_TEST(answer.body.find("Nguyễn") == std::string::npos);
        BOOST_TEST(answer.body.find("owner") == std::string::npos);
        auto const page = nlohmann::json::parse(answer.body);
        BOOST_TEST(page["type"] == "FeatureCollection");
        BOOST_TEST(page["numberReturned"] == page["features"].size());
        for (auto const& feature : page["features"]) versions.push_back(feature);
        ++pages;
        target.clear();
        for (auto const& link : page["links"])
            if (link["rel"] == "next")
                target =
                    link["href"].get<std::string>().substr(std::string{"http://localhost"}.size());
    }
    BOOST_TEST(pages == 3U);
    BOOST_REQUIRE(versions.size() == 25U);
    for (std::size_t i = 0; i < versions.size(); ++i) {
        auto const& told = versions[i]["properties"];
        BOOST_TEST(told["version"] == 25 - i);
        BOOST_TEST(told["fid"] == 17);
        BOOST_TEST(told["ended_by"] == (i == 0 ? "delete" : "update"));
        if (i > 0) BOOST_TEST(told["ended_at"] == versions[i - 1]["properties"]["recorded_at"]);
        if (i < 24) BOOST_TEST(told["name"] == "lần " + std::to_string(23 - i));
        BOOST_TEST(versions[i]["geometry"]["type"] == "Polygon");
    }
    BOOST_TEST(versions[24]["properties"]["name"] == "Ô 16");
    auto const living = world.json("/collections/blocks/items/18/history");
    BOOST_TEST(living["features"].size() == 1U);
    BOOST_TEST(living["features"][0]["properties"]["ended_at"].is_null());
    BOOST_TEST(living["features"][0]["properties"]["ended_by"].is_null());
    BOOST_TEST(world.get("/collections/blocks/items/999999/history").status == 404);
    BOOST_TEST(world.get("/collections/nothing/items/1/history").status == 404);
    BOOST_TEST(world.get("/collections/blocks/items/17/history?limit=0").status == 400);
    BOOST_TEST(world.get("/collections/blocks/items/17/history?cursor=x").status == 400);
    BOOST_TEST(world.get("/collections/blocks/items/17/history?f=html").status == 400);
}

BOOST_AUTO_TEST_CASE(what_the_past_cannot_answer_is_refused_with_the_reason) {
    World world;
    world.database().sql("INSERT INTO record.sensors (geom) SELECT ST_Point(106.5, 18.5, 4326) "
                         "FROM generate_series(1, 50001)");
    auto const end = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    nlohmann::json sensors;
    do sensors = world.json("/collections/sensors");
    while (sensors["count"] != 50'001 && std::chrono::steady_clock::now() < end);
    BOOST_REQUIRE(sensors["nativeZoom"] == 19);
    auto const now = as_of(instant_of(world));
    auto const low = world.get("/tiles/sensors/18/208622/117360.mvt" + now + "&lang=en");
    BOOST_TEST(low.status == 400);
    BOOST_TEST(problem_type(low) == "urn:diaban:problem:past-zoom");
    BOOST_TEST(nlohmann::json::parse(low.body)["accepted"] == "19..19");
    // The tile of that point at zoom 19.
    auto const full = world.get("/tiles/sensors/19/417245/234720.mvt" + now);
    auto const items = world.get("/collections/sensors/items" + now + "&bbox=106,18,107,19");
    BOOST_TEST(items.status == 413);
    BOOST_TEST(problem_type(items) == "urn:diaban:problem:past-too-large");
    BOOST_TEST(full.status == 413);
    BOOST_TEST(world.get("/collections/sensors/items" + now).status == 200);
    for (auto const* const bad : {"now", "2025-07-01", "", "2025-07-01T07:00:00", "../.."}) {
        auto const query = std::string{"?as-of="} + percent_encode(bad);
        BOOST_TEST(world.get("/tiles/blocks/12/3245/1838.mvt" + query).status == 400, bad);
        BOOST_TEST(world.get("/collections/blocks/items" + query).status == 400, bad);
    }
    BOOST_TEST(world.get("/tiles/indicators/12/0/0.mvt" + now).status == 404);
    BOOST_TEST(world.get("/tiles/blocks/12/3245/1838.mvt?datetime=x").status == 400);
    BOOST_TEST(world.get("/tiles/blocks/12/3245/1838.mvt" + as_of("0000-01-01T00:00:00Z")).status ==
               204);
}

BOOST_AUTO_TEST_SUITE_END()
