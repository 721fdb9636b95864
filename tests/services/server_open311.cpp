// Reports of citizens: Open311 GeoReport v2 in both forms, photos, what is said, and who never
// stands in any public answer.

#include "services/domain/photo.hpp"
#include "services/domain/similar_text.hpp"
#include "services/http/uri.hpp"
#include "tests/services/job_client.hpp"
#include "tests/services/reporter.hpp"
#include "tests/services/visitors.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <pugixml.hpp>

#include <map>
#include <string>
#include <vector>

using namespace diaban::tests;
using nlohmann::json;

namespace {

/// A JPEG of one segment that tells where it was taken, and of a frame and a scan.
std::string small_jpeg() {
    std::string const exif = "Exif GPS 18.3 105.3 secret-eye";
    auto const segment = [](unsigned char marker, std::string const& bytes) {
        std::string text{'\xff', char(marker)};
        text += char((bytes.size() + 2) >> 8);
        text += char((bytes.size() + 2) & 255);
        return text + bytes;
    };
    return "\xff\xd8" + segment(0xe1, exif) + segment(0xfe, "secret-eye") +
           segment(0xc0, std::string(15, '\1')) + segment(0xda, std::string(10, '\2')) +
           std::string(40, 'x') + "\xff\xd9";
}

} // namespace

BOOST_AUTO_TEST_SUITE(open311)

BOOST_AUTO_TEST_CASE(services_are_the_same_in_json_and_xml) {
    auto& world = World::shared();
    auto const list = world.json("/open311/v2/services.json?lang=en");
    BOOST_TEST(list.size() >= 11U);
    auto const answer = world.get("/open311/v2/services.xml?lang=en");
    BOOST_TEST(answer.field("content-type") == "text/xml; charset=utf-8");
    pugi::xml_document document;
    BOOST_REQUIRE(document.load_string(answer.body.c_str()));
    auto const services = document.child("services").children("service");
    BOOST_REQUIRE(std::distance(services.begin(), services.end()) == std::ptrdiff_t(list.size()));
    std::size_t at = 0;
    for (auto const& service : services) {
        for (auto const* const name : {"service_code", "service_name", "description", "type"})
            BOOST_TEST(service.child(name).text().get() == list[at][name].get<std::string>());
        BOOST_TEST(std::string{service.child("metadata").text().get()} == "false");
        BOOST_TEST(!service.child("keywords").empty());
        ++at;
    }
    BOOST_TEST(world.json("/open311/v2/services/road.json")["service_code"] == "road");
    BOOST_TEST(world.get("/open311/v2/services/nothing.json").status == 404);
    BOOST_TEST(world.get("/open311/v2/services.yaml").status == 404);
}

// The request of GeoReport v2's own example, with a service code of ours.
BOOST_AUTO_TEST_CASE(the_specifications_example_goes_in_and_comes_out_in_both_forms) {
    World world;
    auto const answer = request(
        world.port(), "POST", "/open311/v2/requests.xml?jurisdiction_id=city.gov", form_type,
        "api_key=xyz&service_code=road&lat=18.3&long=105.3&address_string=1234+5th+street&"
        "email=smit333%40sfgov.edu&device_id=tt222111&account_id=123456&first_name=john&"
        "last_name=smith&phone=111111111&description=A+large+sinkhole+is+destroying+the+street&"
        "media_url=http%3A%2F%2Ffarm3.static.flickr.com%2F2002%2F2212426634_5ed477a060.jpg");
    BOOST_TEST(answer.status == 201);
    pugi::xml_document made;
    BOOST_REQUIRE(made.load_string(answer.body.c_str()));
    std::string const id =
        made.child("service_requests").child("request").child("service_request_id").text().get();
    BOOST_REQUIRE(!id.empty());
    auto const told = one_of(world, id);
    BOOST_TEST(told["description"] == "A large sinkhole is destroying the street");
    BOOST_TEST(told["address"] == "1234 5th street");
    BOOST_TEST(told["status"] == "open");
    BOOST_TEST(told["lat"] == 18.3);
    BOOST_TEST(told["long"] == 105.3);
    BOOST_TEST(told["media_url"] ==
               "http://farm3.static.flickr.com/2002/2212426634_5ed477a060.jpg");
    pugi::xml_document document;
    auto const xml = world.get("/open311/v2/requests/" + id + ".xml");
    BOOST_REQUIRE(document.load_string(xml.body.c_str()));
    auto const node = document.child("service_requests").child("request");
    for (auto const* const name :
         {"service_request_id", "status", "status_notes", "service_name", "service_code",
          "description", "agency_responsible", "service_notice", "requested_datetime",
          "updated_datetime", "expected_datetime", "address", "address_id", "zipcode", "lat",
          "long", "media_url"}) {
        BOOST_TEST(!node.child(name).empty(), name);
        BOOST_TEST(told.contains(name), name);
        auto const& value = told[name];
        BOOST_TEST(std::string{node.child(name).text().get()} == (value.is_null() ? std::string{}
                                                                  : value.is_string()
                                                                      ? value.get<std::string>()
                                                                      : value.dump()));
    }
}

BOOST_AUTO_TEST_CASE(a_report_goes_to_the_office_of_its_unit_and_category_with_a_day) {
    World world;
    world.database().sql("INSERT INTO report.route (category, unit, agency, days) VALUES "
                         "('road', '18739', 'UBND xã Cẩm Duệ', 4)");
    auto const there = one_of(world, sent(world, sinkhole("Mặt đường sụt lún ở Cẩm Duệ")).id);
    BOOST_TEST(there["agency_responsible"] == "UBND xã Cẩm Duệ");
    auto other = sinkhole("Mặt đường sụt lún ở nơi khác");
    other["long"] = "105.9";
    auto const elsewhere = one_of(world, sent(world, other).id);
    BOOST_TEST(elsewhere["agency_responsible"] == "Phòng Kinh tế, Hạ tầng và Đô thị");
    BOOST_TEST(there["expected_datetime"].get<std::string>() <
               elsewhere["expected_datetime"].get<std::string>());
    BOOST_TEST(world.database().value("SELECT scope FROM record.reports WHERE fid = " +
                                      there["service_request_id"].get<std::string>()) == "18739");
}

BOOST_AUTO_TEST_CASE(requests_are_found_by_service_status_time_and_place) {
    World world;
    std::vector<Sent> made;
    for (int i = 0; i < 6; ++i) {
        auto members = sinkhole(fmt::format("Phản ánh thứ {} trong thử nghiệm", i));
        members["service_code"] = i % 2 == 0 ? "road" : "waste";
        members["long"] = fmt::format("{}", 105.2 + 0.1 * i);
        made.push_back(sent(world, members));
    }
    world.database().sql("UPDATE record.reports SET status = 'fixed', closed_at = now(), response "
                         "= 'Đã vá' WHERE fid = " +
                         made[0].id);
    auto const count = [&](std::string const& query) {
        return world.json("/open311/v2/requests.json?" + query).size();
    };
    await("the change", [&] { return count("status=closed") == 1; });
    BOOST_TEST(count("") == 6U);
    BOOST_TEST(count("service_code=road") == 3U);
    BOOST_TEST(count("service_code=road,waste&status=open") == 5U);
    BOOST_TEST(count("state=received") == 5U);
    BOOST_TEST(count("bbox=105.15,18,105.35,19") == 2U);
    BOOST_TEST(count("lat=18.3&long=105.4&radius=500") == 1U);
    BOOST_TEST(count("service_request_id=" + made[1].id + "," + made[2].id) == 2U);
    BOOST_TEST(count("end_date=2020-01-01T00:00:00Z") == 0U);
    BOOST_TEST(one_of(world, made[0].id)["status_notes"] == "Đã vá");
    BOOST_TEST(world.json("/open311/v2/tokens/" + made[3].token +
                          ".json")[0]["service_request_id"] == made[3].id);
    for (std::string const wrong :
         {"start_date=2025-01-01T00:00:00Z&end_date=2025-12-01T00:00:00Z", "status=lost",
          "service_code=nothing", "start_date=x", "lat=100&long=0"})
        for (std::string const ending : {"json", "xml"}) {
            auto const answer = world.get("/open311/v2/requests." + ending + "?" + wrong);
            BOOST_TEST(answer.status == 400, wrong);
            if (ending == "json")
                BOOST_TEST(json::parse(answer.body)[0]["code"] == 400);
            else
                BOOST_TEST(answer.body.find("<errors>") != std::string::npos);
        }
}

BOOST_AUTO_TEST_CASE(what_lacks_a_part_or_comes_too_often_is_refused) {
    World world;
    auto const refused = [&](std::map<std::string, std::string> members, std::string const& name,
                             std::string const& value, int status) {
        members[name] = value;
        auto const answer = send(world, members);
        BOOST_TEST(answer.status == status, answer.body);
    };
    auto const good = sinkhole("Nắp cống vỡ trước cổng trường");
    refused(good, "service_code", "nothing", 400);
    refused(good, "lat", "", 400);
    refused(good, "long", "200", 400);
    refused(good, "description", "x", 400);
    refused(good, "description", std::string(5000, 'a'), 400);
    refused(good, "media_url", "javascript:alert(1)", 400);
    refused(good, "website", "http://spam", 400);
    BOOST_TEST(request(world.port(), "POST", "/open311/v2/requests.json", json_type, "{}").status ==
               415);
    BOOST_TEST(send(world, good).status == 201);
    BOOST_TEST(send(world, good).status == 429); // the same words at the same place
    int taken = 0;
    for (int i = 0; i < 14; ++i) {
        auto one = sinkhole(fmt::format("Rác chưa thu gom, lần {}", i));
        one["device_id"] = "one device";
        taken += send(world, one).status == 201;
    }
    BOOST_TEST(taken == 9); // ten an hour a telephone, one of them spent above
}

BOOST_AUTO_TEST_CASE(reports_nearby_that_say_alike_are_offered_before_one_is_sent) {
    World world;
    auto const first = sent(world, sinkhole("Mặt đường có ổ gà lớn trước chợ Cẩm Duệ"));
    auto const similar = [&](double lon, std::string const& words, std::string const& category) {
        return world.json(fmt::format("/reports/similar?lon={}&lat=18.3&text={}&category={}", lon,
                                      diaban::services::http::percent_encode(words), category));
    };
    auto const found = similar(105.30005, "Ổ gà lớn trên mặt đường trước chợ", "waste")["reports"];
    BOOST_REQUIRE(found.size() == 1U);
    BOOST_TEST(std::to_string(found[0]["fid"].get<long>()) == first.id);
    BOOST_TEST(found[0]["likeness"].get<double>() > 0.3);
    BOOST_TEST(similar(105.30005, "Mất điện cả xóm", "road")["reports"].size() == 1U);
    BOOST_TEST(similar(105.30005, "Mất điện cả xóm", "power")["reports"].empty());
    BOOST_TEST(similar(105.302, "Ổ gà lớn trên mặt đường trước chợ", "road")["reports"].empty());
    // As pg_trgm counts it.
    world.database().sql("CREATE EXTENSION IF NOT EXISTS pg_trgm");
    double const theirs =
        std::stod(world.database().value("SELECT similarity('duong hu hong nang', 'duong hong')"));
    BOOST_TEST(diaban::services::domain::text_likeness("Đường hư hỏng nặng", "đường hỏng") ==
                   theirs,
               boost::test_tools::tolerance(1e-6));
}

BOOST_AUTO_TEST_CASE(a_photo_loses_what_it_tells_and_is_shown_with_its_report_alone) {
    World world;
    auto const posted = request(world.port(), "POST", "/open311/v2/photos",
                                "Content-Type: image/jpeg\r\n", small_jpeg());
    BOOST_REQUIRE(posted.status == 201);
    std::string const url = json::parse(posted.body)["media_url"];
    auto const path = url.substr(url.find("/open311"));
    BOOST_TEST(world.get(path).status == 404); // no report names it yet
    auto members = sinkhole("Cây đổ chắn đường, có ảnh");
    members["media_url"] = url;
    auto const report = sent(world, members);
    BOOST_TEST(one_of(world, report.id)["media_url"] == url);
    auto const shown = world.get(path);
    BOOST_TEST(shown.status == 200);
    BOOST_TEST(shown.field("content-type") == "image/jpeg");
    BOOST_TEST(shown.body.find("secret-eye") == std::string::npos);
    BOOST_TEST(shown.body.starts_with("\xff\xd8"));
    world.database().sql("UPDATE record.reports SET sensitivity = 5 WHERE fid = " + report.id);
    BOOST_TEST(world.get(path).status == 404);
    for (std::string const& wrong :
         {std::string{"GIF89a"}, std::string{"\xff\xd8\xff"}, small_jpeg().substr(0, 60)})
        BOOST_TEST(request(world.port(), "POST", "/open311/v2/photos",
                           "Content-Type: image/jpeg\r\n", wrong)
                       .status == 400);
}

BOOST_AUTO_TEST_CASE(a_reporter_and_an_office_speak_and_nobody_else_hears) {
    World world;
    Registrar people{world.database()};
    people.role({"office",
                 "",
                 false,
                 false,
                 false,
                 {all_of("reports", "read", 0), all_of("reports", "edit", 0)}});
    people.account("lan", {"office"});
    auto const office = people.token("lan", {"read", "edit"});
    auto const report = sent(world, sinkhole("Đèn đường không sáng trước số 12"));
    auto const path = "/reports/" + report.id + "/messages";
    auto const say = [&](std::string const& fields, std::string const& words) {
        return request(world.port(), "POST", path, fields, json{{"text", words}}.dump()).status;
    };
    BOOST_TEST(say(key(report), "Từ hôm qua") == 201);
    await("the account",
          [&] { return say(office + json_type, "Chúng tôi sẽ đến chiều nay") == 201; });
    BOOST_TEST(say(json_type, "Tôi nghe lỏm") == 401);
    BOOST_TEST(say("Report-Token: x\r\n" + std::string{json_type}, "Tôi đoán") == 401);
    BOOST_TEST(world.get(path).status == 401);
    auto const mine = json::parse(world.get(path, "Report-Token: " + report.token + "\r\n").body);
    BOOST_REQUIRE(mine["messages"].size() == 2U);
    BOOST_TEST(mine["messages"][0]["from"] == "citizen");
    BOOST_TEST(mine["messages"][1]["from"] == "office");
    BOOST_TEST(mine["messages"][1]["author"].is_null());
    auto const theirs = json::parse(world.get(path, office).body);
    BOOST_TEST(theirs["messages"][1]["author"] == "lan");
}

BOOST_AUTO_TEST_CASE(a_closed_report_is_rated_and_opened_again_by_its_reporter) {
    World world;
    auto const report = sent(world, sinkhole("Ống nước vỡ tràn ra đường"));
    auto const post = [&](std::string const& what, std::string const& fields, json const& body) {
        return request(world.port(), "POST", "/reports/" + report.id + "/" + what, fields,
                       body.dump())
            .status;
    };
    BOOST_TEST(post("rating", key(report), {{"rating", 4}}) == 409); // still open
    world.database().sql(
        "UPDATE record.reports SET status = 'fixed', closed_at = now() WHERE fid = " + report.id);
    BOOST_TEST(post("rating", json_type, {{"rating", 4}}) == 401);
    BOOST_TEST(post("rating", key(report), {{"rating", 9}}) == 400);
    BOOST_TEST(post("rating", key(report), {{"rating", 4}}) == 200);
    BOOST_TEST(world.json("/collections/reports/items/" + report.id)["properties"]["rating"] == 4);
    BOOST_TEST(post("reopen", key(report), {{"text", "Lại vỡ rồi"}}) == 200);
    BOOST_TEST(one_of(world, report.id)["status"] == "open");
    BOOST_TEST(post("reopen", key(report), {{"text", "x"}}) == 409);
}

BOOST_AUTO_TEST_CASE(who_reported_stands_in_no_public_answer) {
    World world;
    std::string const words = "Kênh mương bị lấn chiếm";
    auto const report = sent(world, sinkhole(words));
    std::vector<std::string> targets{
        "/open311/v2/requests.json",
        "/open311/v2/requests.xml",
        "/open311/v2/requests/" + report.id + ".json",
        "/collections/reports/items",
        "/collections/reports/items?f=csv",
        "/collections/reports/items?f=jsonfg",
        "/collections/reports/items?f=html",
        "/collections/reports/items/" + report.id,
        "/collections/reports/items/" + report.id + "/history",
        "/collections/reports/items/" + report.id + "/personal",
        "/collections/reports/queryables",
        "/collections/reports/values/reporter_name",
        "/collections/reports/values/category",
        "/collections/reports/items?filter=" +
            diaban::services::http::percent_encode("reporter_name = 'Planted7319 Zyxwv'"),
        "/collections/reports/items?sortby=reporter_phone",
        "/collections/reports/heat",
        "/collections/reports/rhythm",
        "/collections/reports/nearest?lon=105.3&lat=18.3",
        "/reports/similar?lon=105.3&lat=18.3&text=" + diaban::services::http::percent_encode(words),
        "/reports/" + report.id + "/messages",
        "/tiles/reports/12/3246/1837.mvt",
        "/tiles/reports/0/0/0.mvt",
        "/at?lon=105.3&lat=18.3",
        "/audit"};
    for (auto const& target : targets) {
        auto const body = world.get(target).body;
        for (std::string const secret :
             {"Planted7319", "Zyxwv", "0987319", "planted@", "secret-eye", "dev-Kênh"})
            BOOST_TEST(body.find(secret) == std::string::npos, target << ": " << secret);
        BOOST_TEST(body.find(report.token) == std::string::npos, target);
    }
    for (std::string const format : {"geojson", "csv", "gpkg", "jsonfg"})
        BOOST_TEST(exported(world.port(), {{"collection", "reports"}, {"format", format}})
                       .find("Planted7319") == std::string::npos);
    BOOST_TEST(world.database().value("SELECT reporter_name FROM record.reports WHERE fid = " +
                                      report.id) == "Planted7319 Zyxwv");
    BOOST_TEST(
        world.database().value("SELECT count(*) FROM record.reports WHERE reporter_token = '" +
                               report.token + "'") == "0"); // a hash alone is kept
}

BOOST_AUTO_TEST_SUITE_END()
