// Pictures and streams of cameras: for whom, from where, and what is noted; offences that they see.

#include "tests/services/job_client.hpp"
#include "tests/services/visitors.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <string>

using namespace diaban::tests;
using nlohmann::json;

namespace {

constexpr char why[] = "Access-Reason: Kiem%20tra%20ngap\r\n";

/// A guard who may look through cameras, a clerk who may not.
struct Watch {
    explicit Watch(World& world) : people{world.database()} {
        people.role(
            {"guard",
             "",
             false,
             true,
             false,
             {all_of("cameras", "read"), all_of("cameras", "personal"), all_of("incidents", "read"),
              all_of("incidents", "edit"), all_of("incidents", "personal")}});
        people.role({"clerk",
                     "",
                     false,
                     false,
                     false,
                     {all_of("cameras", "read"), all_of("incidents", "read"),
                      all_of("incidents", "edit")}});
        people.account("lan", {"guard"});
        people.account("tu", {"clerk"});
        lan = people.token("lan", {"read", "edit", "personal", "audit"});
        tu = people.token("tu", {"read", "edit", "personal"});
        await("the accounts", [&] { return world.get("/audit", lan).status == 200; });
    }

    Registrar people;
    std::string lan;
    std::string tu;
};

std::string add_camera(World& world, std::string const& snapshot, std::string const& stream = {}) {
    return world.database().value(fmt::format(
        "INSERT INTO record.cameras (name, snapshot_url, stream_url, geom) VALUES ('thử', {}, {}, "
        "ST_SetSRID(ST_MakePoint(105.3, 18.3), 4326)) RETURNING fid",
        snapshot.empty() ? "NULL" : "'" + snapshot + "'",
        stream.empty() ? "NULL" : "'" + stream + "'"));
}

/// Another node, whose console's files are what cameras answer.
struct Device {
    std::filesystem::path folder =
        std::filesystem::temp_directory_path() / fmt::format("diaban_device_{}", ::getpid());
    std::string const picture = "\xff\xd8\xff\xe0 picture \xff\xd9";
    World world;

    Device() : world{[&](auto& settings) { settings.console = prepared(); }} {}
    ~Device() { std::filesystem::remove_all(folder); }

    std::filesystem::path prepared() const {
        std::filesystem::create_directories(folder);
        std::ofstream{folder / "index.html"} << "<!doctype html>";
        std::ofstream{folder / "now.jpg"} << picture;
        std::ofstream{folder / "large.jpg"} << std::string(5 << 20, 'x');
        std::ofstream{folder / "page.html"} << "<script>alert(1)</script>";
        std::ofstream{folder / "drawing.svg"} << "<svg/>";
        return folder;
    }
    [[nodiscard]] std::string at(std::string const& name) const {
        return fmt::format("http://127.0.0.1:{}/console/{}", world.port(), name);
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(camera_pictures)

BOOST_AUTO_TEST_CASE(a_picture_is_had_by_who_may_and_says_why_and_that_is_noted) {
    World world;
    Watch const watch{world};
    Device const device;
    auto const fid = add_camera(world, device.at("now.jpg"));
    auto const path = "/cameras/" + fid + "/snapshot";
    await("the camera",
          [&] { return world.get("/collections/cameras/items/" + fid).status == 200; });
    BOOST_TEST(world.get(path, watch.lan + why).status == 403); // its host is not named yet
    world.database().sql(
        fmt::format("INSERT INTO diaban.pull_host VALUES ('127.0.0.1:{}')", device.world.port()));
    auto const shown = world.get(path, watch.lan + why);
    BOOST_TEST(shown.status == 200);
    BOOST_TEST(shown.body == device.picture);
    BOOST_TEST(shown.field("content-type") == "image/jpeg");
    BOOST_TEST(shown.field("cache-control") == "no-store");
    BOOST_TEST(shown.field("x-content-type-options") == "nosniff");
    BOOST_TEST(world.get(path, watch.lan).status == 400); // says no reason
    BOOST_TEST(world.get(path, watch.tu + why).status == 403);
    BOOST_TEST(world.get(path, why).status == 401);
    BOOST_TEST(world.get("/cameras/999999/snapshot", watch.lan + why).status == 404);
    auto const entries =
        json::parse(world.get("/audit?action=camera-snapshot&limit=10", watch.lan).body)["entries"];
    BOOST_REQUIRE(entries.size() == 2U); // the refused one too
    BOOST_TEST(entries[0]["who"] == "lan");
    BOOST_TEST(entries[0]["why"] == "Kiem tra ngap");
    BOOST_TEST(std::to_string(entries[0]["fid"].get<long>()) == fid);
}

BOOST_AUTO_TEST_CASE(nothing_but_a_picture_of_a_named_host_comes_through) {
    World world;
    Watch const watch{world};
    Device const device;
    world.database().sql(
        fmt::format("INSERT INTO diaban.pull_host VALUES ('127.0.0.1:{}')", device.world.port()));
    auto const status = [&](std::string const& address) {
        auto const fid = add_camera(world, address);
        auto const answer = world.get("/cameras/" + fid + "/snapshot", watch.lan + why);
        BOOST_TEST(answer.body.find("script") == std::string::npos, address);
        // Where a camera is asked is told to nobody.
        if (!address.empty()) BOOST_TEST(answer.body.find(address) == std::string::npos, address);
        return answer.status;
    };
    BOOST_TEST(status(device.at("now.jpg")) == 200);
    BOOST_TEST(status(device.at("page.html")) == 503);
    BOOST_TEST(status(device.at("drawing.svg")) == 503);
    BOOST_TEST(status(device.at("large.jpg")) == 503);
    BOOST_TEST(status(device.at("none.jpg")) == 503);
    BOOST_TEST(status("") == 404);
    for (std::string const address :
         {"file:///etc/passwd", "http://169.254.169.254/latest", "ftp://127.0.0.1/x.jpg",
          "http://127.0.0.1:1/x.jpg", "gopher://127.0.0.1/"})
        BOOST_TEST(status(address) == 403, address);
    BOOST_TEST(status(fmt::format("http://127.0.0.1:{}@169.254.169.254/x.jpg",
                                  device.world.port())) == 403);
}

BOOST_AUTO_TEST_CASE(a_stream_is_told_where_it_is_had_and_never_where_the_camera_is) {
    World world;
    Watch const watch{world};
    auto const registered = add_camera(world, "", "rtsp://secret-eye:554/7319");
    auto const open = add_camera(world, "", "https://media.example/7.m3u8");
    auto const stream = [&](std::string const& fid) {
        return world.get("/cameras/" + fid + "/stream", watch.lan + why);
    };
    BOOST_TEST(stream(registered).status == 404); // no browser speaks RTSP, and there is no gateway
    BOOST_TEST(stream(registered).body.find("secret-eye") == std::string::npos);
    BOOST_TEST(json::parse(stream(open).body)["href"] == "https://media.example/7.m3u8");
    BOOST_TEST(json::parse(stream(open).body)["kind"] == "hls");
    world.database().sql("INSERT INTO diaban.stream_gateway (address) VALUES "
                         "('https://gateway.example/{camera}/index.m3u8')");
    auto const told = json::parse(stream(registered).body);
    BOOST_TEST(told["href"] == "https://gateway.example/" + registered + "/index.m3u8");
    BOOST_TEST(told.dump().find("secret-eye") == std::string::npos);
    BOOST_TEST(world.get("/cameras/" + open + "/stream", watch.tu + why).status == 403);
    BOOST_TEST(stream(add_camera(world, "")).status == 404);
    auto const entries =
        json::parse(world.get("/audit?action=camera-stream&limit=50", watch.lan).body)["entries"];
    BOOST_TEST(entries.size() >= 5U);
}

BOOST_AUTO_TEST_CASE(an_offence_is_an_incident_whose_plate_and_evidence_are_told_of_persons_alone) {
    World world;
    Watch const watch{world};
    auto const fid = add_camera(world, "");
    auto const take = [&](json const& body, std::string const& who) {
        return request(world.port(), "POST", "/cameras/" + fid + "/offences", who + json_type,
                       body.dump());
    };
    json const good{{"occurred_at", "2026-03-01T10:00:00Z"},
                    {"offence", "speed"},
                    {"speed", 96.5},
                    {"plate", "38a-731.99"},
                    {"evidence", "https://evidence.example/secret-eye.jpg"}};
    await("the camera",
          [&] { return world.get("/collections/cameras/items/" + fid).status == 200; });
    auto const answer = take(good, watch.tu);
    BOOST_REQUIRE(answer.status == 201);
    BOOST_TEST(answer.body.find("73199") == std::string::npos);
    auto const incident = std::to_string(json::parse(answer.body)["incident"].get<long>());
    auto const item = "/collections/incidents/items/" + incident;
    auto const told = world.json(item);
    BOOST_TEST(told["properties"]["kind"] == "offence");
    BOOST_TEST(told["properties"]["offence"] == "speed");
    BOOST_TEST(told["properties"]["plate_part"] == "38******");
    BOOST_TEST(told["properties"]["speed"] == 96.5);
    BOOST_TEST(told["geometry"]["coordinates"][0] == 105.3);
    for (auto const& target :
         {item, item + "/history", std::string{"/collections/incidents/items?f=csv"},
          std::string{"/collections/incidents/items?f=html"},
          std::string{"/collections/incidents/values/plate"},
          std::string{"/collections/incidents/queryables"},
          std::string{"/at?lon=105.3&lat=18.3&radius=100"}})
        for (auto const& who : {std::string{}, watch.tu}) {
            auto const body = world.get(target, who).body;
            BOOST_TEST(body.find("73199") == std::string::npos, target);
            BOOST_TEST(body.find("secret-eye") == std::string::npos, target);
        }
    BOOST_TEST(world.get(item + "/personal", watch.tu + why).status == 403);
    auto const personal = json::parse(world.get(item + "/personal", watch.lan + why).body);
    BOOST_TEST(personal["personal"]["plate"] == "38A73199");
    BOOST_TEST(personal["personal"]["evidence"] == "https://evidence.example/secret-eye.jpg");
    auto const refused = [&](char const* name, json const& value) {
        auto body = good;
        body[name] = value;
        BOOST_TEST(take(body, watch.tu).status == 400, name << " " << value.dump());
    };
    refused("plate", "x");
    refused("plate", "38A<script>");
    refused("offence", "dancing");
    refused("occurred_at", "hôm qua");
    refused("speed", -1);
    refused("evidence", "javascript:alert(1)");
}

BOOST_AUTO_TEST_SUITE_END()
