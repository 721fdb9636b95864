#include "data/postgis/places.hpp"

#include "geo/codec/rfc3339.hpp"
#include "tests/support/database.hpp"

#include <boost/test/unit_test.hpp>
#include <unistd.h>

#include <fstream>

using namespace diaban;
using data::model::Share;
using data::postgis::Places;
using data::postgis::Pool;
using data::postgis::Role;
using geo::Policy;
using tests::Database;
using tests::throws;

namespace {

geo::Date day(char const* text) {
    return *geo::codec::read_date(text);
}

/// A file that is removed at the end.
class File {
public:
    explicit File(std::string const& text)
        : m_path{std::filesystem::temp_directory_path() /
                 ("diaban_list_" + std::to_string(::getpid()) + ".csv")} {
        std::ofstream{m_path} << text;
    }
    ~File() { std::filesystem::remove(m_path); }
    File(File const&) = delete;
    File& operator=(File const&) = delete;
    [[nodiscard]] std::filesystem::path const& path() const { return m_path; }

private:
    std::filesystem::path m_path;
};

constexpr char const* former = "ward_code,ward,district_code,district,province_code,province\n"
                               "18739,Xã Cẩm Mỹ,446,Huyện Cẩm Xuyên,42,Tỉnh Hà Tĩnh\n"
                               "18742,Xã Cẩm Duệ,446,Huyện Cẩm Xuyên,42,Tỉnh Hà Tĩnh\n"
                               ",,471,Huyện Cồn Cỏ,45,Tỉnh Quảng Trị\n";
constexpr char const* present =
    "code,full_name,full_name_en,name,code_name,province_code,province_name,area_km2\n"
    "18739,xã Cẩm Duệ,Cam Due Commune,Cẩm Duệ,cam_due,42,Tỉnh Hà Tĩnh,71.5\n"
    "19742,Đặc khu Cồn Cỏ,,Cồn Cỏ,con_co,44,Tỉnh Quảng Trị,\n";

data::postgis::UnitCounts load(Database const& database, char const* text, char const* from,
                               std::optional<geo::Date> to = {}) {
    File const file{text};
    return data::postgis::load_units(database.uri(), {file.path(), day(from), to});
}

/// Small lists of both forms, old and new.
struct World {
    Database database;
    Pool pool{database.options(Role::serve)};
    Places places{pool};

    World() {
        load(database, former, "2025-03-01", day("2025-06-30"));
        load(database, present, "2025-07-01");
        database.sql("UPDATE record.places SET geom = public.st_makeenvelope(105.9, 18.2, 106, "
                     "18.3, 4326) WHERE code = '18739'");
    }

    [[nodiscard]] std::vector<std::string> names(std::string text, std::string level = "",
                                                 std::optional<geo::Date> on = {}) const {
        std::vector<std::string> found;
        for (auto const& place :
             places.search({std::move(text), std::move(level), on, 10}, Policy::everything()))
            found.push_back(place.code + " " + place.name);
        return found;
    }
};

using Names = std::vector<std::string>;

} // namespace

BOOST_AUTO_TEST_SUITE(places)

BOOST_FIXTURE_TEST_CASE(units_are_keyed_by_code_and_first_day_old_and_new_side_by_side, World) {
    BOOST_TEST(database.value("SELECT count(*) FROM record.places WHERE code = '18739'") == "2");
    BOOST_TEST(database.value("SELECT string_agg(level || ' ' || kind || ' ' || name || ' ' || "
                              "name_en, ', ' ORDER BY valid_from) FROM record.places "
                              "WHERE code = '18739'") ==
               "commune xa Cẩm Mỹ Cam My, commune xa Cẩm Duệ Cam Due");
    BOOST_TEST(database.value("SELECT kind || full_name_en FROM record.places "
                              "WHERE code = '19742'") == "dac_khuCon Co Special Zone");
    // The last day belongs to the old unit: it ends at midnight in Vietnam.
    BOOST_TEST(database.value("SELECT count(*) FROM record.places a JOIN record.places b "
                              "ON a.valid_to = b.valid_from AND a.code = b.code "
                              "WHERE a.valid_to = '2025-06-30T17:00:00Z'") == "2");
    BOOST_CHECK_THROW(database.sql("INSERT INTO record.places (code, valid_from) "
                                   "SELECT code, valid_from FROM record.places"),
                      std::exception);
}

BOOST_FIXTURE_TEST_CASE(a_list_that_is_loaded_again_changes_nothing, World) {
    auto const counts = load(database, former, "2025-03-01", day("2025-06-30"));
    BOOST_TEST(counts.provinces == 2U);
    BOOST_TEST(counts.districts == 2U);
    BOOST_TEST(counts.communes == 2U);
    BOOST_TEST(counts.inserted == 0U);
    BOOST_TEST(counts.updated == 0U);
    BOOST_TEST(database.value("SELECT count(*) FROM record.places WHERE geom IS NOT NULL") == "2");
}

BOOST_FIXTURE_TEST_CASE(places_keep_their_history_like_any_collection, World) {
    database.sql("UPDATE record.places SET population = 1 WHERE code = '446'");
    database.sql("DELETE FROM record.places WHERE code = '446'");
    auto const rest = database.value("SELECT count(*) FROM record.places");
    database.sql("TRUNCATE record.places");
    BOOST_TEST(database.value("SELECT count(*) FROM record.places_history WHERE "
                              "ended_by = 'truncate'") == rest);
    BOOST_TEST(database.value("SELECT string_agg(ended_by || version || folded_full_name, ' ' "
                              "ORDER BY version) FROM record.places_history WHERE code = '446' "
                              "AND ended_by <> 'truncate'") ==
               "update1huyen cam xuyen delete2huyen cam xuyen");
}

BOOST_FIXTURE_TEST_CASE(names_are_found_without_diacritics_the_best_and_present_first, World) {
    BOOST_TEST((names("cam due") == Names{"18739 Cẩm Duệ", "18742 Cẩm Duệ"}));
    BOOST_TEST((names("CẨM DUỆ") == Names{"18739 Cẩm Duệ", "18742 Cẩm Duệ"}));
    BOOST_TEST((names("xa cam") == Names{"18739 Cẩm Duệ", "18742 Cẩm Duệ", "18739 Cẩm Mỹ"}));
    BOOST_TEST((names("cam xuyen") == Names{"446 Cẩm Xuyên"}));
    BOOST_TEST((names("18739") == Names{"18739 Cẩm Duệ", "18739 Cẩm Mỹ"}));
    BOOST_TEST((names("dac khu") == Names{"19742 Cồn Cỏ"}));
    BOOST_TEST((names("Cồn Cỏ", "district") == Names{"471 Cồn Cỏ"}));
    BOOST_TEST((names("cam", "", day("2025-06-30")) ==
                Names{"446 Cẩm Xuyên", "18742 Cẩm Duệ", "18739 Cẩm Mỹ"}));
    BOOST_TEST((names("cam", "", day("2025-07-01")) == Names{"18739 Cẩm Duệ"}));
    BOOST_TEST(names("").empty());
    BOOST_TEST(names(" %_' ").empty());
    BOOST_TEST(names("không có").empty());
}

BOOST_FIXTURE_TEST_CASE(a_found_place_says_where_and_when_it_is, World) {
    auto const found = places.search({"cam due", "", {}, 1}, Policy::everything());
    BOOST_REQUIRE(found.size() == 1U);
    auto const& place = found[0];
    BOOST_TEST(place.full_name == "xã Cẩm Duệ");
    BOOST_TEST(place.province_name == "Tỉnh Hà Tĩnh");
    BOOST_TEST(place.valid_from->days == day("2025-07-01").days);
    BOOST_TEST(!place.valid_to);
    BOOST_TEST((place.box == geo::Box{105.9, 18.2, 106, 18.3}));
    BOOST_TEST((place.centre && place.box.intersects({place.centre->x, place.centre->y,
                                                      place.centre->x, place.centre->y})));
    auto const before = places.search({"cam my", "", {}, 1}, Policy::everything());
    BOOST_TEST(before.at(0).valid_to->days == day("2025-06-30").days);
    BOOST_TEST(places.search({"cam due", "", {}, 1}, Policy::limited({"40"}, 255)).empty());
}

BOOST_FIXTURE_TEST_CASE(a_point_lies_in_the_units_of_its_day, World) {
    geo::Position const inside{105.95, 18.25};
    auto const name = [&](std::optional<geo::Date> on) {
        auto const found = places.at(inside, on, Policy::everything());
        return found.size() == 1 ? found[0].name : std::to_string(found.size());
    };
    BOOST_TEST(name({}) == "Cẩm Duệ");
    BOOST_TEST(name(day("2025-07-01")) == "Cẩm Duệ");
    BOOST_TEST(name(day("2025-06-30")) == "Cẩm Mỹ");
    BOOST_TEST(name(day("2024-01-01")) == "0");
    BOOST_TEST(places.at({105.9, 18.2}, {}, Policy::everything()).size() == 1U); // its corner
    BOOST_TEST(places.at({105.8, 18.2}, {}, Policy::everything()).empty());
}

BOOST_FIXTURE_TEST_CASE(the_crosswalk_is_many_to_many_and_never_invents_a_share, World) {
    File const file{"Từ 1/7/2025,,,Trước,,,,\nTỉnh,Mới,Mã,Cũ,Mã,Ghi chú,Huyện,Tỉnh cũ,\n"
                    "HÀ TĨNH  ,,,,,,,,\n"
                    "Hà Tĩnh (42),Xã Cẩm Duệ,18739,Xã Cẩm Mỹ,18739,Nhập toàn bộ,Huyện,Hà Tĩnh,\n"
                    "Hà Tĩnh (42),Xã Cẩm Duệ,18739,Xã Cẩm Duệ,18742,Nhập một  phần,Huyện,Hà Tĩnh,\n"
                    "Hà Tĩnh (42),Xã Khác,18740,Xã Cẩm Duệ,18742,Không rõ,Huyện,Hà Tĩnh,\n"
                    "Quảng Trị (44),\"Đặc khu Cồn Cỏ\n\",19742,,,Sắp xếp toàn bộ huyện Cồn Cỏ,"
                    "Huyện Cồn Cỏ (471),Quảng Trị,\n"
                    "Hà Tĩnh (42),Xã Khác,18740,Bãi bồi,,Nhập toàn bộ,Huyện,Hà Tĩnh,\n"};
    auto const effective = day("2025-07-01");
    for (int i = 0; i < 2; ++i) { // again: the same
        auto const counts = data::postgis::load_crosswalk(database.uri(), file.path(), effective);
        BOOST_TEST(counts.pairs == 5U);
        BOOST_TEST(counts.whole == 2U);
        BOOST_TEST(counts.same == 1U);
        BOOST_TEST(counts.part == 1U);
        BOOST_TEST(counts.unknown == 1U);
        BOOST_TEST(counts.old_units == 3U);
        BOOST_TEST(counts.new_units == 3U);
        BOOST_TEST(counts.split == 1U);
        BOOST_TEST(counts.unplaced == 2U); // 18740 is not among the places
    }
    auto const became = places.became("18742", effective);
    BOOST_REQUIRE(became.size() == 2U);
    BOOST_TEST((became[0].share == Share::part && became[1].share == Share::unknown));
    BOOST_TEST(places.made_of("18739", effective).size() == 2U);
    BOOST_TEST(places.made_of("19742", effective).at(0).old_code == "471");
}

BOOST_AUTO_TEST_CASE(a_list_with_a_bad_line_is_refused_whole) {
    Database const database;
    for (auto const* bad : {"code,full_name\n1,Xã A\n",
                            "ward_code,ward,district_code,district,province_code,province\nX,Xã "
                            "A,446,Huyện B,42,Tỉnh C\n",
                            "ward_code,ward,district_code,district,province_code,province\n"
                            "18739,Xã A,446,Huyện B,42,Tỉnh C\n18739,Xã B,446,Huyện B,42,Tỉnh C\n",
                            "ward_code,ward,district_code,district,province_code,province\n"
                            "18739,Làng A,446,Huyện B,42,Tỉnh C\n"})
        BOOST_TEST(throws("bad-unit-list", [&] { load(database, bad, "2025-03-01"); }), bad);
    BOOST_TEST(database.value("SELECT count(*) FROM record.places") == "0");
}

BOOST_AUTO_TEST_CASE(the_official_lists_and_crosswalk_give_the_checked_counts) {
    auto const present_list = tests::real_data("official lists", "admin/gso_codes_2025.csv");
    if (!present_list) return;
    auto const folder = present_list->parent_path();
    Database const database;
    auto const old_units =
        data::postgis::load_units(database.uri(), {folder / "gso_codes_2025-03-01.csv",
                                                   day("2025-03-01"), day("2025-06-30")});
    BOOST_TEST(old_units.provinces == 63U);
    BOOST_TEST(old_units.districts == 696U);
    BOOST_TEST(old_units.communes == 10047U);
    auto const new_units =
        data::postgis::load_units(database.uri(), {*present_list, day("2025-07-01"), {}});
    BOOST_TEST(new_units.provinces == 34U);
    BOOST_TEST(new_units.communes == 3321U);
    auto const counts = data::postgis::load_crosswalk(
        database.uri(), folder / "crosswalk_2025-07-01.csv", day("2025-07-01"));
    BOOST_TEST(counts.pairs == 10571U);
    BOOST_TEST(counts.whole == 9464U);
    BOOST_TEST(counts.split == 441U);
    BOOST_TEST(counts.new_units == 3321U);
    BOOST_TEST(counts.unknown <= 1U);
    // The alluvial land that belonged to no commune; and five pairs that give xã Ba Chẽ the code
    // 06970, where the list of units has it as 06978.
    BOOST_TEST(counts.unplaced == 6U);
    // 3,315 new communes reuse a code of the old list, 1,895 of them under another name.
    BOOST_TEST(database.value("SELECT count(*) FROM record.places a JOIN record.places b "
                              "USING (code) WHERE a.level = 'commune' AND a.valid_to IS NOT NULL "
                              "AND b.valid_to IS NULL") == "3315");
    BOOST_TEST(database.value("SELECT count(*) FROM diaban.change") == "2");
}

BOOST_AUTO_TEST_SUITE_END()
