#include "services/api/openapi.hpp"
#include "services/api/openapi_sensing.hpp"
#include "tests/services/world.hpp"

#include <boost/test/unit_test.hpp>

#include <cctype>
#include <random>
#include <string>

using diaban::tests::RawClient;
using diaban::tests::World;

BOOST_AUTO_TEST_SUITE(hostile)

BOOST_AUTO_TEST_CASE(bad_input_is_a_problem_that_names_the_part_and_what_is_accepted) {
    auto& world = World::shared();
    struct Case {
        char const* target;
        char const* parameter;
    };
    for (auto const& [query, parameter] : {
             Case{"bbox=", "bbox"},
             Case{"bbox=1,2,3", "bbox"},
             Case{"bbox=1,2,3,4,5", "bbox"},
             Case{"bbox=1,2,3,4,5,6,7", "bbox"},
             Case{"bbox=a,b,c,d", "bbox"},
             Case{"bbox=1,2,3,nan", "bbox"},
             Case{"bbox=NaN,NaN,NaN,NaN", "bbox"},
             Case{"bbox=-inf,-inf,inf,inf", "bbox"},
             Case{"bbox=1e999,2,3,4", "bbox"},
             Case{"bbox=1,4,3,2", "bbox"},
             Case{"bbox=1,2,3,91", "bbox"},
             Case{"bbox=-181,2,3,4", "bbox"},
             Case{"bbox=1,2,3,4,", "bbox"},
             Case{"bbox=1,,3,4", "bbox"},
             Case{"bbox=0x1,2,3,4", "bbox"},
             Case{"bbox=1,2,3,4&bbox=1,2,3,4", "bbox"},
             Case{"bbox-crs=EPSG:2056", "bbox-crs"},
             Case{"limit=0", "limit"},
             Case{"limit=-1", "limit"},
             Case{"limit=abc", "limit"},
             Case{"limit=1.5", "limit"},
             Case{"limit=", "limit"},
             Case{"limit=999999999999999999999", "limit"},
             Case{"limit=1000000000", "limit"},
             Case{"cursor=zzz", "cursor"},
             Case{"cursor=", "cursor"},
             Case{"cursor=-1", "cursor"},
             Case{"datetime=yesterday", "datetime"},
             Case{"datetime=2025-13-01", "datetime"},
             Case{"datetime=2025-02-30", "datetime"},
             Case{"datetime=2025-09-02/2025-09-01", "datetime"},
             Case{"datetime=2025-09-02/2025-09-03/2025-09-04", "datetime"},
             Case{"f=xml", "f"},
             Case{"lang=fr", "lang"},
             Case{"nothing=1", "nothing"},
             Case{"name=1", "name"},
             Case{"BBOX=1,2,3,4", "BBOX"},
         }) {
        auto const answer = world.get("/collections/blocks/items?" + std::string{query});
        BOOST_TEST(answer.status == 400, query);
        BOOST_TEST(answer.field("content-type") == "application/problem+json");
        auto const body = nlohmann::json::parse(answer.body);
        BOOST_TEST(body["status"] == 400);
        BOOST_TEST(body["parameter"] == parameter, query);
        bool const repeated = std::string{query}.find("&bbox") != std::string::npos;
        BOOST_TEST((repeated || body.contains("accepted")), query);
    }
    for (auto const* const target :
         {"/at", "/at?lon=1", "/at?lon=nan&lat=1", "/at?lon=181&lat=0", "/at?lon=1&lat=inf",
          "/places", "/places?q=", "/places?q=a&level=ward", "/places?q=a&on=2025-07",
          "/places?q=a&limit=0", "/geocode", "/places?q=%ff", "/places?q=%"})
        BOOST_TEST(world.get(target).status == 400, target);
}

BOOST_AUTO_TEST_CASE(large_limits_are_served_page_by_page) {
    auto& world = World::shared();
    BOOST_TEST(world.json("/collections/blocks/items?limit=20000")["numberReturned"] == 5000);
}

BOOST_AUTO_TEST_CASE(random_bytes_never_cost_more_than_their_own_connection) {
    auto& world = World::shared();
    std::mt19937 random{5};
    std::string const alphabet = "GET /tiles?bbox=%&:\r\n\r\nHost: a\r\n\t\"<>{}\x01\x80\xff";
    for (int i = 0; i < 400; ++i) {
        RawClient client{world.port()};
        std::string bytes = i % 2 == 0 ? "GET /" : "";
        auto const size = random() % 300;
        for (unsigned k = 0; k < size; ++k) bytes += alphabet[random() % alphabet.size()];
        client.send(bytes + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        auto const answer = client.read(std::chrono::seconds{2});
        if (answer) BOOST_TEST(answer->status != 500);
    }
    BOOST_TEST(world.get("/healthz").status == 200);
}

BOOST_AUTO_TEST_CASE(mutated_targets_never_answer_500) {
    auto& world = World::shared();
    std::mt19937 random{6};
    std::vector<std::string> const targets{"/collections/blocks/items?bbox=105,18,106,19&limit=5",
                                           "/tiles/blocks,ways/12/3245/1838.mvt",
                                           "/places?q=c%E1%BA%A9m&limit=3&on=2025-07-01",
                                           "/at?lon=105.3&lat=18.3",
                                           "/collections/blocks/tiles/WebMercatorQuad/12/1838/3245",
                                           "/styles/light/legend",
                                           "/collections/spots/items?datetime=2025-09-28/..",
                                           "/console/assets/index-B1xY9z_k.js"};
    for (int i = 0; i < 1500; ++i) {
        auto target = targets[random() % targets.size()];
        for (unsigned k = 0; k < 1 + random() % 3; ++k) {
            auto const at = 1 + random() % (target.size() - 1);
            switch (random() % 3) {
            case 0: target[at] = static_cast<char>(33 + random() % 94); break;
            case 1: target.erase(at, 1 + random() % 4); break;
            default: target.insert(at, 1, static_cast<char>(33 + random() % 94));
            }
        }
        auto const answer = world.get(target);
        BOOST_TEST(answer.status != 500, target);
        BOOST_TEST(answer.status != 503, target);
    }
}

BOOST_AUTO_TEST_CASE(the_console_folder_cannot_be_left) {
    auto& world = World::shared();
    for (auto const* const target :
         {"/console/../../etc/passwd", "/console/%2e%2e/%2e%2e/etc/passwd",
          "/console/..%2f..%2fx.y", "/console//etc/passwd.txt", "/console/.secret",
          "/console/link.txt", "/console/assets/../.secret", "/console/nothing.js",
          "/styles/..%2flight", "/styles/sprite-%2e%2e%2flight.json", "/styles/nothing"}) {
        auto const answer = world.get(target);
        BOOST_TEST(answer.status == 404, target);
        BOOST_TEST(answer.body.find("root:") == std::string::npos);
    }
    auto const app = world.get("/console/");
    BOOST_TEST(app.status == 200);
    BOOST_TEST(app.field("cache-control") == "no-cache");
    BOOST_TEST(!app.field("content-security-policy").empty());
    auto const asset = world.get("/console/assets/index-B1xY9z_k.js", "Accept-Encoding: br\r\n");
    BOOST_TEST(asset.field("cache-control") == "public, max-age=31536000, immutable");
    BOOST_TEST(asset.field("content-encoding") == "br");
    BOOST_TEST(world
                   .get("/console/assets/index-B1xY9z_k.js",
                        "Accept-Encoding: br\r\nIf-None-Match: " + asset.field("etag") + "\r\n")
                   .status == 304);
    BOOST_TEST(world.get("/console").status == 308);
}

BOOST_AUTO_TEST_CASE(methods_that_write_are_405_where_nothing_is_written) {
    auto& world = World::shared();
    for (auto const* const method : {"POST", "PUT", "PATCH", "DELETE"})
        for (auto const* const path : {"/", "/collections", "/collections/blocks",
                                       "/tiles/blocks/3/0/0.mvt", "/console/", "/places"}) {
            RawClient client{world.port()};
            client.send(std::string{method} + " " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
            auto const answer = client.read();
            BOOST_REQUIRE(answer);
            BOOST_TEST(answer->status == 405, method << " " << path);
            BOOST_TEST(answer->field("allow") == "GET, HEAD, OPTIONS");
        }
}

BOOST_AUTO_TEST_CASE(the_api_description_knows_every_route_and_parameter) {
    auto& world = World::shared();
    auto const document = world.json("/api");
    BOOST_TEST(document["openapi"] == "3.0.3");
    for (auto const& route : world.server().application().router().routes()) {
        // Pages of the console, and of a wall's screens.
        if (route.pattern.starts_with("/console") ||
            route.pattern == "/wall/{wallId}/{rows}/{columns}")
            continue;
        auto const path = diaban::services::api::path_template(route.pattern);
        BOOST_REQUIRE_MESSAGE(document["paths"].contains(path), path);
        if (route.method != diaban::services::http::Method::get) {
            std::string method{to_string(route.method)};
            for (char& c : method)
                c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
            BOOST_TEST(document["paths"][path].contains(method), method << " " << route.pattern);
            continue;
        }
        std::size_t described = 0;
        for (auto const& parameter : document["paths"][path]["get"]["parameters"])
            described += parameter.contains("name") ? 1 : 0;
        // What a provider sends a browser back with is the provider's.
        bool const any = std::ranges::find(route.accepted, "*") != route.accepted.end();
        BOOST_TEST(described == route.names.size() + (any ? 0 : route.accepted.size()),
                   route.pattern);
    }
}

BOOST_AUTO_TEST_SUITE_END()
