// Inspections over HTTP: opened once, given to who has least to do, carried on as the table allows;
// and photos that arrive whole and once however often they are cut.

#include "data/blob/sha256.hpp"
#include "data/postgis/inspection_store.hpp"
#include "geo/geometry.hpp"
#include "geo/ops/geodesic.hpp"
#include "tests/services/pictures.hpp"
#include "tests/services/visitors.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

using namespace diaban;
using nlohmann::json;

namespace {

using tests::picture;
using tests::placed;

std::string hash_of(std::string const& bytes) {
    return data::blob::hex(
        data::blob::sha256(std::as_bytes(std::span{bytes.data(), bytes.size()})));
}

constexpr char here[] = "18739";
constexpr char there[] = "18073";

/// Two communes with an office each, and a parcel of one tenth of a minute in the first.
struct Ground {
    tests::World world;
    std::string parcel;
    std::string far;
    tests::Registrar people{world.database()};
    std::map<std::string, std::string> fields;
    std::unique_ptr<services::Server> node;
    std::mt19937_64 random{tests::seed()};
    int keys = 0;

    Ground() {
        auto& database = world.database();
        auto const lot = [&](double lon, char const* unit) {
            return database.value(fmt::format(
                "INSERT INTO record.parcels (geom, sheet, parcel_number, commune_code, land_use, "
                "geohash, legal_area_m2, scope) VALUES (ST_MakeEnvelope({0}, 18.3, {0} + 0.001, "
                "18.301, 4326), 2, 15, '{1}', 'LUC', 'w7dw{1}aaa', 11700, '{1}') RETURNING fid",
                lon, unit));
        };
        parcel = lot(105.3, here);
        far = lot(105.6, there);
        database.sql("INSERT INTO record.land_inspectors (unit, office, login, scope) VALUES "
                     "('18739', 'Phòng Kinh tế Cẩm Duệ', 'an', '18739'), ('18739', 'Phòng Kinh tế "
                     "Cẩm Duệ', 'binh', '18739'), ('18073', 'Phòng Kinh tế', 'chi', '18073')");
        official("an", here);
        official("binh", here);
        official("chi", there);
        fields["nobody"] = "";
        node = world.start_server("none");
    }
    void official(std::string const& login, std::string const& unit) {
        data::model::AccessRole role{login, "", false, false, false, {}};
        for (auto const* const id :
             {"parcels", "inspection_cases", "case_photos", "land_inspectors", "places"})
            for (auto const* const action : {"read", "edit"})
                role.grants.push_back(tests::within(id, action, {unit}, 1));
        people.role(role);
        people.account(login, {login});
        fields[login] = people.token(login, {"read", "edit"});
    }
    tests::RawAnswer post(std::string const& who, std::string const& path, json const& body) const {
        return tests::request(node->port(), "POST", path, fields.at(who) + tests::as_json,
                              body.dump());
    }
    tests::RawAnswer get(std::string const& who, std::string const& path) const {
        return tests::get(node->port(), path, fields.at(who));
    }
    json told(std::string const& who, std::string const& path) const {
        auto const answer = get(who, path);
        BOOST_TEST_REQUIRE(answer.status == 200, path + ": " + answer.body);
        return json::parse(answer.body);
    }
    json opens(std::string const& who, json const& more = json::object()) {
        json body{{"key", fmt::format("k{}", ++keys)},
                  {"origin", "hand"},
                  {"parcel", std::stoll(parcel)},
                  {"reason", "Xây 180 m² trên đất lúa"}};
        body.update(more);
        auto const answer = post(who, "/land/cases", body);
        BOOST_TEST_REQUIRE(answer.status == 201, answer.body);
        return json::parse(answer.body);
    }
    std::string path(json const& one) const {
        return fmt::format("/land/cases/{}", one["id"].get<std::int64_t>());
    }
    tests::RawAnswer moves(std::string const& who, json const& one, json const& body) const {
        return post(who, path(one) + "/moves", body);
    }
    json begins(std::string const& who, json const& one, std::string const& key,
                std::string const& bytes, std::string const& sha256 = {}) const {
        json body{{"key", key}, {"length", bytes.size()}};
        if (!sha256.empty()) body["sha256"] = sha256;
        auto const answer = post(who, path(one) + "/uploads", body);
        BOOST_TEST_REQUIRE((answer.status == 201 || answer.status == 200), answer.body);
        return json::parse(answer.body);
    }
    std::string upload_path(json const& upload) const {
        return fmt::format("/land/uploads/{}", upload["id"].get<std::int64_t>());
    }
    std::string part_fields(std::string const& who, std::size_t offset) const {
        return fields.at(who) + "Content-Type: application/offset+octet-stream\r\n" +
               fmt::format("Upload-Offset: {}\r\n", offset);
    }
    tests::RawAnswer sends(std::string const& who, json const& upload, std::size_t offset,
                           std::string_view bytes) const {
        return tests::request(node->port(), "PATCH", upload_path(upload), part_fields(who, offset),
                              bytes);
    }
    /// Where an upload stands, as HEAD says it.
    std::size_t offset(std::string const& who, json const& upload) const {
        tests::RawClient client{node->port()};
        client.send("HEAD " + upload_path(upload) + " HTTP/1.1\r\nHost: localhost\r\n" +
                    fields.at(who) + "Connection: close\r\n\r\n");
        auto const answer = client.read(std::chrono::seconds{10}, true);
        BOOST_REQUIRE(answer);
        BOOST_TEST_REQUIRE(answer->status == 200);
        return std::stoull(answer->field("upload-offset"));
    }
    json sends_whole(std::string const& who, json const& one, std::string const& bytes) {
        auto const upload = begins(who, one, fmt::format("p{}", ++keys), bytes, hash_of(bytes));
        for (std::size_t at = 0; at < bytes.size(); at += 500'000)
            BOOST_TEST_REQUIRE(
                sends(who, upload, at, std::string_view{bytes}.substr(at, 500'000)).status == 204);
        return told(who, path(one))["photos"].back();
    }
};

json const answers{{"marks", "yes"},
                   {"use", "no"},
                   {"building", "yes"},
                   {"encroachment", "unclear"},
                   {"present", "no"}};
json const inspects{{"move", "inspect"},
                    {"answers", answers},
                    {"finding", "Nhà cấp 4"},
                    {"measured_m2", 182.4},
                    {"error_m2", 1.5}};

} // namespace

BOOST_AUTO_TEST_SUITE(inspections)

BOOST_AUTO_TEST_CASE(a_case_goes_from_its_opening_to_its_end_and_every_step_is_told) {
    Ground ground;
    auto const one = ground.opens("an", {{"due_on", "2026-12-10"}});
    BOOST_TEST(one["state"] == "assigned");
    BOOST_TEST(one["assignee"] == "an");
    BOOST_TEST(one["office"] == "Phòng Kinh tế Cẩm Duệ");
    BOOST_TEST(one["sheet"] == 2);
    BOOST_TEST(one["due_on"] == "2026-12-10");
    BOOST_TEST(std::abs(one["lon"].get<double>() - 105.3005) < 1e-6);
    BOOST_TEST(ground.told("an", ground.path(one))["items"].size() == answers.size());
    for (auto const& [who, body] :
         {std::pair{"an", json{{"move", "assign"}, {"assignee", "binh"}}},
          std::pair{"binh", inspects},
          std::pair{"binh", json{{"move", "decide"},
                                 {"decision", "Lập biên bản, buộc khôi phục"},
                                 {"follow_up_on", "2027-01-15"}}},
          std::pair{"an", json{{"move", "close"}}}}) {
        auto const answer = ground.moves(who, one, body);
        BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
    }
    auto const end = ground.told("an", ground.path(one));
    BOOST_TEST(end["state"] == "closed");
    BOOST_TEST(end["answers"] == answers);
    BOOST_TEST(end["measured_m2"] == 182.4);
    BOOST_TEST(end["error_m2"] == 1.5);
    BOOST_TEST(end["follow_up_on"] == "2027-01-15");
    BOOST_TEST(end["moves"].empty());
    std::vector<std::string> steps;
    for (auto const& step : end["steps"]) {
        steps.push_back(fmt::format("{} {} {}", step["who"].get<std::string>(),
                                    step["move"].get<std::string>(),
                                    step["state"].get<std::string>()));
        BOOST_TEST(step["at"].is_string());
    }
    std::vector<std::string> const wanted{"an open assigned", "an assign assigned",
                                          "binh inspect inspected", "binh decide decided",
                                          "an close closed"};
    BOOST_TEST(steps == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_step_that_is_not_allowed_is_refused_and_named_and_changes_nothing) {
    Ground ground;
    auto const one = ground.opens("an");
    for (auto const& [move, accepted] :
         {std::pair{"decide", "inspected"}, std::pair{"close", "decided"}}) {
        auto const answer = ground.moves("an", one, {{"move", move}, {"decision", "x"}});
        BOOST_TEST(answer.status == 409, answer.body);
        BOOST_TEST(answer.body.find("case-state") != std::string::npos, answer.body);
        BOOST_TEST(answer.body.find(move) != std::string::npos, answer.body);
        BOOST_TEST(answer.body.find(accepted) != std::string::npos, answer.body);
    }
    BOOST_TEST(ground.moves("an", one, {{"move", "burn"}}).status == 400);
    BOOST_TEST(ground.told("an", ground.path(one))["steps"].size() == 1U);
    // By SQL, too.
    BOOST_CHECK_THROW(ground.world.database().sql("UPDATE record.inspection_cases SET state = "
                                                  "'closed', decision = 'x', answers = '{}', "
                                                  "finding = 'x'"),
                      std::exception);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_an_inspection_is_named) {
    Ground ground;
    auto const one = ground.opens("an");
    auto without = answers;
    without.erase("use");
    auto more = answers;
    more["colour"] = "yes";
    auto odd = answers;
    odd["present"] = "unclear";
    for (auto const& [member, value] :
         {std::pair{"answers", without}, std::pair{"answers", more}, std::pair{"answers", odd},
          std::pair{"finding", json("")}, std::pair{"measured_m2", json(-1)},
          std::pair{"error_m2", json("1")}}) {
        auto body = inspects;
        body[member] = value;
        auto const answer = ground.moves("an", one, body);
        BOOST_TEST(answer.status == 400, answer.body);
        BOOST_TEST(answer.body.find(member) != std::string::npos, answer.body);
    }
    BOOST_TEST(ground.moves("an", one, {{"move", "assign"}, {"assignee", "chi"}}).status == 400);
}

BOOST_AUTO_TEST_CASE(each_case_goes_to_who_has_fewest_open_ones_in_its_commune) {
    Ground ground;
    std::map<std::string, int> open{{"an", 0}, {"binh", 0}};
    std::vector<json> cases;
    std::uniform_int_distribution<int> dice{0, 2};
    for (int turn = 0; turn < 12; ++turn) {
        auto const wanted = open["an"] <= open["binh"] ? "an" : "binh";
        cases.push_back(ground.opens("an"));
        BOOST_TEST(cases.back()["assignee"] == wanted);
        ++open[wanted];
        if (dice(ground.random) > 0) continue;
        // One is settled: its inspector has one less.
        auto const one = cases[std::size_t(ground.random() % cases.size())];
        if (ground.told("an", ground.path(one))["state"] == "closed") continue;
        BOOST_TEST(ground.moves("an", one, inspects).status == 200);
        BOOST_TEST(ground.moves("an", one, {{"move", "decide"}, {"decision", "x"}}).status == 200);
        BOOST_TEST(ground.moves("an", one, {{"move", "close"}}).status == 200);
        --open[one["assignee"].get<std::string>()];
    }
    auto const mine = ground.told("an", "/land/cases?assignee=me&state=assigned")["cases"];
    BOOST_TEST(mine.size() == std::size_t(open["an"]));
}

BOOST_AUTO_TEST_CASE(lists_say_how_many_there_are_beyond_their_limit_and_a_case_who_has_how_many) {
    Ground ground;
    json last;
    for (int i = 0; i < 5; ++i) last = ground.opens("an", {{"due_on", "2027-05-01"}});
    auto const late = ground.opens("an", {{"due_on", "2020-01-01"}});
    auto const again = ground.opens("an", {{"due_on", "2020-01-02"}});
    for (auto const& [one, follow] :
         {std::pair{late, "2099-01-01"}, std::pair{again, "2021-01-01"}})
        for (auto const& body :
             {inspects, json{{"move", "decide"}, {"decision", "x"}, {"follow_up_on", follow}}})
            BOOST_TEST_REQUIRE(ground.moves("an", one, body).status == 200);
    BOOST_TEST_REQUIRE(ground.moves("an", again, {{"move", "close"}}).status == 200);
    auto const third = ground.opens("an", {{"due_on", "2020-01-03"}});
    auto const fids = [&](std::string const& query) {
        std::vector<std::int64_t> found;
        auto const list = ground.told("an", "/land/cases?" + query);
        for (auto const& one : list["cases"]) found.push_back(one["id"].get<std::int64_t>());
        BOOST_TEST(list["matched"].get<std::size_t>() >= found.size());
        return found;
    };
    auto const two = ground.told("an", "/land/cases?state=open&limit=2");
    BOOST_TEST(two["cases"].size() == 2U);
    BOOST_TEST(two["matched"] == 7);
    BOOST_TEST(two["counts"]["all"] == 8);
    BOOST_TEST(two["counts"]["open"] == 7);
    // What is decided waits for its follow-up; what is closed waits for nothing.
    BOOST_TEST(two["counts"]["overdue"] == 1);
    BOOST_TEST(
        (fids("state=overdue") == std::vector<std::int64_t>{third["id"].get<std::int64_t>()}));
    BOOST_TEST(fids("state=closed").size() == 1U);
    BOOST_TEST(ground.get("an", "/land/cases?state=lost").status == 400);

    auto const mine = fids("state=open&assignee=me").size();
    BOOST_TEST(two["counts"]["mine"] == mine);
    std::map<std::string, std::size_t> loads;
    auto const told = ground.told("an", ground.path(last))["inspectors"];
    for (auto const& one : told) {
        loads[one["login"].get<std::string>()] = one["open"].get<std::size_t>();
        BOOST_TEST(one["office"] == "Phòng Kinh tế Cẩm Duệ");
    }
    BOOST_TEST((loads == std::map<std::string, std::size_t>{
                             {"an", mine}, {"binh", fids("state=open&assignee=binh").size()}}));
    BOOST_TEST(told[0]["open"] <= told[1]["open"]);
    auto const elsewhere = ground.told("chi", "/land/cases");
    BOOST_TEST(elsewhere["matched"] == 0);
    BOOST_TEST(elsewhere["counts"]["all"] == 0);
}

BOOST_AUTO_TEST_CASE(a_case_is_opened_once_by_its_key_and_once_for_a_suspect) {
    Ground ground;
    json const body{{"key", "k"},
                    {"origin", "report"},
                    {"reference", "PA-261127-K3QZ7M"},
                    {"lon", 105.3002},
                    {"lat", 18.3002},
                    {"parcel", std::stoll(ground.parcel)},
                    {"reason", "Dân báo xây nhà"}};
    auto const first = ground.post("an", "/land/cases", body);
    BOOST_TEST(first.status == 201, first.body);
    auto const again = ground.post("an", "/land/cases", body);
    BOOST_TEST(again.status == 200, again.body);
    BOOST_TEST(json::parse(again.body)["id"] == json::parse(first.body)["id"]);
    auto other = body;
    other["reason"] = "Chuyện khác";
    BOOST_TEST(ground.post("an", "/land/cases", other).status == 422);
    BOOST_TEST(ground.post("binh", "/land/cases", body).status == 201); // a key of its own

    json suspect{{"parcel", std::stoll(ground.parcel)},
                 {"reason", "departs"},
                 {"registered", "LUC"},
                 {"planned", nullptr},
                 {"seen", "built"},
                 {"seen_m2", 182.3},
                 {"parcel_m2", 11700.0},
                 {"certainty", "high"}};
    auto const one = ground.post("an", "/land/cases", {{"suspect", suspect}});
    BOOST_TEST(one.status == 201, one.body);
    auto const made = json::parse(one.body);
    BOOST_TEST(made["origin"] == "suspicion");
    BOOST_TEST(made["reason"].get<std::string>().find("công trình 182 m²") != std::string::npos);
    BOOST_TEST(made["reason"].get<std::string>().find("chắc chắn: cao") != std::string::npos);
    suspect["seen_m2"] = 190.0; // seen again
    auto const seen = ground.post("binh", "/land/cases", {{"suspect", suspect}});
    BOOST_TEST(seen.status == 200, seen.body);
    BOOST_TEST(json::parse(seen.body)["id"] == made["id"]);
    suspect["seen"] = "water";
    BOOST_TEST(ground.post("an", "/land/cases", {{"suspect", suspect}}).status == 201);
    BOOST_TEST(ground.world.database().value("SELECT count(*) FROM record.inspection_cases") ==
               "4");
}

BOOST_AUTO_TEST_CASE(a_photo_tells_how_far_from_the_parcel_it_was_taken) {
    Ground ground;
    auto const one = ground.opens("an");
    auto const plain = picture("JPEG", 64, ground.random);
    auto const inside = ground.sends_whole("an", one, placed(plain, 105.3005, 18.3005));
    BOOST_TEST(inside["distance_m"] == 0.0);
    BOOST_TEST(inside["taken_at"] == "2026-11-27T02:12:30Z");
    BOOST_TEST(inside["sent_by"] == "an");
    std::uniform_real_distribution<double> away{0.0001, 0.02};
    for (int i = 0; i < 5; ++i) {
        double const lat = 18.3 - away(ground.random);
        auto const photo = ground.sends_whole("an", one, placed(plain, 105.3005, lat));
        // Due south: the nearest lies on the southern edge, on the same meridian but for the
        // edge's own bend.
        double const metres = geo::ops::geodesic_way({105.3005, lat}, {105.3005, 18.3}).metres;
        BOOST_TEST(std::abs(photo["distance_m"].get<double>() - metres) < 0.05);
        BOOST_TEST(std::abs(photo["lat"].get<double>() - lat) < 1e-7);
    }
    auto const nowhere = ground.sends_whole("an", one, picture("PNG", 64, ground.random));
    BOOST_TEST(nowhere["media_type"] == "image/png");
    BOOST_TEST(nowhere["distance_m"].is_null());
    BOOST_TEST(nowhere["taken_at"].is_null());
}

BOOST_AUTO_TEST_CASE(an_upload_that_is_cut_ten_times_arrives_whole_and_once) {
    Ground ground;
    auto const one = ground.opens("an");
    auto const bytes = placed(picture("JPEG", 1200, ground.random), 105.3005, 18.3005);
    BOOST_TEST_REQUIRE(bytes.size() > 500'000U);
    auto const upload = ground.begins("an", one, "anh-1", bytes, hash_of(bytes));
    std::uniform_int_distribution<std::size_t> size{4096, bytes.size() / 12};
    int cuts = 0;
    std::size_t at = 0;
    for (int turn = 0; at < bytes.size(); ++turn) {
        BOOST_TEST_REQUIRE(turn < 1000);
        auto const part = std::string_view{bytes}.substr(at, size(ground.random));
        if (cuts < 10) {
            auto const text = "PATCH " + ground.upload_path(upload) +
                              " HTTP/1.1\r\nHost: localhost\r\n" + ground.part_fields("an", at) +
                              fmt::format("Content-Length: {}\r\n\r\n", part.size()) +
                              std::string{part};
            // Anywhere, from the first byte to the last: then it is the answer that is lost.
            auto const until = 1 + ground.random() % text.size();
            tests::RawClient client{ground.node->port()};
            client.send(std::string_view{text}.substr(0, turn % 3 == 0 ? text.size() : until));
            if (turn % 2 == 0)
                client.reset();
            else
                client.finish();
            ++cuts;
        } else {
            auto const answer = ground.sends("an", upload, at, part);
            // The one that was cut last may still have come after HEAD was answered.
            BOOST_TEST_REQUIRE((answer.status == 204 || answer.status == 409), answer.body);
        }
        BOOST_TEST(ground.begins("an", one, "anh-1", bytes, hash_of(bytes))["id"] == upload["id"]);
        at = ground.offset("an", upload);
    }
    BOOST_TEST(cuts == 10);
    auto const photos = ground.told("an", ground.path(one))["photos"];
    BOOST_TEST_REQUIRE(photos.size() == 1U);
    BOOST_TEST(photos[0]["sha256"] == hash_of(bytes));
    auto const address =
        fmt::format("{}/photos/{}", ground.path(one), photos[0]["id"].get<std::int64_t>());
    auto const shown = ground.get("an", address);
    BOOST_TEST(shown.status == 200);
    BOOST_TEST((shown.body == bytes));
    BOOST_TEST(ground.get("chi", address).status == 404);
    BOOST_TEST(ground.world.database().value("SELECT count(*) FROM land.photo_part") == "0");
}

BOOST_AUTO_TEST_CASE(a_part_at_the_wrong_place_is_refused_and_what_is_no_photo_begins_again) {
    Ground ground;
    auto const one = ground.opens("an");
    auto const bytes = picture("JPEG", 200, ground.random);
    auto const upload = ground.begins("an", one, "a", bytes);
    BOOST_TEST(ground.sends("an", upload, 0, std::string_view{bytes}.substr(0, 5000)).status ==
               204);
    for (std::size_t const wrong : {std::size_t{0}, std::size_t{4999}, std::size_t{5001}}) {
        auto const answer = ground.sends("an", upload, wrong, bytes.substr(5000));
        BOOST_TEST(answer.status == 409, answer.body);
        BOOST_TEST(answer.body.find("5000") != std::string::npos, answer.body);
    }
    BOOST_TEST(ground.offset("an", upload) == 5000U);
    BOOST_TEST(ground.sends("an", upload, 5000, bytes).status == 400); // beyond its length
    BOOST_TEST(ground.sends("an", upload, 5000, "x").status == 400);   // a crumb
    BOOST_TEST(
        ground.post("an", ground.path(one) + "/uploads", {{"key", "a"}, {"length", 7}}).status ==
        422); // its key is taken
    BOOST_TEST(
        ground.post("an", ground.path(one) + "/uploads", {{"key", "b"}, {"length", 12'582'913}})
            .status == 400);

    std::string const words(5000, 'x');
    auto const no_photo = ground.begins("an", one, "c", words);
    BOOST_TEST(ground.sends("an", no_photo, 0, words).status == 400);
    BOOST_TEST(ground.offset("an", no_photo) == 0U);
    auto const other = ground.begins("an", one, "d", bytes, std::string(64, 'a'));
    auto const answer = ground.sends("an", other, 0, bytes);
    BOOST_TEST(answer.status == 400);
    BOOST_TEST(answer.body.find("upload-hash") != std::string::npos, answer.body);
    BOOST_TEST(ground.told("an", ground.path(one))["photos"].empty());
}

BOOST_AUTO_TEST_CASE(photos_that_never_arrive_whole_are_given_up_by_their_age_alone) {
    Ground ground;
    auto const one = ground.opens("an");
    auto const whole = ground.sends_whole("an", one, picture("JPEG", 64, ground.random));
    std::string const bytes(10'000, 'x');
    auto const lost = ground.begins("an", one, "lost", bytes);
    auto const begun = ground.begins("an", one, "begun", bytes);
    for (auto const& upload : {lost, begun})
        BOOST_TEST(ground.sends("an", upload, 0, std::string_view{bytes}.substr(0, 5000)).status ==
                   204);
    auto& database = ground.world.database();
    database.sql(fmt::format("UPDATE land.photo_upload SET began_at = now() - interval '25 hours' "
                             "WHERE id <> {}",
                             begun["id"].get<std::int64_t>()));
    data::postgis::Pool pool{database.options(data::postgis::Role::edit)};
    data::postgis::CasePhotoStore const photos{pool};
    BOOST_TEST(photos.give_up(std::chrono::hours{26}) == 0);
    BOOST_TEST(photos.give_up(std::chrono::hours{24}) == 1);
    BOOST_TEST(photos.give_up(std::chrono::hours{24}) == 0);
    BOOST_TEST(ground.get("an", ground.upload_path(lost)).status == 404);
    BOOST_TEST(database.value("SELECT count(*) FROM land.photo_part") == "1");
    BOOST_TEST(ground.offset("an", begun) == 5000U);
    BOOST_TEST(ground.told("an", ground.path(one))["photos"].back()["id"] == whole["id"]);
}

BOOST_AUTO_TEST_CASE(officials_of_another_commune_and_strangers_learn_and_change_nothing) {
    Ground ground;
    auto const one = ground.opens("an");
    auto const bytes = picture("JPEG", 64, ground.random);
    auto const upload = ground.begins("an", one, "a", bytes);
    for (auto const* const who : {"chi", "nobody"}) {
        BOOST_TEST(ground.get(who, ground.path(one)).status == 404);
        auto const list = ground.get(who, "/land/cases");
        if (list.status == 200) BOOST_TEST(json::parse(list.body)["cases"].empty());
        BOOST_TEST(ground.get(who, "/collections/inspection_cases/items").body.find("180 m²") ==
                   std::string::npos);
        std::set<int> const refusals{401, 403, 404};
        for (auto const& answer :
             {ground.moves(who, one, inspects), ground.get(who, ground.upload_path(upload)),
              ground.sends(who, upload, 0, bytes),
              ground.post(who, ground.path(one) + "/uploads", {{"key", "x"}, {"length", 9}}),
              ground.post(who, "/land/cases",
                          {{"key", "x"},
                           {"origin", "hand"},
                           {"parcel", std::stoll(ground.parcel)},
                           {"reason", "x"}})})
            BOOST_TEST(refusals.contains(answer.status), answer.body);
    }
    BOOST_TEST(ground.told("an", ground.path(one))["steps"].size() == 1U);
    BOOST_TEST(ground.offset("an", upload) == 0U);
    BOOST_TEST(ground.opens("chi", {{"parcel", std::stoll(ground.far)}})["assignee"] == "chi");
}

BOOST_AUTO_TEST_SUITE_END()
