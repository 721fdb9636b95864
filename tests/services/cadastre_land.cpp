#include "data/postgis/sheet_aliases.hpp"
#include "tests/services/land_office.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <regex>
#include <set>

using namespace diaban;
using namespace diaban::tests;

BOOST_AUTO_TEST_SUITE(cadastre_land)

BOOST_AUTO_TEST_CASE(parcels_are_found_by_all_that_people_know_of_them) {
    Office const office;
    office.world.database().sql(fmt::format(
        "INSERT INTO land.use_right (fid, certificate) VALUES ({}, 'BD 112233')", office.fid(7)));
    auto const numbers = [&](std::string const& query) {
        std::vector<int> found;
        auto const answer = office.get("/land/parcels?" + query);
        for (auto const& one : answer["parcels"]) found.push_back(one["number"]);
        return found;
    };
    std::vector<int> const seventh{7};
    BOOST_TEST(numbers("sheet=12&number=7&commune=18801") == seventh);
    BOOST_TEST(numbers("q=t%E1%BB%9D%2012%20th%E1%BB%ADa%207%20th%E1%BA%A1ch%20h%E1%BB%99i") ==
               seventh); // tờ 12 thửa 7 thạch hội
    BOOST_TEST(numbers("q=to%2012%20thua%207%20thach%20hoi") == seventh);
    BOOST_TEST(numbers("q=to%2012%20thua%207%20nowhere").empty());
    BOOST_TEST(numbers("certificate=BD%20112233") == seventh);
    auto const parcel = office.get("/land/parcels?sheet=12&number=7")["parcels"][0];
    BOOST_TEST(numbers("identifier=" + parcel["identifier"].get<std::string>()) == seventh);
    BOOST_TEST(parcel["legal_area_m2"] == 621.3);
    BOOST_TEST(std::abs(parcel["projected_area_m2"].get<double>() - 621.3) < 1e-6);
    BOOST_TEST(parcel["ellipsoidal_area_m2"] == 621.4);
    BOOST_TEST(numbers("use=DGT&limit=100").size() == 5U);
    BOOST_TEST(numbers("use=ONT&area-from=600&area-to=700&limit=100").size() == 15U);
    BOOST_TEST(numbers("use=ONT&area-from=700").empty());
    auto const box = parcel["bbox"];
    BOOST_TEST(
        numbers(fmt::format("lon={}&lat={}", (box[0].get<double>() + box[2].get<double>()) / 2,
                            (box[1].get<double>() + box[3].get<double>()) / 2)) == seventh);
    BOOST_TEST(numbers("holder=Nguy%E1%BB%85n%20%C4%90%E1%BB%A9c%20Th%C6%B0%E1%BB%9Fng&limit=100")
                   .size() == 12U);
    office.world.database().sql(fmt::format(
        "UPDATE land.parcel SET address = 'Số 12 đường Nguyễn Du, thôn Đông Hà', address_folded = "
        "'so 12 duong nguyen du, thon dong ha' WHERE fid = {}",
        office.fid(7)));
    BOOST_TEST(numbers("address=12%20Nguy%E1%BB%85n%20Du") == seventh);
    BOOST_TEST(numbers("address=nguyen%20du%2012%20dong%20ha") == seventh);
    BOOST_TEST(numbers("address=13%20nguyen%20du").empty());
    BOOST_TEST(tests::get(office.node->port(), "/land/parcels?holder=x").status == 401);
}

BOOST_AUTO_TEST_CASE(a_split_of_621_3_gives_400_0_and_221_3_and_is_merged_back) {
    Office const office;
    auto const parent = office.fid(12); // borders the road
    auto const dossier = office.carried(office.split(12));
    BOOST_TEST(dossier["state"] == "approved");
    auto const file = office.get(fmt::format("/land/parcels/{}", parent));
    BOOST_TEST(!file["valid_to"].is_null());
    BOOST_REQUIRE(file["children"].size() == 2);
    std::vector<double> legal;
    std::vector<std::int64_t> children;
    for (auto const& step : file["children"]) {
        BOOST_TEST(step["kind"] == "TN");
        BOOST_TEST(step["document"] == "QĐ 12");
        children.push_back(step["fid"]);
        auto const child = office.get(fmt::format("/land/parcels/{}", children.back()));
        legal.push_back(child["legal_area_m2"]);
        BOOST_TEST(child["parents"][0]["fid"] == parent);
        BOOST_TEST(std::abs(child["projected_area_m2"].get<double>() - legal.back()) < 1e-6);
        BOOST_TEST(child["number"] > 20);
        BOOST_TEST(child["identifier"].get<std::string>().size() == 12U);
    }
    BOOST_TEST((legal == std::vector{400.0, 221.3}));
    auto const& database = office.world.database();
    BOOST_TEST(database.value(fmt::format(
                   "SELECT ST_Area(ST_SymDifference(p.source_geom, (SELECT ST_Union(c.source_geom) "
                   "FROM record.parcels c WHERE fid IN ({}, {})))) < 1e-6 FROM record.parcels p "
                   "WHERE fid = {}",
                   children[0], children[1], parent)) == "t");

    // What is in force now, what was on the day before, and under its number that never returns.
    BOOST_TEST(office.get("/land/parcels?sheet=12&number=12")["parcels"].empty());
    auto const before = office.get("/land/parcels?sheet=12&number=12&on=2022-01-01")["parcels"];
    BOOST_REQUIRE(before.size() == 1);
    BOOST_TEST(before[0]["fid"] == parent);
    BOOST_TEST(office.get("/land/parcels?sheet=12&on=2022-01-01&limit=100")["parcels"].size() ==
               20U);

    // The map of now has the children, that of the day before the parent; the same of lists.
    auto const place = office.get(fmt::format("/land/parcels/{}", parent))["bbox"];
    auto const now = office.drawn(place);
    BOOST_TEST((now.contains(children[0]) && now.contains(children[1])));
    BOOST_TEST(!now.contains(parent));
    BOOST_TEST(office.drawn(place, "?datetime=2022-01-01T00:00:00Z").contains(parent));
    BOOST_TEST(!office.drawn(place, "?datetime=2022-01-01T00:00:00Z").contains(children[0]));
    BOOST_TEST(office.get("/collections/parcels/items?limit=1")["numberMatched"] == 21);
    BOOST_TEST(office.get("/collections/parcels/count")["count"] == 21);
    BOOST_TEST(
        office.get("/collections/parcels/items?limit=1&datetime=2022-01-01")["numberMatched"] ==
        20);

    auto const merged = office.carried({{"kind", "merge"},
                                        {"parcels", children},
                                        {"document", "QĐ 13"},
                                        {"issued_on", "2026-11-21"}});
    BOOST_TEST(merged["children"][0]["legal_area_m2"] == 621.3);
    auto const again = office.get(fmt::format("/land/parcels/{}", children[0]))["children"];
    BOOST_REQUIRE(again.size() == 1);
    BOOST_TEST(again[0]["number"] == 23);
    BOOST_TEST(database.value("SELECT string_agg(number::text, ',' ORDER BY number) FROM "
                              "land.retired_number") == "12,21,22");
}

BOOST_AUTO_TEST_CASE(a_change_is_undone_by_a_correcting_change_and_stays_in_the_lineage) {
    Office const office;
    auto const parent = office.fid(13);
    auto const change = office.carried(office.split(13))["change"];
    auto const undone = office.carried(
        {{"kind", "undo"}, {"undoes", change}, {"document", "QĐ 14"}, {"issued_on", "2026-11-22"}});
    BOOST_TEST(undone["state"] == "approved");
    auto const file = office.get(fmt::format("/land/parcels/{}", parent));
    BOOST_TEST(file["valid_to"].is_null());
    BOOST_TEST(file["children"].size() == 2U);
    BOOST_TEST(file["children"][0]["undone_by"] == undone["change"]);
    BOOST_TEST(office.get("/land/parcels?sheet=12&number=13")["parcels"].size() == 1U);
    BOOST_TEST(office.get("/land/parcels?sheet=12&limit=100")["parcels"].size() == 20U);
}

BOOST_AUTO_TEST_CASE(twenty_rules_refuse_what_they_must_and_each_is_named) {
    Office const office;
    std::set<std::string> seen;
    auto const refused = [&](std::string const& rule, std::string const& got) {
        BOOST_TEST(got == rule);
        seen.insert(got);
    };
    int number = 11;
    for (auto const& [kind, rule] : {std::pair{"mortgage", "parcel-mortgaged"},
                                     {"seizure", "parcel-seized"},
                                     {"dispute", "parcel-disputed"},
                                     {"recovery", "parcel-under-recovery"}}) {
        office.restrict(number, kind);
        refused(rule, office.refusal(office.split(number++)));
    }
    refused("child-without-access", office.refusal(office.split(7)));
    refused("child-too-small", office.refusal(office.split(15, 590)));
    auto wrong = office.split(15);
    wrong["legal_areas"] = {400.0, 230.0};
    refused("areas-do-not-add-up", office.refusal(wrong));
    auto taken = office.split(15);
    taken["numbers"] = {3, 40};
    refused("number-taken", office.refusal(taken));
    auto beside = office.split(15);
    beside.erase("area_m2");
    beside["cut"] = {{0, 0}, {1, 1}};
    refused("cut-misses", office.refusal(beside));
    json merge{{"kind", "merge"},
               {"parcels", {office.fid(1), office.fid(3)}},
               {"document", "QĐ 15"},
               {"issued_on", "2026-11-20"}};
    refused("parcels-apart", office.refusal(merge));
    office.world.database().sql(
        fmt::format("DELETE FROM land.restriction WHERE fid = {}", office.fid(11)));
    merge["parcels"] = {office.fid(11), office.fid(16)};
    refused("uses-differ", office.refusal(merge));
    office.world.database().sql(
        "INSERT INTO record.parcels (geom, sheet, parcel_number, land_use) VALUES "
        "(ST_MakeEnvelope(105.9, 18.35, 105.901, 18.351, 4326), 99, 1, 'ONT')");
    merge["parcels"] = {std::stoll(
        office.world.database().value("SELECT fid FROM record.parcels WHERE sheet = 99"))};
    refused("parcel-without-sheet", office.refusal(merge));

    // The steps themselves.
    auto const drafted = office.post("an", "/land/dossiers", office.split(15));
    BOOST_REQUIRE(drafted.status == 201);
    auto const at = fmt::format("/land/dossiers/{}", json::parse(drafted.body)["id"].dump());
    auto const step = [&](std::string const& who, std::string const& what) {
        auto const answer = office.post(who, at + what);
        auto const type = json::parse(answer.body).value("type", "");
        return answer.status == 200 ? "" : type.substr(type.find_last_of(":/") + 1);
    };
    refused("parcel-in-dossier", office.refusal(office.split(15)));
    refused("dossier-state", step("chi", "/approve"));
    refused("same-person", step("an", "/check"));
    BOOST_TEST(step("binh", "/check") == "");
    refused("same-person", step("binh", "/approve"));
    refused("same-person", step("an", "/approve"));
    office.world.database().sql(fmt::format(
        "UPDATE record.parcels SET planned_use = 'ODT' WHERE fid = {}", office.fid(15)));
    refused("parcel-changed", step("chi", "/approve"));
    BOOST_TEST(office.post("chi", at + "/return", {{"reason", "vẽ lại"}}).status == 200);
    auto const split = office.carried(office.split(15));
    auto gone = office.split(15);
    gone["numbers"] = {15, 50}; // the number that was given up
    refused("parcel-not-current", office.refusal(gone));
    auto const child = office.get("/land/parcels?sheet=12&number=21")["parcels"][0]["fid"];
    auto again = office.split(15, 200);
    again["parcels"] = {child};
    auto retired = again;
    retired["numbers"] = {15, 50};
    refused("number-taken", office.refusal(retired));
    office.carried(again);
    refused("change-not-last", office.refusal({{"kind", "undo"},
                                               {"undoes", split["change"]},
                                               {"document", "QĐ 16"},
                                               {"issued_on", "2026-11-20"}}));
    BOOST_TEST(seen.size() >= 12U);
    BOOST_TEST(tests::get(office.node->port(), at).status != 500);
}

BOOST_AUTO_TEST_CASE(an_extract_says_what_the_geometry_says_and_its_code_verifies_it) {
    Office const office;
    auto const answer =
        tests::get(office.node->port(), fmt::format("/land/parcels/{}/extract.pdf", office.fid(12)),
                   office.fields.at("an"));
    BOOST_REQUIRE_MESSAGE(answer.status == 200, answer.body);
    BOOST_TEST(answer.field("content-type") == "application/pdf");
    BOOST_TEST(answer.body.starts_with("%PDF"));
    BOOST_TEST(answer.body.find("/Subtype /Image") == std::string::npos); // vectors alone
    auto const pdf = office.folder / "extract.pdf";
    std::ofstream{pdf, std::ios::binary} << answer.body;
    auto const text = printed("pdftotext -layout '" + pdf.string() + "' -");
    for (auto const* const words :
         {"TRÍCH LỤC BẢN ĐỒ ĐỊA CHÍNH", "Thửa đất số: 12", "Tờ bản đồ số: 12", "18801",
          "Diện tích pháp lý: 621.3 m²", "Diện tích trên mặt phẳng chiếu: 621.3 m²",
          "Diện tích trên ellipsoid: 621.4 m²", "VN-2000, EPSG:9209", "12 ONT", "17 DGT", "7 ONT"})
        BOOST_TEST(text.find(words) != std::string::npos, words);
    auto const sheet = plain_sheet();
    auto const& ring = sheet[11].ring;
    for (std::size_t i = 0; i + 1 < ring.size(); ++i) {
        auto const edge = std::hypot(ring[i + 1].x - ring[i].x, ring[i + 1].y - ring[i].y);
        std::regex const row{
            fmt::format(R"({}\s+{:.3f}\s+{:.3f}\s+{:.2f})", i + 1, ring[i].y, ring[i].x, edge)};
        BOOST_TEST(std::regex_search(text, row), "corner " << i + 1);
    }
    std::smatch code;
    BOOST_REQUIRE(std::regex_search(text, code, std::regex{R"(/land/extracts/([0-9A-Z-]{19}))"}));
    auto const target = "/land/extracts/" + code[1].str();
    auto const check = json::parse(tests::get(office.node->port(), target).body);
    BOOST_TEST(check["current"] == true);
    BOOST_TEST(check["parcel"]["legal_area_m2"] == 621.3);
    BOOST_TEST(tests::get(office.node->port(), "/land/extracts/AAAA-BBBB-CCCC-DDDD").status == 404);
    office.carried(office.split(12));
    auto const later = json::parse(tests::get(office.node->port(), target).body);
    BOOST_TEST(later["current"] == false); // true when it was made
}

BOOST_AUTO_TEST_CASE(sheets_renumbered_after_a_merger_are_found_by_both_numbers) {
    Office const office;
    auto const& database = office.world.database();
    auto const table = office.folder / "aliases.csv";
    std::ofstream{table} << "commune,sheet,new_commune,new_sheet,valid_from\n"
                            "18801,12,18739,45,2025-07-01\n";
    auto const enter = fmt::format("{} cadastre alias {} --database '{}' 2>&1", DIABAN_PROGRAM,
                                   table.string(), database.uri());
    BOOST_TEST(printed(enter) == "1 sheets renumbered, 0 of them were known\n");
    BOOST_TEST(printed(enter) == "1 sheets renumbered, 1 of them were known\n");
    std::ofstream{table} << "commune,sheet,new_commune,new_sheet,valid_from\n"
                            "18801,13,18739,45,2025-07-01\n";
    data::postgis::Pool owner{data::postgis::for_long_work(database.uri())};
    BOOST_TEST(throws("sheet-alias-taken", [&] {
        data::postgis::enter_aliases(owner, data::postgis::read_aliases(table));
    }));
    std::ofstream{table} << "commune,sheet\n18801,x\n";
    BOOST_TEST(throws("bad-plan", [&] { (void)data::postgis::read_aliases(table); }));
    database.sql(
        "INSERT INTO diaban.place_crosswalk (effective, old_code, old_name, new_code, share, "
        "note) VALUES ('2025-07-01', '18801', 'Thạch Hội', '18739', 'whole', '')");
    for (auto const* const query :
         {"commune=18739&sheet=45&number=7", "commune=18739&sheet=12&number=7",
          "commune=18801&sheet=12&number=7"})
        BOOST_TEST(office.get(std::string{"/land/parcels?"} + query)["parcels"].size() == 1U,
                   query);
    BOOST_TEST(office.get("/land/parcels?commune=18073&sheet=45&number=7")["parcels"].empty());
}

BOOST_AUTO_TEST_SUITE_END()
