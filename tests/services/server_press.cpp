// What press and internet tell: pushed and pulled, tied to units, known again, found and counted.

#include "services/http/uri.hpp"
#include "tests/services/job_client.hpp"
#include "tests/services/reporter.hpp"
#include "tests/services/visitors.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <fstream>
#include <string>

using namespace diaban::tests;
using nlohmann::json;

namespace {

RawAnswer push(World const& world, json const& body, std::string const& fields = {}) {
    return request(world.port(), "POST", "/press", fields + json_type, body.dump());
}

json item(std::string const& title, std::string const& link, std::string const& at = {}) {
    json one{{"title", title}, {"link", link}, {"summary", "Tóm tắt"}};
    if (!at.empty()) one["published_at"] = at;
    return one;
}

json found(World const& world, std::string const& query = {}) {
    return world.json("/press?" + query);
}

std::string text(std::string const& words) {
    return "text=" + diaban::services::http::percent_encode(words);
}

json const* place_of(json const& one, std::string const& code) {
    for (auto const& place : one["places"])
        if (place["code"] == code) return &place;
    return nullptr;
}

} // namespace

BOOST_AUTO_TEST_SUITE(press)

BOOST_AUTO_TEST_CASE(pushed_items_are_tied_to_places_known_again_found_and_counted) {
    World world;
    auto const answer = push(world, {{"source", "Báo Thử"},
                                     {"items",
                                      {item("Lũ lên nhanh ở xã Cẩm Duệ, Hà Tĩnh",
                                            "https://bao.example/1", "2026-03-01T03:00:00Z"),
                                       item("Tai nạn giao thông tại phường Thành Sen",
                                            "https://bao.example/2", "2026-03-02T03:00:00Z"),
                                       item("Giá vàng hôm nay", "https://bao.example/3"),
                                       item("Lặp lại", "http://www.bao.example/1?utm_source=x")}}});
    BOOST_REQUIRE(answer.status == 200);
    auto const told = json::parse(answer.body);
    BOOST_TEST(told["stored"].size() == 3U);
    BOOST_TEST(told["known"] == 1);
    auto const all = found(world);
    BOOST_TEST(all["matched"] == 3);
    BOOST_TEST(all["placeless"] == 1);
    auto const flood = found(world, text("lu len CAM DUE"))["items"];
    BOOST_REQUIRE(flood.size() == 1U);
    BOOST_TEST(flood[0]["topic"]["code"] == "disaster");
    auto const* const commune = place_of(flood[0], "18739");
    BOOST_REQUIRE(commune != nullptr);
    BOOST_TEST((*commune)["certainty"].get<double>() == 0.95, boost::test_tools::tolerance(1e-9));
    BOOST_REQUIRE(place_of(flood[0], "42") != nullptr);
    // Counts by place and by topic are those of the items.
    auto const count = [](json const& list, std::string const& code) {
        for (auto const& one : list)
            if (one["code"] == code) return one["count"].get<int>();
        return 0;
    };
    BOOST_TEST(count(all["places"], "18739") == 1);
    BOOST_TEST(count(all["places"], "18073") == 1);
    BOOST_TEST(count(all["topics"], "disaster") == 1);
    BOOST_TEST(count(all["topics"], "traffic") == 1);
    BOOST_TEST(found(world, "place=18739")["matched"] == 1);
    BOOST_TEST(found(world, "place=42")["matched"] == 2); // and what lies in it
    BOOST_TEST(found(world, "topic=traffic")["matched"] == 1);
    BOOST_TEST(found(world, "datetime=2026-03-02")["matched"] == 1);
    BOOST_TEST(found(world, text("không có gì như thế"))["matched"] == 0);
    BOOST_TEST(all["items"][1]["title"].get<std::string>().find("Tai nạn") == 0U);
    // Once more: all are known.
    auto const again = json::parse(
        push(world, {{"source", "Khác"}, {"items", {item("Lũ", "https://bao.example/1/")}}}).body);
    BOOST_TEST(again["stored"].empty());
    BOOST_TEST(again["known"] == 1);
}

BOOST_AUTO_TEST_CASE(a_name_without_its_marks_is_less_sure_and_one_without_capitals_is_none) {
    World world;
    auto const stored = push(world, {{"source", "Báo"},
                                     {"items",
                                      {item("Sen nở ở thành phố", "https://bao.example/1"),
                                       item("cam due la mot xa", "https://bao.example/2"),
                                       item("Cam Due ngap nang", "https://bao.example/3")}}});
    BOOST_REQUIRE(stored.status == 200);
    auto const items = found(world)["items"];
    for (auto const& one : items)
        if (one["link"] == "https://bao.example/3") {
            auto const* const place = place_of(one, "18739");
            BOOST_REQUIRE(place != nullptr);
            // Without its marks it is less sure.
            BOOST_TEST((*place)["certainty"].get<double>() < 0.5);
        } else {
            BOOST_TEST(one["places"].empty(), one.dump());
        }
}

BOOST_AUTO_TEST_CASE(a_feed_is_pulled_once_each_item_and_where_it_fails_that_is_told) {
    World world;
    auto const folder =
        std::filesystem::temp_directory_path() / fmt::format("diaban_feed_{}", ::getpid());
    // Another node serves the feed as a file of its console.
    World publisher{[&](diaban::services::Settings& settings) { settings.console = folder; }};
    std::filesystem::create_directories(folder);
    // The folder is listed again when it changes, as a new index shows.
    auto const put = [&](std::string const& body) {
        std::ofstream{folder / "next"} << body;
        std::filesystem::rename(folder / "next", folder / "feed.json");
        std::ofstream{folder / "index.html"} << "<!doctype html>";
    };
    auto const write = [&](std::string const& items) {
        put(R"({"version": "https://jsonfeed.org/version/1.1", "items": [)" + items + "]}");
    };
    std::string const one = R"({"url": "https://bao.example/1", "title": "Sạt lở ở xã Cẩm Duệ"})";
    write(one);
    world.database().sql(
        fmt::format("INSERT INTO diaban.pull_host VALUES ('127.0.0.1:{}')", publisher.port()));
    auto const url = fmt::format("http://127.0.0.1:{}/console/feed.json", publisher.port());
    auto const fid = world.database().value(
        "INSERT INTO record.press_sources (name, url, every_minutes) VALUES ('Báo Thử', '" + url +
        "', 1) RETURNING fid");
    await("the first item", [&] { return found(world)["matched"] == 1; });
    auto const first = found(world)["items"][0];
    BOOST_TEST(first["source"] == "Báo Thử");
    BOOST_TEST(place_of(first, "18739") != nullptr);
    auto const ask_again = [&] {
        world.database().sql("UPDATE diaban.pull SET next_at = now() WHERE collection = "
                             "'press_sources' AND source = " +
                             fid);
    };
    write(one + R"(, {"url": "https://bao.example/2", "title": "Tin thứ hai"})");
    await("the second item", [&] {
        ask_again();
        return found(world)["matched"] == 2;
    });
    put("<html>404</html>");
    await("the fault", [&] {
        ask_again();
        auto const state = world.json("/press-sources")["sources"][0];
        return !state["fault"].is_null() && !state["good_at"].is_null();
    });
    BOOST_TEST(found(world)["matched"] == 2);
    // What the record does not name is not asked.
    world.database().sql("INSERT INTO record.press_sources (name, url, every_minutes) VALUES "
                         "('Lạ', 'http://169.254.169.254/latest', 1)");
    await("the refusal", [&] {
        auto const told = world.json("/press-sources");
        for (auto const& source : told["sources"])
            if (source["name"] == "Lạ" && !source["fault"].is_null())
                return source["allowed"] == false;
        return false;
    });
    std::filesystem::remove_all(folder);
}

BOOST_AUTO_TEST_CASE(an_item_is_tied_to_a_report_and_found_by_it) {
    World world;
    auto const report = sent(world, sinkhole("Đường sụt lún trước chợ"));
    auto const stored = json::parse(
        push(world, {{"source", "Báo"}, {"items", {item("Đường sụt", "https://bao.example/1")}}})
            .body)["stored"];
    auto const id = std::to_string(stored[0].get<long>());
    auto const tie = [&](json const& body) {
        return request(world.port(), "POST", "/press/" + id + "/reports", json_type, body.dump())
            .status;
    };
    BOOST_TEST(tie({{"report", std::stol(report.id)}}) == 200);
    auto const told = found(world, "report=" + report.id);
    BOOST_REQUIRE(told["matched"] == 1);
    BOOST_TEST(told["items"][0]["reports"][0] == std::stol(report.id));
    BOOST_TEST(tie({{"report", 999999}}) == 404);
    BOOST_TEST(tie({{"report", "x"}}) == 400);
    // A report that is hidden is not told of by what is tied to it.
    world.database().sql("UPDATE record.reports SET sensitivity = 2 WHERE fid = " + report.id);
    await("the hiding", [&] { return found(world)["items"][0]["reports"].empty(); });
    BOOST_TEST(found(world, "report=" + report.id)["matched"] == 0);
    world.database().sql("UPDATE record.reports SET sensitivity = 0 WHERE fid = " + report.id);
    await("the showing", [&] { return !found(world)["items"][0]["reports"].empty(); });
    BOOST_TEST(tie({{"report", std::stol(report.id)}, {"tied", false}}) == 200);
    BOOST_TEST(found(world, "report=" + report.id)["matched"] == 0);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_pushed_is_refused_by_name) {
    World world;
    auto const refused = [&](json const& body) {
        BOOST_TEST(push(world, body).status == 400, body.dump().substr(0, 100));
    };
    auto const good = item("Tin", "https://bao.example/1");
    refused(json::array());
    refused({{"items", {good}}});
    refused({{"source", "Báo"}});
    refused({{"source", "Báo"}, {"items", json::array()}});
    refused({{"source", "Báo"}, {"items", {7}}});
    refused({{"source", "Báo"}, {"items", {item("", "https://bao.example/1")}}});
    refused({{"source", "Báo"}, {"items", {item("Tin", "javascript:alert(1)")}}});
    refused({{"source", "Báo"}, {"items", {item("Tin", "https://a b")}}});
    refused({{"source", "Báo"}, {"items", {item("Tin", "https://bao.example/1", "hôm qua")}}});
    refused({{"source", "Báo"}, {"topic", "x"}, {"items", {good}}});
    refused({{"source", "Báo"}, {"items", json::array_t(201, good)}});
    BOOST_TEST(found(world)["matched"] == 0);
    for (std::string const query : {"report=x", "datetime=x", "limit=0"})
        BOOST_TEST(world.get("/press?" + query).status == 400, query);
}

BOOST_AUTO_TEST_SUITE_END()
