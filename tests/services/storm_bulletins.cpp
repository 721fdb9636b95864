// A bulletin read right, and altered ones refused or doubted.

#include "services/domain/storm_bulletin.hpp"
#include "tests/services/bulletin_bualoi.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <random>
#include <string>
#include <vector>

using namespace diaban;
using services::domain::read_bulletin;
using services::domain::StormBulletin;

namespace {

/// Decision 18/2021, as design and data have it.
std::vector<geo::hazard::WindLevel> levels() {
    std::vector<geo::hazard::WindLevel> all;
    int level = 6;
    for (double const from :
         {10.8, 13.9, 17.2, 20.8, 24.5, 28.5, 32.7, 37.0, 41.5, 46.2, 51.0, 56.1})
        all.push_back({level++, from, "", {}});
    return all;
}
std::vector<geo::hazard::StormRisk> risks() {
    return {{"sea", 12, 15, 3, {}},  {"sea", 6, 11, 3, {}},  {"north", 12, 15, 4, {}},
            {"north", 6, 11, 3, {}}, {"south", 6, 9, 3, {}}, {"south", 10, 11, 4, {}},
            {"south", 12, 17, 5, {}}};
}

geo::Date day(int year, unsigned month, unsigned of) {
    using namespace std::chrono;
    return {int(sys_days{std::chrono::year{year} / month / of}.time_since_epoch().count())};
}

StormBulletin read(std::string const& text) {
    auto const scale = levels();
    auto const table = risks();
    return read_bulletin(text, day(2025, 9, 28), scale, table);
}

std::string altered(std::string const& from, std::string const& to) {
    std::string text = tests::bualoi_bulletin;
    auto const at = text.find(from);
    BOOST_REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

bool holds(std::vector<services::domain::Remark> const& remarks, std::string const& type) {
    return std::ranges::any_of(remarks, [&](auto const& one) { return one.type == type; });
}

std::int64_t utc(int month, unsigned of, int hour) {
    return (day(2025, unsigned(month), of).days * 24LL + hour) * 3'600'000'000LL;
}

} // namespace

BOOST_AUTO_TEST_SUITE(bulletins)

BOOST_AUTO_TEST_CASE(bualois_bulletin_is_read_right) {
    auto const read_right = read(tests::bualoi_bulletin);
    BOOST_TEST(read_right.faults.empty());
    for (auto const& one : read_right.doubts)
        BOOST_ERROR(one.type << " " << one.at << " " << one.value << " " << one.accepted);
    BOOST_TEST(read_right.storm == "Bão số 10 (Bualoi)");
    BOOST_REQUIRE(read_right.fixes.size() == 3U);
    auto const& now = read_right.fixes[0];
    BOOST_TEST(!now.forecast);
    BOOST_TEST(now.at.microseconds == utc(9, 27, 21)); // 04h, UTC+7
    BOOST_TEST((now.centre == geo::Position{110.2, 16.2}));
    BOOST_TEST(now.level_from == 12);
    BOOST_TEST(now.level_until == 12);
    BOOST_TEST(now.gust.value() == 15);
    BOOST_TEST(now.winds->from == 118);
    BOOST_TEST(now.winds->until == 133);
    BOOST_TEST(now.direction == "Tây Tây Bắc");
    BOOST_TEST(now.azimuth.value() == 292.5);
    BOOST_TEST(now.speed->until == 30);
    BOOST_TEST(!now.danger);
    auto const& noon = read_right.fixes[1];
    BOOST_TEST(noon.forecast);
    BOOST_TEST(noon.at.microseconds == utc(9, 28, 9));
    BOOST_TEST((noon.centre == geo::Position{107.6, 17.5}));
    BOOST_TEST(noon.level_from == 12);
    BOOST_TEST(noon.level_until == 13);
    BOOST_TEST(noon.gust.value() == 16);
    BOOST_TEST((noon.danger.value() == geo::Box{100, 14, 113, 20}));
    BOOST_TEST(noon.danger_stated == "Vĩ tuyến 14,0N-20,0N; phía Tây kinh tuyến 113,0E");
    BOOST_REQUIRE(noon.risks.size() == 2U);
    BOOST_TEST(noon.risks[0].risk == 3);
    BOOST_TEST(!noon.risks[0].mainland);
    BOOST_TEST(noon.risks[1].area == "vùng biển từ Thanh Hóa đến Quảng Ngãi");
    auto const& land = read_right.fixes[2];
    BOOST_TEST(land.at.microseconds == utc(9, 28, 21));
    BOOST_TEST((land.centre == geo::Position{105.2, 18.9}));
    BOOST_TEST(land.level_from == 9);
    BOOST_TEST(land.level_until == 10);
    BOOST_TEST(land.gust.value() == 13);
    BOOST_TEST(land.speed->from == 20);
    BOOST_TEST((land.danger.value() == geo::Box{100, 15, 112, 20}));
    BOOST_REQUIRE(land.risks.size() == 3U);
    // As issued: 4 on the coast, 3 at sea.
    BOOST_TEST(land.risks[0].risk == 4);
    BOOST_TEST(land.risks[0].mainland);
    BOOST_TEST(land.risks[0].area == "đất liền ven biển từ Nghệ An đến Bắc Quảng Trị");
    BOOST_TEST(land.risks[1].risk == 3);
    BOOST_TEST(!land.risks[1].mainland);
    BOOST_TEST(land.risks[2].risk == 3);
}

BOOST_AUTO_TEST_CASE(ways_of_writing_the_same_are_read_the_same) {
    for (auto const& [from, to] : {
             std::pair<std::string, std::string>{"04 giờ ngày 28/9", "04h00 ngày 28/9/2025"},
             {"16,2 độ Vĩ Bắc; 110,2 độ Kinh Đông", "16.2 độ vĩ Bắc, 110.2 độ kinh Đông"},
             {"17,5N-107,6E", "17,5°N – 107,6°E"},
             {"16h/28/9", "16 giờ ngày 28-9"},
             {"Vĩ tuyến 14,0N-20,0N", "từ 14,0 độ Vĩ Bắc đến 20,0 độ Vĩ Bắc"},
             {"Vĩ tuyến 14,0N-20,0N", "Vĩ tuyến 14,0-20,0N"},
             {"Vĩ tuyến", "VĨ TUYẾN"},
             {"Bắc Quảng Trị. Cấp 3:", "Bắc Quảng Trị; cấp 3 tại"},
             {"cấp 12 (118-133km/giờ)", "cấp 12 (118 – 133 km/giờ)"},
         }) {
        auto const one = read(altered(from, to));
        BOOST_TEST(one.faults.empty(), to);
        BOOST_TEST(one.doubts.empty(), to);
        BOOST_REQUIRE(one.fixes.size() == 3U);
        BOOST_TEST((one.fixes[0].centre == geo::Position{110.2, 16.2}), to);
        BOOST_TEST((one.fixes[1].centre == geo::Position{107.6, 17.5}), to);
        BOOST_TEST(one.fixes[0].at.microseconds == utc(9, 27, 21), to);
        BOOST_TEST(one.fixes[1].at.microseconds == utc(9, 28, 9), to);
        BOOST_TEST((one.fixes[1].danger.value() == geo::Box{100, 14, 113, 20}), to);
        BOOST_TEST(one.fixes[2].risks.size() == 3U, to);
    }
}

BOOST_AUTO_TEST_CASE(bulletins_that_cannot_be_are_refused) {
    struct Altered {
        std::string from, to, fault;
    };
    for (auto const& [from, to, fault] : std::vector<Altered>{
             {"16,2 độ Vĩ Bắc; 110,2 độ Kinh Đông", "110,2 độ Vĩ Bắc; 16,2 độ Kinh Đông",
              "bulletin-position"},
             {"17,5N-107,6E", "71,5N-107,6E", "bulletin-position"},
             {"mạnh cấp 12 (", "mạnh cấp 21 (", "bulletin-level"},
             {"Cấp 9-10, giật", "Cường độ không rõ, giật", "bulletin-no-level"},
             {"16h/28/9", "16h/31/9", "bulletin-time"},
             {"16h/28/9", "26h/28/9", "bulletin-time"},
             {"04h/29/9", "04h/28/9", "bulletin-order"},
             {"Cấp 4: đất liền", "Cấp 6: đất liền", "bulletin-risk"},
             {"18,9N-105,2E", "8,9N-105,2E", "bulletin-leap"},
             {"16h/28/9\t", "\t", "bulletin-no-time"},
         }) {
        auto const one = read(altered(from, to));
        BOOST_TEST(holds(one.faults, fault), to + " is not " + fault);
    }
    BOOST_TEST(holds(read("Trời nắng đẹp.").faults, "bulletin-no-position"));
    BOOST_TEST(holds(read("").faults, "bulletin-no-position"));
}

BOOST_AUTO_TEST_CASE(bulletins_that_contradict_themselves_are_doubted) {
    struct Altered {
        std::string from, to, doubt;
    };
    for (auto const& [from, to, doubt] : std::vector<Altered>{
             {"118-133km/giờ", "103-117km/giờ", "bulletin-winds"},
             {"giật cấp 15", "giật cấp 11", "bulletin-gust"},
             {"17,5N-107,6E", "15,7N-107,6E", "bulletin-direction"},
             {"khoảng 25km/h", "khoảng 75km/h", "bulletin-speed"},
             {"Tây Tây Bắc, khoảng 20", "Đông Bắc, khoảng 20", "bulletin-direction"},
             {"Vĩ tuyến 15,0N-20,0N", "Vĩ tuyến 10,0N-15,0N", "bulletin-danger"},
             {"Cấp 4: đất liền ven biển", "Cấp 2: đất liền ven biển", "bulletin-low-risk"},
             {"04 giờ ngày 28/9", "04 giờ ngày 28/9/2024", "bulletin-old"},
         }) {
        auto const one = read(altered(from, to));
        BOOST_TEST((holds(one.doubts, doubt) || holds(one.faults, doubt) ||
                    (doubt == "bulletin-old" && !one.faults.empty())),
                   to + " is not " + doubt);
        BOOST_TEST(!(one.doubts.empty() && one.faults.empty()), to);
    }
    std::string const all = tests::bualoi_bulletin;
    auto const cut = read(all.substr(0, all.find("Dự báo diễn biến")));
    BOOST_TEST(holds(cut.doubts, "bulletin-no-forecast"));
    BOOST_TEST(holds(cut.doubts, "bulletin-no-risk"));
    BOOST_TEST(holds(cut.doubts, "bulletin-no-danger"));
}

BOOST_AUTO_TEST_CASE(the_year_is_the_one_that_is_nearest) {
    auto const scale = levels();
    auto const table = risks();
    std::string const text = "Hồi 22 giờ ngày 31/12, vị trí tâm bão số 14 ở 10,1N-112,0E, cấp 8.";
    auto const read_late = read_bulletin(text, day(2026, 1, 1), scale, table);
    BOOST_TEST(read_late.fixes.at(0).at.microseconds ==
               (day(2025, 12, 31).days * 24LL + 15) * 3'600'000'000LL);
}

BOOST_AUTO_TEST_CASE(no_text_harms_the_reader) {
    std::mt19937_64 random{tests::seed()};
    std::string const all = tests::bualoi_bulletin;
    std::string const pieces[] = {"cấp ",
                                  "giật",
                                  "16h/",
                                  "28/9",
                                  "N-",
                                  "E",
                                  "99999999999,9",
                                  "độ",
                                  "\xff\xfe",
                                  "phía Tây kinh tuyến",
                                  ":",
                                  "\n",
                                  "-"};
    for (int round = 0; round < 3000; ++round) {
        auto text = all;
        for (int i = 0; i < 1 + int(random() % 6); ++i) {
            auto const at = random() % text.size();
            auto const size = std::min<std::size_t>(random() % 40, text.size() - at);
            text.replace(at, size, pieces[random() % std::size(pieces)]);
        }
        auto const one = read(text);
        for (auto const& fix : one.fixes)
            if (one.faults.empty()) {
                BOOST_TEST(fix.level_from >= 5);
                BOOST_TEST(fix.level_until <= 17);
                BOOST_TEST(std::abs(fix.centre.y) <= 45);
            }
    }
}

BOOST_AUTO_TEST_SUITE_END()
