#pragma once

#include "services/domain/sheet_intake.hpp"
#include "tests/services/cadastre_files.hpp"
#include "tests/services/visitors.hpp"
#include "tests/services/world.hpp"
#include "tests/support/mvt_reader.hpp"
#include "tests/support/printed.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace diaban::tests {

using nlohmann::json;

inline std::filesystem::path make_folder() {
    auto pattern = (std::filesystem::temp_directory_path() / "diaban-land-XXXXXX").string();
    BOOST_REQUIRE(mkdtemp(pattern.data()) != nullptr);
    return pattern;
}

/// A register of one sheet, and three people who may change it.
struct Office {
    Office() {
        make_commune(world.database());
        data::postgis::Pool pool{data::postgis::for_long_work(world.database().uri())};
        auto const file = as_geopackage(folder, plain_sheet());
        auto const report = services::domain::take_sheet(
            pool, services::domain::read_manifest(manifest(folder, file)).at(0), "tester", true);
        BOOST_REQUIRE(report.gate.accepted);
        people.role({"officer",
                     "",
                     false,
                     false,
                     false,
                     {all_of("parcels", "read"), all_of("parcels", "edit"),
                      all_of("places", "read"), all_of("parcels", "personal")}});
        for (auto const* const login : {"an", "binh", "chi"}) {
            people.account(login, {"officer"});
            fields[login] = people.token(login, {"read", "edit", "personal"}) + as_json;
        }
        node = world.start_server("none");
    }

    ~Office() { std::filesystem::remove_all(folder); }

    RawAnswer post(std::string const& who, std::string const& target, json const& body = {}) const {
        return request(node->port(), "POST", target, fields.at(who),
                       body.is_null() ? "{}" : body.dump());
    }
    json get(std::string const& target, std::string const& who = "an") const {
        auto const answer = tests::get(node->port(), target, fields.at(who));
        BOOST_REQUIRE_MESSAGE(answer.status == 200, target << ": " << answer.body);
        return json::parse(answer.body);
    }
    std::int64_t fid(int number) const {
        return std::stoll(world.database().value(fmt::format(
            "SELECT fid FROM record.parcels WHERE sheet = 12 AND parcel_number = {}", number)));
    }
    json split(int number, double area = 400.0) const {
        return {{"kind", "split"}, {"parcels", {fid(number)}}, {"area_m2", area},
                {"azimuth", 0},    {"document", "QĐ 12"},      {"issued_on", "2026-11-20"}};
    }
    /// The rule that a draft breaks; empty: none.
    std::string refusal(json const& draft, std::string const& who = "an") const {
        auto const answer = post(who, "/land/dossiers", draft);
        if (answer.status == 201) return "";
        BOOST_TEST(answer.status == 409, answer.body);
        auto const type = json::parse(answer.body)["type"].get<std::string>();
        return type.substr(type.find_last_of(":/") + 1);
    }
    /// Drafted, checked and approved; the dossier.
    json carried(json const& draft) const {
        auto const drafted = post("an", "/land/dossiers", draft);
        BOOST_REQUIRE_MESSAGE(drafted.status == 201, drafted.body);
        auto const at = fmt::format("/land/dossiers/{}", json::parse(drafted.body)["id"].dump());
        BOOST_TEST(post("binh", at + "/check").status == 200);
        auto const approved = post("chi", at + "/approve");
        BOOST_REQUIRE_MESSAGE(approved.status == 200, approved.body);
        return json::parse(approved.body);
    }
    /// Parcels that the tile at z19 in the middle of a box shows.
    std::set<std::int64_t> drawn(json const& box, std::string const& query = "") const {
        follow();
        double const n = std::exp2(19);
        double const latitude = (box[1].get<double>() + box[3].get<double>()) / 2 * M_PI / 180;
        double const longitude = (box[0].get<double>() + box[2].get<double>()) / 2;
        auto const tile = tests::get(
            node->port(),
            fmt::format("/tiles/parcels/19/{}/{}.mvt{}", unsigned((longitude + 180) / 360 * n),
                        unsigned((1 - std::asinh(std::tan(latitude)) / M_PI) / 2 * n), query),
            fields.at("an"));
        BOOST_REQUIRE_MESSAGE(tile.status == 200, tile.body);
        std::set<std::int64_t> fids;
        for (auto const& layer : read_tile(tile.body))
            if (layer.name == "parcels")
                for (auto const& feature : layer.features)
                    fids.insert(static_cast<std::int64_t>(feature.id));
        return fids;
    }
    void follow() const {
        node->atlas().await_change("parcels",
                                   std::stoll(world.database().value("SELECT diaban.feed_head()")),
                                   std::chrono::steady_clock::now() + std::chrono::seconds{20});
    }
    void restrict(int number, std::string const& kind) const {
        world.database().sql(fmt::format(
            "INSERT INTO land.restriction (fid, kind) VALUES ({}, '{}')", fid(number), kind));
    }

    std::filesystem::path folder = make_folder();
    mutable World world;
    Registrar people{world.database()};
    std::map<std::string, std::string> fields;
    std::unique_ptr<services::Server> node;
};

} // namespace diaban::tests
