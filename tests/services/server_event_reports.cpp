// What is told of an event: everything in order of time, and the situation report of any instant.

#include "services/domain/event_report.hpp"
#include "services/print/document_markdown.hpp"
#include "tests/services/visitors.hpp"
#include "tests/support/printed.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace diaban;
using nlohmann::json;

namespace {

/// Numbers of each line of a table, by its first cell, without emphasis.
std::map<std::string, std::vector<int>> table_under(std::string const& report,
                                                    std::string const& heading) {
    std::map<std::string, std::vector<int>> rows;
    std::istringstream lines{report.substr(report.find("## " + heading))};
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line) && !line.starts_with("## ")) {
        if (!line.starts_with("| ") || line.starts_with("| ---")) continue;
        std::erase(line, '*');
        std::istringstream cells{line.substr(2)};
        std::string first, cell;
        std::getline(cells, first, '|');
        first.pop_back();
        std::vector<int> numbers;
        while (std::getline(cells, cell, '|'))
            if (cell.find_first_not_of(" 0123456789") == std::string::npos)
                numbers.push_back(std::stoi(cell));
        if (!numbers.empty()) rows[first] = numbers;
    }
    return rows;
}

/// Text without line breaks, one space between words.
std::string joined(std::string const& text) {
    std::istringstream words{text};
    std::string all, word;
    while (words >> word) all += (all.empty() ? "" : " ") + word;
    return all;
}

/// What the lines of a report say, without markup. Of a line of a table that is no row of figures,
/// whose cells may be broken on paper, each word by itself.
std::vector<std::string> words_of(std::string const& report) {
    std::vector<std::string> all;
    std::istringstream lines{report};
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("| ---")) continue;
        bool const row = line.starts_with("| ");
        std::string plain;
        for (std::size_t i = 0; i < line.size(); ++i) {
            bool const escaped = line[i] == '\\';
            char const c = escaped ? line[++i] : line[i];
            bool const markup =
                !escaped && (c == '*' || c == '|' || (c == '#' && plain.size() < 3));
            plain += markup ? ' ' : c;
        }
        plain = joined(plain);
        bool const figures = row && !plain.empty() && plain.find('/') == std::string::npos;
        if (!row || figures) {
            if (!plain.empty()) all.push_back(plain);
            continue;
        }
        std::istringstream words{plain};
        for (std::string word; words >> word;) all.push_back(word);
    }
    return all;
}

/// The text of a PDF, without line breaks.
std::string paper_words(tests::RawAnswer const& answer) {
    BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
    BOOST_TEST(answer.field("content-type") == "application/pdf");
    BOOST_TEST(answer.body.find("/Subtype /Image") == std::string::npos); // vectors alone
    auto pattern = (std::filesystem::temp_directory_path() / "diaban-paper-XXXXXX").string();
    int const file = mkstemp(pattern.data());
    BOOST_TEST_REQUIRE(file >= 0);
    close(file);
    std::ofstream{pattern, std::ios::binary} << answer.body;
    auto const text = tests::printed("pdftotext -layout '" + pattern + "' -");
    std::filesystem::remove(pattern);
    return joined(text);
}

struct Desk {
    tests::World world;
    int keys = 0;

    Desk() {
        world.database().sql(
            "INSERT INTO record.disaster_events (kind, name) VALUES ('storm', 'Bão | số 10');"
            "INSERT INTO record.duty_roster (unit, name, superior) VALUES ('18739', 'Anh Ba', "
            "'Chị Tư'), ('18073', 'Anh Sáu', 'Chị Tư');"
            "INSERT INTO record.rescue_teams (name, kind, capacity, state, geom) SELECT 'Đội ' || "
            "i, 'boat', 6, 'free', ST_Point(105.9, 18.3 + i / 10.0, 4326) FROM generate_series(1, "
            "3) i");
        for (int i = 0; i < 200; ++i) {
            if (world.json("/collections/duty_roster/items")["numberMatched"] == 2) break;
            std::this_thread::sleep_for(std::chrono::milliseconds{50});
        }
    }
    json act(std::string const& path, json const& body = json::object()) const {
        auto const answer = tests::request(world.port(), "POST", path, tests::as_json, body.dump());
        BOOST_TEST_REQUIRE(answer.status < 300, path << " " << answer.body);
        return json::parse(answer.body);
    }
    std::string call(char const* text, int people) {
        return act("/rescue-calls", {{"key", fmt::format("k{}", ++keys)},
                                     {"event", 1},
                                     {"source", "112"},
                                     {"text", text},
                                     {"people", people},
                                     {"lon", 105.9},
                                     {"lat", 18.34}})["id"]
            .dump();
    }
    /// The instant that it is in the record, RFC 3339.
    [[nodiscard]] std::string instant() {
        return world.database().value("SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', "
                                      "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')");
    }
    [[nodiscard]] std::string report(std::string const& at, char const* language = "en") const {
        auto const answer = world.get("/events/1/report?datetime=" + at,
                                      fmt::format("Accept-Language: {}\r\n", language));
        BOOST_TEST(answer.status == 200, answer.body);
        BOOST_TEST(answer.field("content-type") == "text/markdown; charset=utf-8");
        return answer.body;
    }
    [[nodiscard]] std::string paper(std::string const& at, char const* language) const {
        return paper_words(world.get("/events/1/report.pdf?datetime=" + at,
                                     fmt::format("Accept-Language: {}\r\n", language)));
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(event_reports)

BOOST_AUTO_TEST_CASE(the_report_of_each_recorded_instant_is_what_was_recorded_then) {
    Desk desk;
    struct Kept {
        std::string at;
        std::string report;
        std::string phase;
        std::array<int, 3> orders; // issued, acknowledged, escalated
        std::array<int, 4> calls;  // new, merged, assigned, done
        std::pair<int, int> free_and_busy;
    };
    std::vector<Kept> kept;
    auto const keep = [&](char const* phase, std::array<int, 3> orders, std::array<int, 4> calls,
                          std::pair<int, int> teams) {
        auto const at = desk.instant();
        kept.push_back({at, desk.report(at), phase, orders, calls, teams});
    };
    keep("Watch", {0, 0, 0}, {0, 0, 0, 0}, {3, 0});
    desk.act("/events/1/phase", {{"phase", "respond"}});
    keep("Respond", {0, 0, 0}, {0, 0, 0, 0}, {3, 0});
    auto const orders = desk.act("/events/1/orders", {{"text", "Sơ tán | ngay\nlập tức"},
                                                      {"units", {"18739", "18073"}}})["orders"];
    keep("Respond", {2, 0, 0}, {0, 0, 0, 0}, {3, 0});
    auto const roof = desk.call("Nước lên mái nhà", 4);
    (void)desk.call("nước lên mái nhà rồi", 3);
    auto const tree = desk.call("Cây đổ, người bị thương", 2);
    keep("Respond", {2, 0, 0}, {2, 1, 0, 0}, {3, 0});
    desk.act("/orders/" + orders[0]["id"].dump() + "/acknowledge");
    desk.act("/rescue-calls/" + roof + "/assign");
    keep("Respond", {1, 1, 0}, {1, 1, 1, 0}, {2, 1});
    desk.act("/rescue-calls/" + tree + "/assign");
    desk.act("/rescue-calls/" + roof + "/done");
    keep("Respond", {1, 1, 0}, {0, 1, 1, 1}, {2, 1});
    desk.world.database().sql("UPDATE record.event_orders SET state = 'escalated', escalated_at = "
                              "now(), escalated_to = 'Chị Tư' WHERE state = 'issued'");
    desk.act("/rescue-calls/" + tree + "/done");
    desk.act("/events/1/phase", {{"phase", "closed"}});
    keep("Closed", {0, 1, 1}, {0, 1, 0, 2}, {3, 0});

    for (auto const& one : kept) {
        auto const again = desk.report(one.at);
        BOOST_TEST(again == one.report);
        BOOST_TEST(again.find("Phase: **" + one.phase + "**") != std::string::npos, again);
        auto const told = table_under(again, "Orders");
        auto const& [issued, acknowledged, escalated] = one.orders;
        BOOST_TEST(told.at("Issued").at(0) == issued);
        BOOST_TEST(told.at("Acknowledged").at(0) == acknowledged);
        BOOST_TEST(told.at("Escalated").at(0) == escalated);
        BOOST_TEST(told.at("Total").at(0) == issued + acknowledged + escalated);
        auto const calls = table_under(again, "Rescue calls");
        std::vector<int> sums(5);
        for (auto const* const priority : {"1", "2", "3", "4"}) {
            auto const& row = calls.at(priority);
            BOOST_TEST(row[0] + row[1] + row[2] + row[3] == row[4]);
            for (std::size_t i = 0; i < 5; ++i) sums[i] += row[i];
        }
        BOOST_TEST(calls.at("Total") == sums, boost::test_tools::per_element());
        for (std::size_t i = 0; i < 4; ++i) BOOST_TEST(calls.at("Total")[i] == one.calls[i]);
        auto const teams = table_under(again, "Rescue teams");
        BOOST_TEST(teams.at("Free").at(0) == one.free_and_busy.first);
        BOOST_TEST(teams.at("Busy").at(0) == one.free_and_busy.second);
        BOOST_TEST(teams.at("Total").at(0) == 3);
    }
    auto const& last = kept.back().report;
    BOOST_TEST(last.find("Bão \\| số 10") != std::string::npos, last);
    BOOST_TEST(last.find("Sơ tán \\| ngay lập tức") != std::string::npos, last);
    BOOST_TEST(last.find("0 waiting, 0 with a team sent, 6 rescued; in all 6.") !=
                   std::string::npos,
               last);
    BOOST_TEST(desk.report(kept.back().at, "vi").find("Giai đoạn: **Kết thúc**") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(everything_of_an_event_stands_in_order_of_time_until_the_instant_asked) {
    Desk desk;
    desk.act("/events/1/phase", {{"phase", "respond"}});
    auto const orders =
        desk.act("/events/1/orders", {{"text", "Sơ tán"}, {"units", {"18739"}}})["orders"];
    auto const call = desk.call("Cứu", 4);
    auto const middle = desk.instant();
    desk.act("/rescue-calls/" + call + "/assign");
    desk.act("/orders/" + orders[0]["id"].dump() + "/acknowledge");
    desk.act("/rescue-calls/" + call + "/done");
    desk.act("/events/1/phase", {{"phase", "closed"}});
    auto const kinds = [&](std::string const& query) {
        std::string all, last;
        auto const told = desk.world.json("/events/1/timeline" + query);
        for (auto const& one : told["entries"]) {
            auto const at = one["at"].get<std::string>();
            BOOST_TEST(last <= at);
            last = at;
            all += (all.empty() ? "" : " ") + one["kind"].get<std::string>();
        }
        return all;
    };
    BOOST_TEST(kinds("?datetime=../" + middle) == "phase phase order_issued call_received");
    BOOST_TEST(kinds("") == "phase phase order_issued call_received call_assigned "
                            "order_acknowledged call_done phase");
    BOOST_TEST(kinds("?datetime=" + middle + "/..") ==
               "call_assigned order_acknowledged call_done phase");
    auto const page = desk.world.json("/events/1/timeline?limit=2");
    BOOST_TEST(page["entries"].size() == 2U);
    BOOST_TEST(page["matched"] == 8);
}

BOOST_AUTO_TEST_CASE(the_paper_says_the_figures_of_the_report_and_maps_what_is_in_them) {
    Desk desk;
    desk.act("/events/1/phase", {{"phase", "respond"}});
    auto const orders =
        desk.act("/events/1/orders", {{"text", "Sơ tán"}, {"units", {"18739", "18073"}}})["orders"];
    desk.act("/orders/" + orders[0]["id"].dump() + "/acknowledge");
    auto const roof = desk.call("Nước lên mái nhà", 4);
    (void)desk.call("nước lên mái nhà rồi", 3); // merged: not on the map
    (void)desk.call("Cây đổ, người bị thương", 2);
    auto const before = desk.instant();
    desk.act("/rescue-calls/" + roof + "/assign");
    auto const at = desk.instant();
    for (auto const* const language : {"vi", "en"}) {
        auto const paper = desk.paper(at, language);
        for (auto const& line : words_of(desk.report(at, language)))
            BOOST_TEST(paper.find(line) != std::string::npos, line << " is not in " << paper);
    }
    auto const vi = desk.paper(at, "vi");
    for (auto const* const words :
         {"CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Trang 1/", "BẢN ĐỒ TÌNH HÌNH",
          "Cuộc gọi chờ đội (số: ưu tiên): 1", "Cuộc gọi đã điều đội: 1", "Cuộc gọi đã cứu: 0",
          "Đội đang làm nhiệm vụ: 1", "(EPSG:3405)", "Nguồn: Cuộc gọi cứu nạn (rescue_calls)."})
        BOOST_TEST(vi.find(words) != std::string::npos, words << " is not in " << vi);
    auto const earlier = desk.paper(before, "vi");
    BOOST_TEST(earlier.find("Cuộc gọi chờ đội (số: ưu tiên): 2") != std::string::npos, earlier);
    BOOST_TEST(earlier.find("Đội đang làm nhiệm vụ: 0") != std::string::npos, earlier);
}

BOOST_AUTO_TEST_CASE(what_is_made_up_is_said_so_and_each_figure_has_its_age) {
    services::domain::EventRecord record;
    record.at = {35 * 60'000'000LL};
    record.phases = {{{0}, "watch", ""}};
    record.teams.emplace();
    record.sources["disaster_events"] = {{"Thiên tai", "Disaster events"}, false, geo::Instant{0}};
    record.sources["rescue_teams"] = {{"Đội cứu nạn", "Rescue teams"}, true, std::nullopt};
    auto const told =
        services::print::document_markdown(services::domain::event_report(record, false));
    auto const en =
        services::print::document_markdown(services::domain::event_report(record, true));
    BOOST_TEST(told.find("07:00 01/01/1970 (trước đó 35 phút).") != std::string::npos, told);
    BOOST_TEST(told.find("Đội cứu nạn (rescue\\_teams). Chưa có ghi nhận nào. DỮ LIỆU GIẢ LẬP.") !=
                   std::string::npos,
               told);
    BOOST_TEST(en.find("07:00 01/01/1970 (35 min before).") != std::string::npos, en);
    BOOST_TEST(en.find("SYNTHETIC DATA.") != std::string::npos, en);
}

BOOST_AUTO_TEST_CASE(a_paper_holds_nothing_that_its_reader_may_not_see) {
    Desk desk;
    (void)desk.call("Nước lên mái nhà bà Liễu", 4);
    desk.world.database().sql(
        "INSERT INTO record.rescue_calls (event, key, source, text, people, vulnerable, "
        "received_at, state, priority, geom, sensitivity) VALUES (1, 'hidden', '112', 'Bí mật', "
        "7319, 0, now(), 'new', 1, ST_Point(105.8, 18.3, 4326), 5)");
    tests::Registrar const people{desk.world.database()};
    auto const reads = [](char const* id, std::vector<std::string> masked) {
        return data::model::RoleGrant{id, "read", true, 0, std::move(masked), {}, {}};
    };
    people.role({"counts",
                 "",
                 false,
                 false,
                 false,
                 {reads("disaster_events", {}), reads("rescue_calls", {"state"}),
                  reads("rescue_teams", {})}});
    people.role({"sees",
                 "",
                 false,
                 false,
                 false,
                 {reads("disaster_events", {}), reads("rescue_calls", {}),
                  reads("rescue_teams", {"state"})}});
    people.account("an", {"counts"});
    people.account("binh", {"sees"});
    desk.world.server().accounts().directory.refresh();
    tests::Browser an{desk.world.port()}, binh{desk.world.port()};
    BOOST_TEST_REQUIRE(an.sign_in("an").status == 200);
    BOOST_TEST_REQUIRE(binh.sign_in("binh").status == 200);
    auto const counted = paper_words(an.get("/events/1/report.pdf?lang=vi"));
    auto const seen = paper_words(binh.get("/events/1/report.pdf?lang=vi"));
    for (auto const* const words : {"7319", "Bí mật", "Liễu", "mái nhà"})
        for (auto const& paper : {counted, seen})
            BOOST_TEST(paper.find(words) == std::string::npos, words << " is in " << paper);
    auto const not_shown = std::string{"Không thuộc quyền xem của người đọc."};
    BOOST_TEST(counted.find("Cuộc gọi cứu nạn " + not_shown) != std::string::npos, counted);
    BOOST_TEST(counted.find("Cuộc gọi chờ đội") == std::string::npos, counted);
    BOOST_TEST(counted.find("Đội sẵn sàng: 3") != std::string::npos, counted);
    BOOST_TEST(seen.find("Cuộc gọi chờ đội (số: ưu tiên): 1") != std::string::npos, seen);
    BOOST_TEST(seen.find("Đội cứu nạn " + not_shown) != std::string::npos, seen);
    BOOST_TEST(seen.find("Đội sẵn sàng") == std::string::npos, seen);
}

BOOST_AUTO_TEST_CASE(before_it_was_recorded_there_is_no_such_event) {
    Desk desk;
    BOOST_TEST(desk.world.get("/events/1/report.pdf?datetime=2020-01-01T00:00:00Z").status == 404);
    BOOST_TEST(desk.world.get("/events/1/report?datetime=2020-01-01T00:00:00Z").status == 404);
    BOOST_TEST(desk.world.get("/events/7/timeline").status == 404);
    BOOST_TEST(desk.world.get("/events/1/report?datetime=x").status == 400);
}

BOOST_AUTO_TEST_SUITE_END()
