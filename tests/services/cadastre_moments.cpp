#include "tests/services/land_office.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <thread>

using namespace diaban;
using namespace diaban::tests;

BOOST_AUTO_TEST_SUITE(cadastre_moments)

BOOST_AUTO_TEST_CASE(two_sheets_of_one_number_in_one_new_commune_stay_apart) {
    Office const office;
    auto const& database = office.world.database();
    database.sql(
        "INSERT INTO record.places (code, level, kind, name, full_name, valid_from, geom) VALUES "
        "('18804', 'commune', 'xa', 'Thạch Lạc', 'Xã Thạch Lạc', '2020-01-01T00:00:00+07:00', "
        "ST_MakeEnvelope(105.890, 18.360, 105.925, 18.380, 4326));"
        "INSERT INTO diaban.place_crosswalk (effective, old_code, old_name, new_code, share, note) "
        "VALUES ('2025-07-01', '18801', 'Thạch Hội', '18739', 'whole', ''), ('2025-07-01', "
        "'18804', 'Thạch Lạc', '18739', 'whole', '')");
    auto beside = plain_sheet();
    for (auto& parcel : beside)
        for (auto& p : parcel.ring) p.y += 2200; // the other commune's ground
    auto const text = manifest(office.folder, as_dxf(office.folder, beside));
    std::ostringstream whole;
    whole << std::ifstream{text}.rdbuf();
    auto toml = whole.str();
    toml.replace(toml.find("18801"), 5, "18804");
    std::ofstream{text} << toml;
    data::postgis::Pool pool{data::postgis::for_long_work(database.uri())};
    auto const report = services::domain::take_sheet(
        pool, services::domain::read_manifest(text).at(0), "tester", true);
    BOOST_REQUIRE(report.gate.accepted);
    // Both are sheet 12, parcel 15 of the commune that is now.
    auto const both = office.get("/land/parcels?commune=18739&sheet=12&number=15")["parcels"];
    BOOST_REQUIRE(both.size() == 2U);
    BOOST_TEST(both[0]["commune_code"] != both[1]["commune_code"]);
    BOOST_TEST(both[0]["identifier"] != both[1]["identifier"]);
    for (auto const* const old : {"18801", "18804"}) {
        auto const one =
            office.get(fmt::format("/land/parcels?commune={}&sheet=12&number=15", old))["parcels"];
        BOOST_REQUIRE(one.size() == 1U);
        BOOST_TEST(one[0]["commune_code"] == old);
    }
    // A split of one takes numbers of its own sheet alone.
    auto const fid =
        office.get("/land/parcels?commune=18804&sheet=12&number=12")["parcels"][0]["fid"];
    auto draft = office.split(12);
    draft["parcels"] = {fid};
    auto const split = office.carried(draft);
    BOOST_TEST(split["children"][0]["number"] == 21);
    BOOST_TEST(office.get("/land/parcels?commune=18801&sheet=12&number=12")["parcels"].size() ==
               1U);
}

BOOST_AUTO_TEST_CASE(a_parcel_is_read_searched_and_printed_as_it_was_known_at_an_instant) {
    Office const office;
    auto const& database = office.world.database();
    auto const fid = office.fid(15);
    auto const instant = [&] {
        return database.value("SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', "
                              "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')");
    };
    auto const first = instant();
    database.sql(fmt::format(
        "UPDATE record.parcels SET land_use = 'ODT', legal_area_m2 = 700 WHERE fid = {}", fid));
    auto const second = instant();
    office.carried(office.split(15));
    auto const parcel = [&](std::string const& query) {
        return office.get(fmt::format("/land/parcels/{}{}", fid, query));
    };
    BOOST_TEST(!parcel("")["valid_to"].is_null());
    BOOST_TEST(parcel("?as-of=" + second)["valid_to"].is_null());
    BOOST_TEST(parcel("?as-of=" + second)["land_use"] == "ODT");
    BOOST_TEST(parcel("?as-of=" + first)["land_use"] == "ONT");
    BOOST_TEST(parcel("?as-of=" + first)["legal_area_m2"] == 621.3);
    auto const found = [&](std::string const& query) {
        return office.get("/land/parcels?sheet=12&limit=100&" + query)["parcels"].size();
    };
    BOOST_TEST(found("number=15") == 0U);
    BOOST_TEST(found("number=15&as-of=" + second) == 1U);
    BOOST_TEST(found("use=ODT&as-of=" + second) == 1U);
    BOOST_TEST(found("use=ODT&as-of=" + first) == 0U);
    BOOST_TEST(found("as-of=" + first) == 20U);
    BOOST_TEST(found("datetime=" + second) == 20U); // in force then, as it is known now
    BOOST_TEST(found("datetime=2022-01-01") == 20U);
    BOOST_TEST(found("datetime=2020-01-01") == 0U); // before the sheet was drawn
    BOOST_TEST(found("") == 21U);
    auto const words = [&](std::string const& query) {
        auto const answer = tests::get(office.node->port(),
                                       fmt::format("/land/parcels/{}/extract.pdf{}", fid, query),
                                       office.fields.at("an"));
        BOOST_REQUIRE_MESSAGE(answer.status == 200, answer.body);
        auto const pdf = office.folder / "extract.pdf";
        std::ofstream{pdf, std::ios::binary} << answer.body;
        return printed("pdftotext -layout '" + pdf.string() + "' -");
    };
    BOOST_TEST(words("?as-of=" + first).find("Loại đất: ONT") != std::string::npos);
    BOOST_TEST(words("?as-of=" + first).find("621.3 m²") != std::string::npos);
    BOOST_TEST(words("?as-of=" + second).find("700.0 m²") != std::string::npos);
    BOOST_TEST(words("").find("không còn hiệu lực") != std::string::npos);
    for (auto const* const bad : {"?as-of=yesterday", "?datetime=../.."})
        BOOST_TEST(tests::get(office.node->port(),
                              fmt::format("/land/parcels/{}/extract.pdf{}", fid, bad),
                              office.fields.at("an"))
                       .status == 400);
}

BOOST_AUTO_TEST_CASE(after_an_edit_over_http_its_faults_are_on_the_map_and_gone_when_it_is_mended) {
    Office const office;
    auto const& database = office.world.database();
    auto const faults = [&] {
        std::multiset<std::string> kinds;
        for (auto const& row : database.sql("SELECT kind || ' ' || parcels FROM "
                                            "record.topology_faults"))
            kinds.insert(row[0]);
        return kinds;
    };
    auto const item = fmt::format("/collections/parcels/items/{}", office.fid(7));
    auto const move = [&](json const& geometry) {
        auto fields = office.fields.at("an");
        fields.replace(fields.find("application/json"), 16, "application/merge-patch+json");
        return request(office.node->port(), "PATCH", item, fields + "If-Match: *\r\n",
                       json{{"geometry", geometry}}.dump());
    };
    auto const whole = office.get(item)["geometry"];
    auto moved = whole;
    auto& ring = whole["type"] == "Polygon" ? moved["coordinates"][0] : moved["coordinates"][0][0];
    ring[2][0] = ring[2][0].get<double>() + 0.7 / 105'800; // 0.7 m to the east, into lot 8
    BOOST_TEST(move(moved).status < 300); // nobody checked yet: nothing is kept of faults
    BOOST_TEST(database.value("SELECT to_regclass('record.topology_faults') IS NULL") == "t");
    BOOST_TEST(move(whole).status < 300);
    auto const check = fmt::format("{} cadastre check --commune 18801 --database '{}' 2>&1",
                                   DIABAN_PROGRAM, database.uri());
    BOOST_TEST(printed(check) ==
               "18801: 20 parcels, 0 faults\n  sheets not there: 1, 2, 3, 4, 5, 6, "
               "7, 8, 9, 10, 11\n");

    auto const& atlas = office.node->atlas();
    auto const end = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    auto const waits = [&](auto const& holds) {
        while (!holds() && std::chrono::steady_clock::now() < end)
            std::this_thread::sleep_for(std::chrono::milliseconds{20});
        return holds();
    };
    BOOST_REQUIRE(waits([&] { return atlas.picture()->find("topology_faults") != nullptr; }));

    auto const broken = move(moved);
    BOOST_TEST_MESSAGE(broken.body);
    BOOST_REQUIRE(broken.status < 300);
    auto const found = faults();
    BOOST_TEST(found.contains("overlap 12/7, 12/8"));
    for (auto const& one : found) BOOST_TEST_MESSAGE(one);
    BOOST_TEST(found.size() >= 2U); // and what the corner left behind
    BOOST_TEST(waits([&] {
        auto const view = atlas.picture()->find("topology_faults");
        return view && view->layer && view->layer->size() == found.size();
    }));
    // As the check of the whole commune finds them.
    printed(check);
    BOOST_TEST((faults() == found));
    BOOST_TEST(move(whole).status < 300);
    BOOST_TEST(faults().empty());
    // A number that two parcels have, and a change by a dossier, which leaves none.
    database.sql(
        fmt::format("UPDATE record.parcels SET parcel_number = 1 WHERE fid = {}", office.fid(20)));
    BOOST_TEST(move(moved).status < 300);
    BOOST_TEST(move(whole).status < 300);
    BOOST_TEST(faults().empty()); // far from the edit: the check of the commune tells it
    printed(check);
    BOOST_TEST(faults().contains("duplicate_number 12/1, 12/1"));
    auto const before = faults().size();
    office.carried(office.split(14));
    BOOST_TEST(faults().size() == before);
}

BOOST_AUTO_TEST_SUITE_END()
