// Photos of inspections over HTTP: whole and once however often they are cut, with their distance
// to the parcel.

#include "data/postgis/inspection_store.hpp"
#include "geo/geometry.hpp"
#include "geo/ops/geodesic.hpp"
#include "tests/services/inspection_ground.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

using namespace diaban;
using nlohmann::json;
using tests::Ground;
using tests::hash_of;
using tests::picture;
using tests::placed;

BOOST_AUTO_TEST_SUITE(inspections)

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

BOOST_AUTO_TEST_SUITE_END()
