#pragma once

#include "data/blob/sha256.hpp"
#include "tests/services/pictures.hpp"
#include "tests/services/visitors.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <map>
#include <memory>
#include <random>
#include <string>

namespace diaban::tests {

inline std::string hash_of(std::string const& bytes) {
    return data::blob::hex(
        data::blob::sha256(std::as_bytes(std::span{bytes.data(), bytes.size()})));
}

inline constexpr char here[] = "18739";
inline constexpr char there[] = "18073";

/// Two communes with an office each, and a parcel of one tenth of a minute in the first.
struct Ground {
    using json = nlohmann::json;

    World world;
    std::string parcel;
    std::string far;
    Registrar people{world.database()};
    std::map<std::string, std::string> fields;
    std::unique_ptr<services::Server> node;
    std::mt19937_64 random{seed()};
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
                role.grants.push_back(within(id, action, {unit}, 1));
        people.role(role);
        people.account(login, {login});
        fields[login] = people.token(login, {"read", "edit"});
    }
    RawAnswer post(std::string const& who, std::string const& path, json const& body) const {
        return request(node->port(), "POST", path, fields.at(who) + as_json, body.dump());
    }
    RawAnswer get(std::string const& who, std::string const& path) const {
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
    RawAnswer moves(std::string const& who, json const& one, json const& body) const {
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
    RawAnswer sends(std::string const& who, json const& upload, std::size_t offset,
                    std::string_view bytes) const {
        return request(node->port(), "PATCH", upload_path(upload), part_fields(who, offset), bytes);
    }
    /// Where an upload stands, as HEAD says it.
    std::size_t offset(std::string const& who, json const& upload) const {
        RawClient client{node->port()};
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

inline nlohmann::json const answers{{"marks", "yes"},
                                    {"use", "no"},
                                    {"building", "yes"},
                                    {"encroachment", "unclear"},
                                    {"present", "no"}};
inline nlohmann::json const inspects{{"move", "inspect"},
                                     {"answers", answers},
                                     {"finding", "Nhà cấp 4"},
                                     {"measured_m2", 182.4},
                                     {"error_m2", 1.5}};

} // namespace diaban::tests
