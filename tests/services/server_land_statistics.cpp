// Land statistics of a generated province: what is printed adds up and agrees with sums made apart;
// what is frozen stays; who may not see parcels sees no count of them.

#include "data/gdal/sheet_cells.hpp"
#include "tests/services/visitors.hpp"
#include "tests/services/world.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

using namespace diaban;
using namespace diaban::tests;
using nlohmann::json;

namespace {

using CountedUses = std::map<std::string, std::int64_t>;

/// Hundredths of a hectare, as they are printed.
std::int64_t printed_hundredths(json const& ha) {
    auto const number = ha.get<double>() * 100;
    BOOST_TEST(std::abs(number - std::round(number)) < 1e-6, ha.dump());
    return std::llround(number);
}

std::string code_of(json const& one) {
    return one["code"].is_null() ? "" : one["code"].get<std::string>();
}

std::int64_t sum_of_hectares(json const& list, char const* member = "ha") {
    std::int64_t sum = 0;
    for (auto const& one : list) sum += printed_hundredths(one[member]);
    return sum;
}

CountedUses by_code(json const& list) {
    CountedUses found;
    for (auto const& one : list) found[code_of(one)] = printed_hundredths(one["ha"]);
    return found;
}

/// Two communes of 1,200 parcels, all of other sizes, some named by a commune that was merged, some
/// by none; a person who may edit all of them, one of one commune, readers.
struct CountedProvince {
    CountedProvince() {
        auto const& database = world.database();
        database.sql(
            "INSERT INTO diaban.place_crosswalk (effective, old_code, old_name, new_code, share, "
            "note) VALUES ('2025-07-01', '18742', 'x', '18739', 'whole', '');"
            "INSERT INTO record.parcels (geom, sheet, parcel_number, commune_code, land_use, "
            "scope, "
            "valid_from) SELECT ST_MakeEnvelope(x, y, x + 0.0004 + (i * 37 % 101) * 0.00003, y + "
            "0.0004 + (i * 53 % 97) * 0.00003, 4326), 1, i, (ARRAY['18739', '18073', '18742', "
            "NULL])[1 + i % 4], (ARRAY['LUC', 'CLN', 'ONT', 'DGT', 'BCS', 'RSX', NULL])[1 + i * 3 "
            "% 7], (ARRAY['18739', '18073', '18739', ''])[1 + i % 4], "
            "'2020-01-01T00:00:00+07:00' FROM (SELECT i, 105.21 + (i % 2) * 0.2 + (i % 40) * "
            "0.0045 AS x, 18.21 + (i / 40) * 0.005 AS y FROM generate_series(0, 1199) i) AS r");
        people.role({"public", "", false, false, false, {}});
        people.role(
            {"land",
             "",
             false,
             false,
             false,
             {all_of("parcels", "read"), all_of("parcels", "edit"), all_of("places", "read")}});
        people.role({"village",
                     "",
                     false,
                     false,
                     false,
                     {within("parcels", "read", {"18739"}), within("parcels", "edit", {"18739"}),
                      all_of("places", "read")}});
        people.role({"reader", "", false, false, false, {all_of("parcels", "read")}});
        people.role(
            {"masked", "", false, false, false, {all_of("parcels", "read", 0, {"land_use"})}});
        for (auto const* const login : {"land", "village", "reader", "masked"}) {
            people.account(login, {login});
            fields[login] = people.token(login, {"read", "edit"});
        }
        fields["nobody"] = "";
        node = world.start_server("none");
    }
    RawAnswer freezes(std::string const& who, json const& body) const {
        return request(node->port(), "POST", "/land/statistics", fields.at(who) + as_json,
                       body.dump());
    }
    json frozen(json const& body) const {
        auto const answer = freezes("land", body);
        BOOST_TEST_REQUIRE(answer.status == 201, answer.body);
        return json::parse(answer.body);
    }
    RawAnswer get(std::string const& path, std::string const& who = "land") const {
        return tests::get(node->port(), "/land/statistics" + path, fields.at(who));
    }
    json told(std::string const& path, std::string const& who = "land") const {
        auto const answer = get(path, who);
        BOOST_TEST_REQUIRE(answer.status == 200, path + ": " + answer.body);
        return json::parse(answer.body);
    }
    static std::string at(json const& one) { return "/" + one["id"].dump(); }
    std::string instant() const {
        return world.database().value("SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', "
                                      "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')");
    }

    mutable World world;
    Registrar people{world.database()};
    std::map<std::string, std::string> fields;
    std::unique_ptr<services::Server> node;
};

} // namespace

BOOST_AUTO_TEST_SUITE(land_statistics)

BOOST_AUTO_TEST_CASE(what_is_printed_adds_up_to_the_hundredth_and_agrees_with_a_sum_made_apart) {
    CountedProvince const province;
    auto const made = province.frozen({{"taken_on", "2025-12-31"}});
    BOOST_TEST(made["version"] == 1);
    BOOST_TEST(made["author"] == "land");
    auto const table = province.told(province.at(made));
    BOOST_TEST(table["parcels"] == 1200);
    BOOST_TEST(table["without_area"] == 0);
    BOOST_TEST(table["user_class"] == "not recorded");
    BOOST_TEST(table["synthetic"].is_boolean());
    BOOST_TEST(table["partial"] == false);

    auto const total = printed_hundredths(table["total_ha"]);
    BOOST_TEST(sum_of_hectares(table["uses"]) == total);
    BOOST_TEST(sum_of_hectares(table["groups"]) == total);
    BOOST_TEST(sum_of_hectares(table["communes"]) == total);
    BOOST_TEST_REQUIRE(table["communes"].size() == 2U);
    CountedUses by_use;
    std::map<std::pair<std::string, std::string>, std::int64_t> cells;
    for (auto const& commune : table["communes"]) {
        BOOST_TEST(sum_of_hectares(commune["uses"]) == printed_hundredths(commune["ha"]));
        BOOST_TEST(commune["name"].is_string());
        for (auto const& [use, ha] : by_code(commune["uses"])) {
            by_use[use] += ha;
            cells[{code_of(commune), use}] = ha;
        }
        // Of one commune by itself it says the same.
        auto const alone = province.told(province.at(made) + "?commune=" + code_of(commune));
        BOOST_TEST(alone["total_ha"] == commune["ha"]);
        BOOST_TEST(by_code(alone["uses"]) == by_code(commune["uses"]));
    }
    BOOST_TEST((by_use == by_code(table["uses"])));

    // Apart: areas in an equal-area plane, communes by hand.
    std::map<std::string, double> lines;
    double whole = 0;
    std::size_t compared = 0;
    for (auto const& row : province.world.database().sql(
             "SELECT CASE WHEN ST_X(ST_Centroid(geom)) < 105.405 THEN '18739' ELSE '18073' END, "
             "coalesce(land_use, ''), sum(ST_Area(ST_Transform(geom, 6933))) / 100 FROM "
             "record.parcels GROUP BY 1, 2")) {
        double const hundredths = std::stod(row[2]);
        BOOST_TEST(std::abs(double(cells.at({row[0], row[1]})) - hundredths) < 1.01,
                   row[0] << " " << row[1]);
        lines[row[0]] += hundredths;
        lines[row[1]] += hundredths;
        whole += hundredths;
        ++compared;
    }
    BOOST_TEST(compared == cells.size());
    for (auto const& list : {table["uses"], table["communes"]})
        for (auto const& [code, ha] : by_code(list))
            BOOST_TEST(std::abs(double(ha) - lines.at(code)) < 1.01, code);
    BOOST_TEST(std::abs(double(total) - whole) < 1.01);
    BOOST_TEST(table["rounding"]["greatest_difference_ha"].get<double>() < 0.01);
    BOOST_TEST(std::abs(table["area_m2"].get<double>() / 100 - whole) < 0.01);
}

BOOST_AUTO_TEST_CASE(what_becomes_of_parcels_later_changes_nothing_that_is_frozen) {
    CountedProvince const province;
    auto const& database = province.world.database();
    auto const path = province.at(province.frozen({{"taken_on", "2025-12-31"}}));
    auto const before = province.get(path).body;
    database.sql("UPDATE record.parcels SET land_use = 'ODT', scope = '18073' WHERE parcel_number "
                 "% 3 = 0;"
                 "DELETE FROM record.parcels WHERE parcel_number % 5 = 1;"
                 "UPDATE record.parcels SET valid_to = '2025-06-01' WHERE parcel_number % 7 = 2");
    BOOST_TEST(province.get(path).body == before);
    // Nor does anybody change it, by whatever way.
    for (auto const* const statement :
         {"UPDATE land.statistics_rows SET area_m2 = 1", "DELETE FROM land.statistics_rows",
          "TRUNCATE land.statistics_rows", "UPDATE land.statistics SET author = 'x'",
          "DELETE FROM land.statistics", "TRUNCATE land.statistics CASCADE"})
        BOOST_CHECK_THROW(database.sql(statement), std::exception);
    BOOST_TEST(province.get(path).body == before);
    BOOST_CHECK_THROW(
        database.sql("SELECT land.freeze_statistics('2025-12-31', 'annual', false, NULL, 'x')"),
        std::exception);
    BOOST_CHECK_THROW(
        database.sql("BEGIN; SET LOCAL ROLE diaban_edit; INSERT INTO land.statistics_rows "
                     "(statistics, parcel, commune, land_use, scope, sensitivity) VALUES (1, 1, "
                     "'', '', '', 0); COMMIT"),
        std::exception);
}

BOOST_AUTO_TEST_CASE(a_day_is_frozen_once_unless_a_further_version_is_asked_for) {
    CountedProvince const province;
    json const day{{"taken_on", "2025-12-31"}};
    auto const first = province.frozen(day);
    auto const again = province.freezes("land", day);
    BOOST_TEST(again.status == 409, again.body);
    BOOST_TEST(again.body.find("statistics-frozen") != std::string::npos, again.body);
    auto const second = province.frozen({{"taken_on", "2025-12-31"}, {"again", true}});
    BOOST_TEST(second["version"] == 2);
    auto const inventory = province.frozen({{"taken_on", "2025-12-31"}, {"kind", "inventory"}});
    BOOST_TEST(inventory["version"] == 1);
    BOOST_TEST(inventory["previous"].is_null());
    auto const list = province.told("")["statistics"];
    BOOST_TEST_REQUIRE(list.size() == 3U);
    BOOST_TEST(list[0]["id"] == second["id"]);
    BOOST_TEST(list[1]["id"] == first["id"]);
    BOOST_TEST(province.world.database().value("SELECT count(*) FROM diaban.audit WHERE who = "
                                               "'land' AND action = 'land-statistics'") == "3");

    for (json const& bad :
         {json{{"taken_on", "2025-06-30"}}, json{{"taken_on", "2999-12-31"}},
          json{{"taken_on", "x"}}, json{{"kind", "annual"}},
          json{{"taken_on", "2024-12-31"}, {"kind", "x"}},
          json{{"taken_on", "2024-12-31"}, {"again", "yes"}},
          json{{"taken_on", "2024-12-31"}, {"as_of", "2999-01-01T00:00:00Z"}}, json::array()})
        BOOST_TEST(province.freezes("land", bad).status == 400, bad.dump());
    auto const empty = province.freezes("land", {{"taken_on", "1999-12-31"}});
    BOOST_TEST(empty.status == 409);
    BOOST_TEST(empty.body.find("statistics-empty") != std::string::npos, empty.body);
    BOOST_TEST(province.told("")["statistics"].size() == 3U);
    BOOST_TEST(province.get("/99").status == 404);
    BOOST_TEST(province.get(province.at(first) + "?commune=99999").status == 400);
}

BOOST_AUTO_TEST_CASE(rows_of_the_matrix_add_up_to_what_was_before_and_columns_to_what_is_after) {
    CountedProvince const province;
    auto const& database = province.world.database();
    auto const earlier = province.instant();
    auto const first = province.frozen({{"taken_on", "2024-12-31"}});
    auto const table_before = province.told(province.at(first));
    BOOST_TEST(province.told(province.at(first) + "/changes")["since"].is_null());
    database.sql(
        "UPDATE record.parcels SET land_use = 'ONT' WHERE land_use = 'LUC' AND parcel_number % 2 "
        "= 0;"
        "UPDATE record.parcels SET valid_to = '2025-06-01T00:00:00+07:00' WHERE land_use = 'BCS' "
        "AND parcel_number % 3 = 0;"
        "UPDATE record.parcels SET geom = ST_Expand(geom, 0.0002) WHERE land_use = 'CLN';"
        "INSERT INTO record.parcels (geom, sheet, parcel_number, commune_code, land_use, scope, "
        "valid_from) VALUES (ST_MakeEnvelope(105.3, 18.38, 105.31, 18.39, 4326), 2, 1, '18739', "
        "'ODT', '18739', '2025-12-31T23:59:59+07:00'), (ST_MakeEnvelope(105.3, 18.38, 105.31, "
        "18.39, 4326), 2, 2, '18739', 'TMD', '18739', '2026-01-01T00:00:00+07:00')");
    auto const second = province.frozen({{"taken_on", "2025-12-31"}});
    BOOST_TEST(second["previous"] == first["id"]);
    auto const table_after = province.told(province.at(second));
    BOOST_TEST(!by_code(table_after["uses"]).contains("TMD")); // from the next day on
    BOOST_TEST(by_code(table_after["uses"]).contains("ODT"));

    auto const changes = province.told(province.at(second) + "/changes");
    BOOST_TEST(changes["since"] == "2024-12-31");
    CountedUses after;
    std::int64_t gone = 0;
    std::int64_t all_before = 0;
    for (auto const& row : changes["before"]) {
        BOOST_TEST(sum_of_hectares(row["after"]) + printed_hundredths(row["gone_ha"]) ==
                   printed_hundredths(row["ha"]));
        for (auto const& [use, ha] : by_code(row["after"])) after[use] += ha;
        gone += printed_hundredths(row["gone_ha"]);
        if (row["new"] == true) {
            BOOST_TEST(printed_hundredths(row["gone_ha"]) == 0);
            continue;
        }
        all_before += printed_hundredths(row["ha"]);
        auto const was = by_code(table_before["uses"]);
        auto const found = was.find(code_of(row));
        auto const hundredths = found == was.end() ? 0 : found->second;
        BOOST_TEST(std::abs(printed_hundredths(row["ha"]) - hundredths) <= 1, row.dump());
    }
    auto const is = by_code(table_after["uses"]);
    for (auto const& [use, ha] : by_code(changes["after"])) {
        BOOST_TEST(after[use] == ha, use);
        auto const found = is.find(use);
        BOOST_TEST(std::abs(ha - (found == is.end() ? 0 : found->second)) <= 1, use);
    }
    BOOST_TEST(std::abs(all_before - printed_hundredths(table_before["total_ha"])) <=
               std::int64_t(changes["before"].size()));
    // One cell, and what is gone, apart.
    auto const apart = [&](char const* statement) {
        return std::stod(database.value(statement)) / 100;
    };
    for (auto const& row : changes["before"])
        if (code_of(row) == "LUC") {
            auto const cell = double(by_code(row["after"]).at("ONT"));
            auto const area =
                apart("SELECT sum(ST_Area(ST_Transform(geom, 6933))) FROM record.parcels p WHERE "
                      "land_use = 'ONT' AND EXISTS (SELECT FROM record.parcels_history h WHERE "
                      "h.fid = p.fid AND h.land_use = 'LUC')");
            BOOST_TEST(std::abs(cell - area) < 1.01);
        }
    BOOST_TEST(std::abs(double(gone) -
                        apart("SELECT sum(ST_Area(ST_Transform(geom, 6933))) FROM record.parcels "
                              "WHERE valid_to = '2025-06-01T00:00:00+07:00'")) < 1.01);

    // Once more of the first day: as it is known now, and as it was known before all that.
    auto const known_now = province.frozen({{"taken_on", "2024-12-31"}, {"again", true}});
    BOOST_TEST(province.told(province.at(known_now))["uses"] != table_before["uses"]);
    auto const known_then =
        province.frozen({{"taken_on", "2024-12-31"}, {"again", true}, {"as_of", earlier}});
    BOOST_TEST(province.told(province.at(known_then))["uses"] == table_before["uses"]);
    BOOST_TEST(province.told(province.at(known_then))["communes"] == table_before["communes"]);
}

BOOST_AUTO_TEST_CASE(who_may_not_see_parcels_sees_no_count_of_them_and_freezes_nothing) {
    CountedProvince const province;
    auto const made = province.frozen({{"taken_on", "2025-12-31"}});
    auto const path = province.at(made);
    auto const part = province.told(path, "village");
    BOOST_TEST(part["partial"] == true);
    BOOST_TEST(part["parcels"] == 600);
    BOOST_TEST_REQUIRE(part["communes"].size() == 1U);
    BOOST_TEST(part["communes"][0]["code"] == "18739");
    BOOST_TEST(part["total_ha"] == part["communes"][0]["ha"]);
    BOOST_TEST(province.get(path + "?commune=18073", "village").status == 400);
    for (auto const* const more : {"", "/changes", "/form.xlsx"}) {
        BOOST_TEST(province.get(path + more, "masked").status == 404, more);
        BOOST_TEST(province.get(path + more, "nobody").status == 404, more);
    }
    BOOST_TEST(province.told("", "masked")["statistics"].empty());
    BOOST_TEST(province.get("", "nobody").status == 404);

    json const day{{"taken_on", "2024-12-31"}};
    auto const refused = province.freezes("village", day);
    BOOST_TEST(refused.status == 403, refused.body);
    BOOST_TEST(refused.body.find("statistics-scope") != std::string::npos, refused.body);
    for (auto const* const who : {"reader", "nobody"}) {
        auto const status = province.freezes(who, day).status;
        BOOST_TEST((status == 401 || status == 403 || status == 404), who << " " << status);
    }
    BOOST_TEST(province.told("")["statistics"].size() == 1U);
}

BOOST_AUTO_TEST_CASE(the_form_says_what_it_is_of_and_its_numbers_are_those_of_the_table) {
    CountedProvince const province;
    static_cast<void>(province.frozen({{"taken_on", "2024-12-31"}}));
    auto const path = province.at(province.frozen({{"taken_on", "2025-12-31"}}));
    auto const table = province.told(path);
    auto const answer = province.get(path + "/form.xlsx");
    BOOST_TEST_REQUIRE(answer.status == 200);
    BOOST_TEST(answer.field("content-disposition").find("2025-12-31-v1.xlsx") != std::string::npos);
    auto const cells = data::gdal::read_sheet(answer.body);
    std::string heads;
    for (std::size_t i = 0; i < 6; ++i)
        for (auto const& cell : cells.at(i)) heads += cell + "\n";
    for (auto const* const said :
         {"THỐNG KÊ ĐẤT ĐAI", "2025-12-31", "ha", "chưa rõ", "từ 2026", "Cẩm Duệ", "Thành Sen"})
        BOOST_TEST(heads.find(said) != std::string::npos, said << " in " << heads);
    std::map<std::string, std::int64_t> printed;
    std::size_t row = 6;
    for (; row < cells.size() && !(cells[row].size() < 2 || cells[row][1].empty()); ++row) {
        auto const number = [&](std::size_t column) {
            return std::llround(std::stod(cells[row].at(column)) * 100);
        };
        BOOST_TEST(number(2) == number(4) + number(5), cells[row][1]);
        BOOST_TEST(number(2) == number(3), cells[row][1]);
        if (!cells[row][0].empty()) printed[cells[row][0]] = number(2);
        if (row == 6) BOOST_TEST(number(2) == printed_hundredths(table["total_ha"]));
    }
    auto uses = by_code(table["uses"]);
    uses.erase("");
    BOOST_TEST((printed == uses));
    BOOST_TEST_REQUIRE(row + 2 < cells.size());
    BOOST_TEST(cells[row + 1][1].find("2024-12-31") != std::string::npos);
    auto const alone =
        data::gdal::read_sheet(province.get(path + "/form.xlsx?commune=18739&lang=en").body);
    BOOST_TEST(alone.at(0).at(1) == "LAND STATISTICS");
    BOOST_TEST(std::llround(std::stod(alone.at(6).at(2)) * 100) ==
               printed_hundredths(province.told(path + "?commune=18739")["total_ha"]));
}

BOOST_AUTO_TEST_SUITE_END()
