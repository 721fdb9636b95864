#include "data/gdal/sheet_cells.hpp"
#include "data/xlsx/marked_sheet.hpp"
#include "services/domain/puller.hpp"
#include "services/http/uri.hpp"
#include "tests/services/office.hpp"

#include <boost/test/unit_test.hpp>
#include <cpl_vsi.h>
#include <fmt/format.h>

#include <chrono>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <thread>

using namespace diaban;
using data::gdal::read_sheet;
using data::xlsx::Look;
using data::xlsx::MarkedCell;
using tests::office;
using tests::RawAnswer;
using tests::World;

namespace {

constexpr char xlsx_type[] =
    "Content-Type: application/vnd.openxmlformats-officedocument.spreadsheetml.sheet\r\n";

std::string form_of(std::string const& query) {
    auto const answer = office().get(
        "/forms/indicators.xlsx?owner=" + services::http::percent_encode("Sở Xanh") + query);
    BOOST_REQUIRE(answer.status == 200);
    return answer.body;
}

/// The form as somebody filled it in: cells by their names, `C4`.
std::string filled(std::string const& form, std::map<std::string, std::string> const& values) {
    auto cells = read_sheet(form);
    for (auto const& [name, value] : values) {
        auto const column = std::size_t(name[0] - 'A');
        auto const row = std::stoul(name.substr(1)) - 1;
        if (cells.size() <= row) cells.resize(row + 1);
        if (cells[row].size() <= column) cells[row].resize(column + 1);
        cells[row][column] = value;
    }
    std::vector<std::vector<MarkedCell>> rows;
    for (auto const& row : cells) {
        auto& made = rows.emplace_back();
        for (auto const& cell : row) made.push_back({cell, Look::plain, {}});
    }
    return data::xlsx::write_marked_sheet("Diaban", rows, 3);
}

RawAnswer report(std::string const& form, std::string const& fields = {}) {
    return tests::request(office().port(), "POST", "/forms/indicators", xlsx_type + fields, form);
}

std::string count_of_values() {
    return office().database().value("SELECT count(*) FROM record.indicators WHERE code IN "
                                     "('trees', 'cover')");
}

/// A part of a workbook, as the archive holds it.
std::string part_of(std::string const& book, std::string const& name) {
    std::string bytes = book;
    VSIFCloseL(VSIFileFromMemBuffer("/vsimem/test.xlsx", reinterpret_cast<GByte*>(bytes.data()),
                                    bytes.size(), FALSE));
    std::string text;
    if (auto* const file = VSIFOpenL(("/vsizip//vsimem/test.xlsx/" + name).c_str(), "rb")) {
        char buffer[4096];
        for (auto read = VSIFReadL(buffer, 1, sizeof buffer, file); read > 0;
             read = VSIFReadL(buffer, 1, sizeof buffer, file))
            text.append(buffer, read);
        VSIFCloseL(file);
    }
    VSIUnlink("/vsimem/test.xlsx");
    return text;
}

std::size_t matches(std::string const& text, char const* pattern) {
    std::regex const expression{pattern};
    return std::size_t(std::distance(std::sregex_iterator{text.begin(), text.end(), expression},
                                     std::sregex_iterator{}));
}

} // namespace

BOOST_AUTO_TEST_SUITE(forms)

BOOST_AUTO_TEST_CASE(a_form_is_taken_whole_and_corrections_keep_what_was) {
    auto const form = form_of("&period=2024&level=commune&province=42");
    auto const cells = read_sheet(form);
    BOOST_REQUIRE(cells.size() == 5U); // three heads and two communes
    BOOST_TEST(cells[1][2] == "cover");
    BOOST_TEST(cells[1][3] == "trees");
    BOOST_TEST(cells[3][0] == "18073");
    BOOST_TEST(cells[4][0] == "18739");
    auto const answer = report(filled(form, {{"C4", "41.5"}, {"D4", "300"}, {"D5", "40"}}));
    BOOST_TEST(answer.status == 200, answer.body);
    BOOST_TEST(nlohmann::json::parse(answer.body)["new"] == 3);
    auto const values =
        office().json("/indicators/trees/values?period=2024&level=commune")["values"];
    BOOST_REQUIRE(values.size() == 2U);
    BOOST_TEST(values[0]["code"] == "18073");
    BOOST_TEST(values[0]["value"] == 300);
    BOOST_TEST(values[0]["alert"] == "good");
    BOOST_TEST(values[1]["alert"] == "warning");
    // The form now says what was reported; a changed cell is a correction.
    auto const again = form_of("&period=2024&level=commune&province=42");
    BOOST_TEST(read_sheet(again)[3][3] == "300");
    auto const corrected = report(filled(again, {{"D4", "310"}}));
    BOOST_TEST(nlohmann::json::parse(corrected.body)["new"] == 0);
    BOOST_TEST(nlohmann::json::parse(corrected.body)["corrected"] == 1);
    BOOST_TEST(office().database().value("SELECT value FROM record.indicators_history WHERE code = "
                                         "'trees' AND place_code = '18073'") == "300");
}

BOOST_AUTO_TEST_CASE(ten_planted_faults_come_back_as_ten_marked_cells_and_nothing_is_stored) {
    auto const before = count_of_values();
    auto const bad = filled(form_of("&period=2023&level=commune&province=42"),
                            {{"E2", "nonsense"},  // no indicator of this owner
                             {"F4", "1"},         // a column without an indicator
                             {"G2", "trees"},     // the indicator once more
                             {"B4", "Xã Cẩm Mỹ"}, // not the name of the code
                             {"D4", "ba trăm"},   // no number
                             {"C4", "55.55"},     // two decimals where one is kept
                             {"D5", "-1"},        // below the least
                             {"C5", "101"},       // beyond the most
                             {"A6", "99999"},     // no unit
                             {"D6", "5"},         // its value is right in itself
                             {"A7", "18073"}});   // the unit once more
    auto const named = report(bad);
    BOOST_TEST(named.status == 422);
    auto const problem = nlohmann::json::parse(named.body);
    BOOST_TEST((tests::pointers(problem["errors"]) ==
                std::set<std::string>{"/E2", "/F4", "/G2", "/B4", "/D4", "/C4", "/D5", "/C5", "/A6",
                                      "/A7"}));
    auto const copy =
        report(bad, "Accept: "
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet\r\n");
    BOOST_TEST(copy.status == 422);
    BOOST_REQUIRE(copy.field("content-type").find("spreadsheetml") != std::string::npos);
    BOOST_TEST(matches(part_of(copy.body, "xl/comments1.xml"), "<comment ref=") == 10U);
    // Marked cells are those of the one style whose fill is red.
    auto const sheet = part_of(copy.body, "xl/worksheets/sheet1.xml");
    BOOST_TEST(part_of(copy.body, "xl/styles.xml").find("FFFFC7CE") != std::string::npos);
    std::map<std::string, std::size_t> styles;
    std::regex const cell{R"re(<c r="([A-Z]+[0-9]+)" s="([0-9]+)")re"};
    std::map<std::string, std::string> style_of;
    for (std::sregex_iterator one{sheet.begin(), sheet.end(), cell}, end; one != end; ++one) {
        ++styles[(*one)[2]];
        style_of[(*one)[1]] = (*one)[2];
    }
    BOOST_TEST(styles[style_of["D4"]] == 10U);
    BOOST_TEST(read_sheet(copy.body)[3][3] == "ba trăm"); // the rest is as it came
    BOOST_TEST(count_of_values() == before);
}

BOOST_AUTO_TEST_CASE(what_is_no_form_is_refused) {
    auto const refused = [](RawAnswer const& answer, int status, char const* type) {
        BOOST_TEST(answer.status == status, answer.body);
        BOOST_TEST(answer.body.find(type) != std::string::npos, answer.body);
    };
    refused(report("not a workbook"), 400, "form-unreadable");
    refused(report(data::xlsx::write_marked_sheet("x", {{{std::string{"a"}, Look::plain, {}}}}, 1)),
            400, "form-unreadable");
    auto const form = form_of("&period=2024&level=commune&province=42");
    refused(report(filled(form, {{"B1", "Sở Lạ"}})), 422, "form-owner");
    refused(report(filled(form, {{"C1", "2024-13"}})), 422, "form-period");
    refused(report(filled(form, {{"C1", "2090"}})), 422, "form-period");
    refused(report(filled(form, {{"D1", "hamlet"}})), 422, "form-cell");
    refused(office().get("/forms/indicators.xlsx?owner=x&period=2024"), 400, "form-owner");
    refused(tests::request(office().port(), "POST", "/forms/indicators", tests::json_body, "{}"),
            415, "unknown-media-type");
}

BOOST_AUTO_TEST_CASE(only_hosts_that_are_named_may_be_asked) {
    using services::domain::may_be_asked;
    services::domain::Hosts const hosts{"a.gov.vn", "10.1.2.3:8080"};
    for (auto const* const url :
         {"https://a.gov.vn/x?y=1", "http://a.gov.vn", "http://10.1.2.3:8080/"})
        BOOST_TEST(may_be_asked(url, hosts), url);
    for (auto const* const url :
         {"http://a.gov.vn.evil.example/", "http://evil.example/?a.gov.vn", "http://a.gov.vn:81/",
          "http://x@a.gov.vn/", "http://a.gov.vn@evil.example/", "file:///etc/passwd",
          "ftp://a.gov.vn/", "gopher://a.gov.vn/", "//a.gov.vn/", "http:///", "http://10.1.2.3/",
          "http://169.254.169.254/latest", "http://a.gov.vn\\@evil.example/", ""})
        BOOST_TEST(!may_be_asked(url, hosts), url);
    BOOST_TEST(!may_be_asked("http://a.gov.vn/", {}));
}

/// A node pulls from another, which is a REST service like any.
BOOST_AUTO_TEST_CASE(a_source_is_pulled_by_its_mapping_and_where_it_fails_the_last_good_stands) {
    auto& source = office(); // has values of `trees`
    World world;
    auto const& database = world.database();
    database.sql(
        fmt::format("INSERT INTO diaban.pull_host VALUES ('127.0.0.1:{}')", source.port()));
    database.sql("INSERT INTO record.indicator_catalogue (code, sector, title, unit, direction, "
                 "cadence, aggregation, decimals, owner, least, most) VALUES ('taken', "
                 "'environment', 'Lấy về', 'cây', 'up', 'year', 'sum', 0, 'Sở', 0, 400)");
    tests::request(source.port(), "POST", "/indicators/trees/values", tests::json_body,
                   R"({"values": [{"place": "42", "period": "2022", "value": 350}]})");
    auto const add = [&](std::string const& url, char const* value_at) {
        return database.value(fmt::format(
            "INSERT INTO record.indicator_sources (indicator, url, every_minutes, list_at, "
            "place_at, "
            "period_at, value_at) VALUES ('taken', '{}', 1, '/values', '/code', '2022', '{}') "
            "RETURNING fid",
            url, value_at));
    };
    auto const base = fmt::format("http://127.0.0.1:{}/indicators/trees/values", source.port());
    auto const fid = add(base + "?period=2022", "/value");
    auto const state = [&](std::string const& id) {
        auto const listed = world.json("/indicator-sources");
        for (auto const& one : listed["sources"])
            if (std::to_string(one["id"].get<int>()) == id) return one;
        return nlohmann::json{};
    };
    auto const until = [&](std::string const& id, auto const& holds) {
        for (int tries = 0; tries < 200; ++tries) {
            auto const now = state(id);
            if (now.is_object() && holds(now)) return now;
            std::this_thread::sleep_for(std::chrono::milliseconds{50});
        }
        return state(id);
    };
    auto const asked = [](auto const& one) { return !one["good_at"].is_null(); };
    auto const failed = [](auto const& one) { return !one["fault"].is_null(); };
    BOOST_TEST(until(fid, asked)["changed"] == 1);
    auto const value = [&] {
        return database.value("SELECT value FROM record.indicators WHERE code = 'taken'");
    };
    BOOST_TEST(value() == "350");
    // Now the source says what cannot be: nothing is stored, and it is said.
    tests::request(source.port(), "POST", "/indicators/trees/values", tests::json_body,
                   R"({"values": [{"place": "42", "period": "2022", "value": 500}]})");
    database.sql("UPDATE diaban.pull SET next_at = now() WHERE source = " + fid);
    auto const refused = until(fid, failed);
    BOOST_TEST(refused["fault"].get<std::string>().find("0..400") != std::string::npos,
               refused.dump());
    BOOST_TEST(value() == "350");
    BOOST_TEST(!refused["good_at"].is_null()); // when it was last good
    for (auto const& [url, value_at] : {std::pair{base + "?period=1999", "/value"},
                                        {base, "/nothing"},
                                        {base + "x", "/value"},
                                        {std::string{"http://127.0.0.1:1/"}, "/value"},
                                        {std::string{"http://169.254.169.254/latest"}, "/value"}}) {
        auto const id = add(url, value_at);
        BOOST_TEST(until(id, failed)["good_at"].is_null(), url);
    }
    BOOST_TEST(value() == "350");
}

BOOST_AUTO_TEST_CASE(owners_see_what_they_owe) {
    auto const owners = office().json("/forms/indicators")["owners"];
    BOOST_REQUIRE(owners.size() == 2U);
    BOOST_TEST(owners[0]["owner"] == "Sở Xanh");
    BOOST_TEST(owners[1]["missing"] == 1);
    BOOST_TEST(owners[1]["indicators"][0]["code"] == "beds");
}

BOOST_AUTO_TEST_CASE(values_are_pushed_as_json_all_or_none) {
    auto const push = [](std::string const& body) {
        return tests::request(office().port(), "POST", "/indicators/beds/values", tests::json_body,
                              body);
    };
    auto const good = push(R"({"values": [{"place": "18073", "period": "2025-07", "value": 120},
        {"place": "18739", "period": "2025-08", "value": 40}]})");
    BOOST_TEST(good.status == 200, good.body);
    BOOST_TEST(nlohmann::json::parse(good.body)["changed"] == 2);
    auto const bad = push(R"({"values": [{"place": "18073", "period": "2025-09", "value": 1},
        {"place": "99999", "period": "2025-09", "value": 1},
        {"place": "18739", "period": "2025", "value": 1},
        {"place": "18739", "period": "2025-09", "value": "x"},
        {"place": "18739", "period": "2025-10", "value": 1.5}, 7]})");
    BOOST_TEST(bad.status == 422);
    BOOST_TEST((tests::pointers(nlohmann::json::parse(bad.body)["errors"]) ==
                std::set<std::string>{"/values/1/place", "/values/2/period", "/values/3/value",
                                      "/values/4/value", "/values/5/period"}));
    BOOST_TEST(office().database().value("SELECT count(*) FROM record.indicators WHERE code = "
                                         "'beds'") == "2");
    BOOST_TEST(push("{}").status == 422);
    BOOST_TEST(
        tests::request(office().port(), "POST", "/indicators/none/values", tests::json_body, "{}")
            .status == 404);
}

BOOST_AUTO_TEST_SUITE_END()
