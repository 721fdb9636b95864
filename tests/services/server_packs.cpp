// Field packs over HTTP: what leaves is what its asker may see; what comes back is taken once, and
// never over what changed meanwhile. The phone is GDAL, which knows nothing of this server.

#include "tests/services/pack_office.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

using namespace diaban;
using nlohmann::json;
using tests::PackOffice;
using tests::PackOnPhone;

BOOST_AUTO_TEST_SUITE(packs)

BOOST_AUTO_TEST_CASE(a_pack_is_made_by_a_job_and_holds_what_its_asker_may_see_and_no_more) {
    PackOffice office;
    auto const fid = office.opens();
    auto const begun = office.get("an", "/land/packs?area=18739");
    BOOST_TEST_REQUIRE(begun.status == 202, begun.body);
    auto const job = begun.field("location");
    BOOST_TEST(job.find("/jobs/") != std::string::npos);
    auto const bytes = office.takes("an");
    auto const part = office.get("an", "/land/packs?area=18739", "Range: bytes=0-15\r\n");
    BOOST_TEST(part.status == 206);
    BOOST_TEST((part.body == std::string{"SQLite format 3\0", 16}));
    BOOST_TEST(bytes.find("OWNER7319") == std::string::npos);

    PackOnPhone const phone{bytes};
    BOOST_TEST(phone.column("parcels", "parcel_id") == std::vector{office.parcel});
    BOOST_TEST(phone.column("parcels", "land_use") == std::vector<std::string>{"LUC"});
    BOOST_TEST(phone.column("cases", "case_id") == std::vector{std::to_string(fid)});
    BOOST_TEST(phone.column("cases", "case_version") == std::vector<std::string>{"1"});
    auto const id = phone.column("field_pack", "id");
    BOOST_TEST_REQUIRE(id.size() == 1U);
    BOOST_TEST(job.ends_with(id[0]));
    BOOST_TEST(phone.column("field_pack", "login") == std::vector<std::string>{"an"});
    BOOST_TEST(phone.column("field_pack", "area") == std::vector<std::string>{"18739"});
    BOOST_TEST(phone.column("layer_styles", "f_table_name").size() == 2U);
    auto const answers = phone.column("value_lists", "code");
    BOOST_TEST((std::ranges::find(answers, "unclear") != answers.end()));

    BOOST_TEST(office.get("an", "/land/packs?area=187").status == 400);
    BOOST_TEST(office.get("an", "/land/packs?area=18739&bbox=1,2,3,4").status == 400);
    BOOST_TEST(PackOnPhone{office.takes("nobody")}.column("cases", "case_id").empty());
}

BOOST_AUTO_TEST_CASE(packs_know_old_codes_boxes_and_columns_that_are_hidden) {
    PackOffice office;
    static_cast<void>(office.opens());
    auto& database = office.world.database();
    auto const old = database.value(
        "INSERT INTO record.parcels (geom, sheet, parcel_number, commune_code, scope) VALUES "
        "(ST_MakeEnvelope(105.31, 18.3, 105.311, 18.301, 4326), 3, 1, '18742', '18739') RETURNING "
        "fid");
    database.sql("INSERT INTO diaban.place_crosswalk (effective, old_code, old_name, new_code, "
                 "share, note) VALUES ('2025-07-01', '18742', 'x', '18739', 'whole', '')");
    auto const parcels = [&](std::string const& query) {
        return PackOnPhone{office.takes("an", query)}.column("parcels", "parcel_id");
    };
    BOOST_TEST(parcels("area=18739") == (std::vector{office.parcel, old}),
               boost::test_tools::per_element());
    BOOST_TEST(parcels("area=18742") == std::vector{old});
    BOOST_TEST(parcels("bbox=105.3105,18.3001,105.7,18.4") == std::vector{old}); // not the far one
    PackOnPhone const phone{office.takes("duc")};
    auto const dataset = phone.open(GDAL_OF_READONLY);
    auto* const cases = dataset->GetLayerByName("cases");
    BOOST_TEST(cases->GetLayerDefn()->GetFieldIndex("finding") < 0);
    BOOST_TEST(cases->GetLayerDefn()->GetFieldIndex("answer_use") >= 0);
    BOOST_TEST(PackOnPhone{office.takes("chi")}.column("cases", "case_id").empty());
}

BOOST_AUTO_TEST_CASE(an_area_with_too_many_parcels_is_refused_and_the_limit_is_named) {
    PackOffice office;
    office.world.database().sql(
        "INSERT INTO record.parcels (geom, sheet, parcel_number, commune_code, scope) SELECT "
        "ST_MakeEnvelope(105.3, 18.2, 105.3001, 18.2001, 4326), 9, i, '18739', '18739' FROM "
        "generate_series(1, 20000) AS i");
    tests::RawAnswer answer;
    tests::await("the refusal", [&] {
        answer = office.get("an", "/land/packs?area=18739");
        return answer.status != 202;
    });
    BOOST_TEST(answer.status == 413, answer.body);
    BOOST_TEST(answer.body.find("20000") != std::string::npos, answer.body);
}

BOOST_AUTO_TEST_CASE(what_was_filled_in_is_taken_once_in_the_name_of_who_brings_it) {
    PackOffice office;
    auto const first = office.opens();
    auto const second = office.opens();
    PackOnPhone const phone{office.takes("an")};
    BOOST_TEST(office.brings(phone)["unchanged"] == 2);
    phone.inspects(first, "Nhà cấp 4");
    auto const outcome = office.brings(phone);
    BOOST_TEST(outcome["taken"] == json::array({first}));
    BOOST_TEST(outcome["unchanged"] == 1);
    auto const after = office.one(first);
    BOOST_TEST(after["state"] == "inspected");
    BOOST_TEST(after["finding"] == "Nhà cấp 4");
    BOOST_TEST(after["measured_m2"] == 182.4);
    BOOST_TEST(after["answers"]["use"] == "no");
    BOOST_TEST(after["steps"].size() == 2U);
    BOOST_TEST(after["steps"][1]["who"] == "an");
    BOOST_TEST(after["steps"][1]["move"] == "inspect");
    BOOST_TEST(office.one(second)["state"] == "assigned");

    auto const again = office.brings(phone);
    BOOST_TEST(again["repeated"] == 1);
    BOOST_TEST(again["taken"].empty());
    BOOST_TEST(office.one(first)["steps"].size() == 2U);
    // Put right in the field, and sent once more: nobody else changed it.
    phone.inspects(first, "Nhà cấp 4, mái tôn");
    BOOST_TEST(office.brings(phone)["taken"] == json::array({first}));
    BOOST_TEST(office.one(first)["finding"] == "Nhà cấp 4, mái tôn");
    // What came back is not given again: the next one is another pack, of what stands now.
    PackOnPhone const next{office.takes("an")};
    BOOST_TEST(next.column("field_pack", "id") != phone.column("field_pack", "id"));
    auto const findings = next.column("cases", "finding");
    BOOST_TEST((std::ranges::find(findings, "Nhà cấp 4, mái tôn") != findings.end()));
}

BOOST_AUTO_TEST_CASE(what_changed_here_and_there_is_shown_side_by_side_and_overwrites_nothing) {
    PackOffice office;
    auto const fid = office.opens();
    PackOnPhone const phone{office.takes("an")};
    auto const id = phone.column("field_pack", "id")[0];
    json const found{{"move", "inspect"},
                     {"finding", "Nhà xưởng"},
                     {"answers",
                      {{"marks", "no"},
                       {"use", "yes"},
                       {"building", "no"},
                       {"encroachment", "no"},
                       {"present", "no"}}}};
    BOOST_TEST_REQUIRE(
        office.post("binh", fmt::format("/land/cases/{}/moves", fid), found).status == 200);
    phone.inspects(fid, "Nhà cấp 4");
    auto const outcome = office.brings(phone);
    BOOST_TEST(outcome["conflicts"] == json::array({1}));
    BOOST_TEST(outcome["taken"].empty());
    BOOST_TEST(office.one(fid)["finding"] == "Nhà xưởng");
    auto const sent_again = office.brings(phone);
    BOOST_TEST(sent_again["conflicts"].empty());
    BOOST_TEST(sent_again["repeated"] == 1);

    auto const path = "/land/packs/" + id;
    auto const shown = office.told("binh", path)["conflicts"];
    BOOST_TEST_REQUIRE(shown.size() == 1U);
    BOOST_TEST(shown[0]["case"] == fid);
    BOOST_TEST(shown[0]["take"].is_null());
    std::map<std::string, json> columns;
    for (auto const& column : shown[0]["columns"]) columns[column["column"]] = column;
    BOOST_TEST(columns["finding"]["pack"].is_null());
    BOOST_TEST(columns["finding"]["field"] == "Nhà cấp 4");
    BOOST_TEST(columns["finding"]["record"] == "Nhà xưởng");
    BOOST_TEST(columns["answer_use"]["field"] == "no");
    BOOST_TEST(columns["answer_use"]["record"] == "yes");
    BOOST_TEST(columns["measured_m2"]["record"].is_null());
    // Who may not see findings is shown the rest; who may not see the case, nothing.
    auto const masked = office.get("duc", path);
    BOOST_TEST(masked.status == 200);
    BOOST_TEST(masked.body.find("Nhà") == std::string::npos, masked.body);
    BOOST_TEST(office.get("chi", path).status == 404);
    BOOST_TEST(office.told("binh", "/land/packs")["packs"][0]["open"] == 1);

    auto const settles = [&](char const* who, char const* take) {
        return office.post(who, path + "/conflicts/1", {{"take", take}}).status;
    };
    BOOST_TEST(settles("chi", "field") == 404);
    BOOST_TEST(settles("binh", "both") == 400);
    BOOST_TEST(settles("binh", "field") == 200);
    BOOST_TEST(settles("binh", "field") == 200);
    BOOST_TEST(settles("binh", "record") == 409);
    auto const after = office.one(fid);
    BOOST_TEST(after["finding"] == "Nhà cấp 4");
    BOOST_TEST(after["steps"].back()["who"] == "binh");
    BOOST_TEST(office.told("an", path)["open"] == 0);
    BOOST_TEST(office.brings(phone)["repeated"] == 1);
}

BOOST_AUTO_TEST_CASE(the_record_may_stand_against_the_field_and_a_decided_case_stays_decided) {
    PackOffice office;
    auto const fid = office.opens();
    PackOnPhone const phone{office.takes("an")};
    auto const path = "/land/packs/" + phone.column("field_pack", "id")[0];
    json const inspected{{"move", "inspect"},
                         {"finding", "Không có gì"},
                         {"answers",
                          {{"marks", "no"},
                           {"use", "yes"},
                           {"building", "no"},
                           {"encroachment", "no"},
                           {"present", "no"}}}};
    for (auto const& move : {inspected, json{{"move", "decide"}, {"decision", "Không vi phạm"}}})
        BOOST_TEST_REQUIRE(
            office.post("binh", fmt::format("/land/cases/{}/moves", fid), move).status == 200);
    phone.inspects(fid, "Nhà cấp 4");
    BOOST_TEST(office.brings(phone)["conflicts"].size() == 1U);
    auto const beyond = office.post("binh", path + "/conflicts/1", {{"take", "field"}});
    BOOST_TEST(beyond.status == 409, beyond.body);
    BOOST_TEST(beyond.body.find("case-state") != std::string::npos, beyond.body);
    BOOST_TEST(office.post("binh", path + "/conflicts/1", {{"take", "record"}}).status == 200);
    BOOST_TEST(office.one(fid)["finding"] == "Không có gì");
    BOOST_TEST(office.brings(phone)["repeated"] == 1);
    BOOST_TEST(office.post("binh", path + "/conflicts/2", {{"take", "record"}}).status == 404);
}

BOOST_AUTO_TEST_CASE(cases_made_in_the_field_are_opened_once_by_their_keys) {
    PackOffice office;
    PackOnPhone const phone{office.takes("an")};
    phone.adds("{7f0c}", 105.3004, 18.3004, "Đào ao trên đất lúa");
    phone.adds("{7f0d}", 105.3005, 18.3005, "Xây nhà",
               [](OGRFeature& row) { PackOnPhone::fill(row, "Nhà cấp 4", 90); });
    auto const outcome = office.brings(phone);
    BOOST_TEST_REQUIRE(outcome["opened"].size() == 2U);
    auto const pond = office.one(outcome["opened"][0]);
    BOOST_TEST(pond["parcel"] == std::stoll(office.parcel));
    BOOST_TEST(pond["state"] == "assigned");
    BOOST_TEST(pond["assignee"] == "an");
    auto const house = office.one(outcome["opened"][1]);
    BOOST_TEST(house["state"] == "inspected");
    BOOST_TEST(house["measured_m2"] == 90.0);
    BOOST_TEST(office.brings(phone)["opened"].empty());
    BOOST_TEST(office.world.database().value("SELECT count(*) FROM record.inspection_cases") ==
               "2");
    // The pond is looked at a day later.
    auto const dataset = phone.open();
    auto* const cases = dataset->GetLayerByName("cases");
    cases->SetAttributeFilter("field_key = '{7f0c}'");
    std::unique_ptr<OGRFeature> const row{cases->GetNextFeature()};
    PackOnPhone::fill(*row, "Ao 200 m²", 200);
    BOOST_REQUIRE(cases->SetFeature(row.get()) == OGRERR_NONE);
    dataset->FlushCache();
    BOOST_TEST(office.brings(phone)["taken"] == json::array({outcome["opened"][0]}));
    BOOST_TEST(office.one(outcome["opened"][0])["finding"] == "Ao 200 m²");
}

BOOST_AUTO_TEST_CASE(faults_are_named_by_row_and_column_and_nothing_is_taken) {
    PackOffice office;
    auto const first = office.opens();
    auto const second = office.opens();
    PackOnPhone const phone{office.takes("an")};
    phone.inspects(first, "Nhà cấp 4");
    phone.edits(second, [](OGRFeature& row) {
        PackOnPhone::fill(row, "", -3);
        row.SetField("answer_use", "perhaps");
        row.SetField("answer_present", "unclear");
    });
    phone.adds("", 105.3004, 18.3004, "Không khóa");
    phone.adds("a", 500, 18.3, "Ngoài thế giới");
    phone.adds("b", 105.3004, 18.3004, "");
    auto const answer = office.sends("an", phone.bytes());
    BOOST_TEST_REQUIRE(answer.status == 422, answer.body);
    std::vector<std::string> named;
    auto const told = json::parse(answer.body);
    for (auto const& fault : told["faults"])
        named.push_back(
            fmt::format("{} {}", fault["row"].get<int>(), fault["column"].get<std::string>()));
    for (auto const* const wanted : {"2 measured_m2", "3 field_key", "4 geom", "5 reason"})
        BOOST_TEST((std::ranges::find(named, wanted) != named.end()),
                   wanted << " in " << answer.body);
    BOOST_TEST(office.one(first)["state"] == "assigned");
    phone.edits(second, [](OGRFeature& row) { row.SetField("measured_m2", 3.0); });
    auto const less = office.sends("an", phone.bytes()).body;
    for (auto const* const column : {"finding", "answer_use", "answer_present"})
        BOOST_TEST(less.find(column) != std::string::npos, less);
}

BOOST_AUTO_TEST_CASE(a_pack_is_there_for_who_took_it_and_asks_for_their_right_to_edit) {
    PackOffice office;
    auto const fid = office.opens();
    PackOnPhone const phone{office.takes("an")};
    phone.inspects(fid, "Nhà cấp 4");
    office.fields["reader"] = office.people.token("an", {"read"});
    std::set<int> const refusals{401, 403, 404};
    for (auto const* const who : {"binh", "chi", "nobody", "reader"}) {
        auto const answer = office.sends(who, phone.bytes());
        BOOST_TEST(refusals.contains(answer.status), who << ": " << answer.body);
    }
    auto const path = "/land/packs/" + phone.column("field_pack", "id")[0];
    BOOST_TEST(office.get("an", path).status == 200);
    BOOST_TEST(office.get("binh", path).status == 404);
    BOOST_TEST(office.told("binh", "/land/packs")["packs"].empty());
    BOOST_TEST(office.get("an", "/land/packs/x'; DROP TABLE land.pack").status >= 400);
    // A case of another commune under the name of one of the pack.
    auto const elsewhere = office.world.database().value(
        "INSERT INTO record.inspection_cases (origin, reason, state, assignee, opened_at, "
        "opened_by, due_on, checklist, geom, scope) VALUES ('hand', 'x', 'assigned', 'chi', "
        "now(), 'chi', '2027-01-01', '2025-07-01', ST_Point(105.6, 18.3, 4326), '18073') "
        "RETURNING fid");
    phone.edits(fid, [&](OGRFeature& row) {
        row.SetField("case_id", static_cast<GIntBig>(std::stoll(elsewhere)));
    });
    auto const answer = office.sends("an", phone.bytes());
    BOOST_TEST(answer.status == 422, answer.body);
    BOOST_TEST(answer.body.find("case_id") != std::string::npos, answer.body);
    BOOST_TEST(office.world.database().value("SELECT count(*) FROM record.inspection_cases WHERE "
                                             "finding IS NOT NULL") == "0");
}

BOOST_AUTO_TEST_SUITE_END()
