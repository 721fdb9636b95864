#include "data/gdal/dateline.hpp"
#include "data/gdal/text.hpp"
#include "geo/codec/rfc3339.hpp"
#include "geo/codec/wkb.hpp"
#include "geo/error.hpp"
#include "services/domain/intake_create.hpp"
#include "services/domain/intake_shape.hpp"
#include "services/domain/intake_value.hpp"

#include <boost/test/unit_test.hpp>

using namespace diaban;
using namespace diaban::services::domain;
using geo::FieldType;

namespace {

std::string scratch;

ReadValue read(geo::ValueView value, FieldType type, std::optional<int> offset = {}) {
    return ValueReader{offset}.read(value, type, scratch);
}

std::string written(geo::ValueView value, std::optional<int> offset = {}) {
    auto const read_value = read(value, FieldType::text, offset);
    return std::string{std::get<std::string_view>(read_value.value)};
}

std::string instant(std::string_view text, std::optional<int> offset = {}) {
    auto const read_value = read(text, FieldType::timestamp, offset);
    if (!read_value.fault.empty()) return std::string{read_value.fault};
    return written(read_value.value);
}

std::string date(std::string_view text) {
    auto const read_value = read(text, FieldType::date);
    if (!read_value.fault.empty()) return std::string{read_value.fault};
    return written(read_value.value);
}

geo::Geometry lines(std::vector<std::vector<geo::Position>> const& paths) {
    geo::Geometry result;
    result.kind = geo::GeometryKind::line;
    result.srid = 4326;
    for (auto const& path : paths) {
        result.positions.insert(result.positions.end(), path.begin(), path.end());
        result.path_ends.push_back(static_cast<std::uint32_t>(result.positions.size()));
    }
    return result;
}

geo::Geometry polygon(std::vector<geo::Position> const& ring, int srid = 4326) {
    auto result = lines({ring});
    result.kind = geo::GeometryKind::polygon;
    result.srid = srid;
    result.part_ends = {1};
    return result;
}

std::vector<std::byte> wkb(geo::Geometry const& geometry) {
    std::vector<std::byte> bytes;
    geo::codec::append_ewkb(bytes, geometry);
    return bytes;
}

geo::Geometry from_wkb(std::span<std::byte const> bytes) {
    geo::Geometry geometry;
    geo::codec::read_wkb(bytes, geometry);
    return geometry;
}

bool is_outside(geo::Error const& error) {
    return error.type() == "outside-crs";
}

} // namespace

BOOST_AUTO_TEST_SUITE(values)

BOOST_AUTO_TEST_CASE(numbers_are_read_only_where_they_are_numbers) {
    BOOST_TEST((read("12", FieldType::integer).value == geo::ValueView{std::int64_t{12}}));
    BOOST_TEST((read(" +12 ", FieldType::integer).value == geo::ValueView{std::int64_t{12}}));
    BOOST_TEST((read("12.0", FieldType::integer).value == geo::ValueView{std::int64_t{12}}));
    BOOST_TEST((read(12.0, FieldType::integer).value == geo::ValueView{std::int64_t{12}}));
    for (auto const* text : {"12.5", "1,234", "12 m", "0x10", "1e400", "nan"})
        BOOST_TEST(read(text, FieldType::integer).fault == "bad-integer", text);
    BOOST_TEST((read("-1.5e3", FieldType::number).value == geo::ValueView{-1500.0}));
    BOOST_TEST((read(std::int64_t{7}, FieldType::number).value == geo::ValueView{7.0}));
    for (auto const* text : {"1,5", "inf", "nan", "5 ha"})
        BOOST_TEST(read(text, FieldType::number).fault == "bad-number", text);
    BOOST_TEST(read(1e18, FieldType::integer).fault == "bad-integer");
}

BOOST_AUTO_TEST_CASE(empty_text_is_null_for_every_type) {
    for (auto const type : {FieldType::text, FieldType::integer, FieldType::number,
                            FieldType::boolean, FieldType::date, FieldType::timestamp}) {
        auto const value = read(" \t\xC2\xA0", type);
        BOOST_TEST(value.fault.empty());
        BOOST_TEST((value.value == geo::ValueView{}));
    }
}

BOOST_AUTO_TEST_CASE(booleans_are_read_in_both_languages) {
    for (auto const* yes : {"true", "1", "có"})
        BOOST_TEST((read(yes, FieldType::boolean).value == geo::ValueView{true}));
    for (auto const* no : {"false", "0", "không"})
        BOOST_TEST((read(no, FieldType::boolean).value == geo::ValueView{false}));
    BOOST_TEST(read("maybe", FieldType::boolean).fault == "bad-boolean");
    BOOST_TEST(read(std::int64_t{2}, FieldType::boolean).fault == "bad-boolean");
}

BOOST_AUTO_TEST_CASE(days_are_read_as_files_write_them) {
    BOOST_TEST(date("2025-07-01") == "2025-07-01");
    BOOST_TEST(date("2025/07/01") == "2025-07-01");
    BOOST_TEST(date("1/7/2025") == "2025-07-01");
    BOOST_TEST(date("31-12-2024") == "2024-12-31");
    BOOST_TEST(date("2025-06-30T20:00:00Z") == "2025-07-01"); // already tomorrow in Vietnam
    BOOST_TEST(date("2025-06-30 20:00") == "2025-06-30");
    for (auto const* text : {"7/2025", "2025", "30/2/2025", "01/07/25", "2025-13-01", "soon"})
        BOOST_TEST(date(text) == "bad-date", text);
}

BOOST_AUTO_TEST_CASE(an_hour_without_zone_is_never_guessed) {
    BOOST_TEST(instant("2025-07-01T07:00:00+07:00") == "2025-07-01T00:00:00Z");
    BOOST_TEST(instant("1945-04-19T12:00Z") == "1945-04-19T12:00:00Z");
    BOOST_TEST(instant("2025-07-01 7:05:06.25 +0700") == "2025-07-01T00:05:06.250000Z");
    BOOST_TEST(instant("2025-07-01T07:00:00") == "no-time-zone");
    BOOST_TEST(instant("2025-07-01T07:00:00", 420) == "2025-07-01T00:00:00Z");
    BOOST_TEST(instant("1/7/2025 07:00", 420) == "2025-07-01T00:00:00Z");
    BOOST_TEST(instant("2025-07-01") == "2025-06-30T17:00:00Z"); // a day begins in Vietnam
    for (auto const* text : {"2025-07-01T25:00:00Z", "2025-07-01Tnoon", "2025-07-01T07:00+99:00"})
        BOOST_TEST(instant(text) == "bad-timestamp", text);
}

BOOST_AUTO_TEST_CASE(what_is_not_text_is_written_in_its_shortest_form) {
    BOOST_TEST(written(std::int64_t{-5}) == "-5");
    BOOST_TEST(written(0.1) == "0.1");
    BOOST_TEST(written(true) == "true");
    BOOST_TEST(written(geo::Date{20270}) == "2025-07-01");
}

BOOST_AUTO_TEST_CASE(only_well_formed_utf8_is_utf8) {
    using data::gdal::is_utf8;
    BOOST_TEST(is_utf8("Hà Tĩnh, 河静, 🌏"));
    for (auto const* text : {"H\xE0", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE1\xBA"})
        BOOST_TEST(!is_utf8(text));
}

BOOST_AUTO_TEST_CASE(text_read_twice_in_the_wrong_way_is_noticed) {
    using data::gdal::looks_doubly_encoded;
    BOOST_TEST(looks_doubly_encoded("Háº­u Lá»™c")); // as Windows-1252 reads the UTF-8 of Hậu Lộc
    BOOST_TEST(looks_doubly_encoded("HÃ\xC2\xA0")); // Hà as ISO 8859-1
    for (auto const* text :
         {"Hà Tĩnh", "Hậu Lộc", "plain", "Đức Thọ", "São Paulo", "Ä", "naïve café"})
        BOOST_TEST(!looks_doubly_encoded(text), text);
}

BOOST_AUTO_TEST_CASE(decomposed_vietnamese_becomes_composed) {
    std::string buffer;
    BOOST_TEST(data::gdal::to_nfc("Ha\xCC\x80 Ti\xCC\x83nh", buffer) == "Hà Tĩnh");
    BOOST_TEST(data::gdal::to_nfc("Ca\xCC\x82\xCC\x89m Due\xCC\xA3\xCC\x82", buffer) == "Cẩm Duệ");
    std::string_view const normal = "Cẩm Duệ";
    BOOST_TEST(data::gdal::to_nfc(normal, buffer).data() == normal.data());
}

BOOST_AUTO_TEST_CASE(any_text_gives_a_name_the_record_takes) {
    BOOST_TEST(plain_name("Tên đường") == "ten_duong");
    BOOST_TEST(plain_name("CSuat_MW") == "csuat_mw");
    BOOST_TEST(plain_name("2019 (người)") == "f_2019_nguoi");
    BOOST_TEST(plain_name("geom") == "geom_");
    BOOST_TEST(plain_name("???") == "f");
    BOOST_TEST(plain_name(std::string(90, 'a')).size() == 40);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(antimeridian)

BOOST_AUTO_TEST_CASE(a_track_that_runs_past_180_is_cut_there) {
    auto track = lines({{{170, 10}, {178, 12}, {186, 16}, {190, 18}}});
    BOOST_TEST(data::gdal::split_at_antimeridian(track));
    auto const wanted =
        lines({{{170, 10}, {178, 12}, {180, 13}}, {{-180, 13}, {-174, 16}, {-170, 18}}});
    BOOST_TEST((track.positions == wanted.positions));
    BOOST_TEST((track.path_ends == wanted.path_ends));
    BOOST_TEST(track.multi);
}

BOOST_AUTO_TEST_CASE(a_jump_from_one_side_to_the_other_is_the_short_way) {
    auto track = lines({{{179, 0}, {-179, 2}}});
    BOOST_TEST(data::gdal::split_at_antimeridian(track));
    auto const wanted = lines({{{179, 0}, {180, 1}}, {{-180, 1}, {-179, 2}}});
    BOOST_TEST((track.positions == wanted.positions));
    BOOST_TEST((track.path_ends == wanted.path_ends));
}

BOOST_AUTO_TEST_CASE(what_does_not_cross_stays_as_it_is) {
    auto const road = lines({{{105, 18}, {106, 19}}, {{-170, 0}, {-180, 0}}});
    auto same = road;
    BOOST_TEST(!data::gdal::split_at_antimeridian(same));
    BOOST_TEST((same == road));
    auto beyond = lines({{{185, 0}, {190, 1}}});
    BOOST_TEST(data::gdal::split_at_antimeridian(beyond));
    BOOST_TEST((beyond.positions == std::vector<geo::Position>{{-175, 0}, {-170, 1}}));
    BOOST_TEST(!beyond.multi);
}

BOOST_AUTO_TEST_CASE(a_line_along_the_border_stays_on_its_side) {
    auto border = lines({{{180, 0}, {180, 10}, {175, 10}}});
    BOOST_TEST(!data::gdal::split_at_antimeridian(border));
    auto touching = lines({{{190, 0}, {180, 5}, {180, 6}, {185, 7}}});
    BOOST_TEST(data::gdal::split_at_antimeridian(touching));
    BOOST_TEST((touching.positions ==
                std::vector<geo::Position>{{-170, 0}, {-180, 5}, {-180, 6}, {-175, 7}}));
}

BOOST_AUTO_TEST_CASE(a_polygon_beyond_180_becomes_two) {
    auto area = polygon({{170, 0}, {190, 0}, {190, 10}, {170, 10}, {170, 0}});
    BOOST_TEST(data::gdal::split_at_antimeridian(area));
    BOOST_TEST(area.part_ends.size() == 2);
    BOOST_TEST((area.box() == geo::Box{-180, 0, 180, 10}));
    for (auto const& p : area.positions) BOOST_TEST((std::abs(p.x) >= 170));
}

BOOST_AUTO_TEST_CASE(points_are_brought_back) {
    geo::Geometry point;
    point.kind = geo::GeometryKind::point;
    point.positions = {{200, 1}, {180, 2}, {-190, 3}};
    BOOST_TEST(data::gdal::split_at_antimeridian(point));
    BOOST_TEST((point.positions == std::vector<geo::Position>{{-160, 1}, {180, 2}, {170, 3}}));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(shapes)

BOOST_AUTO_TEST_CASE(a_sheet_in_vn2000_comes_out_in_degrees_and_keeps_its_source) {
    ShapeReader reader{geo::GeometryKind::polygon, 9209, true};
    auto const sheet = polygon({{542607.945, 2028900.590},
                                {542707.945, 2028900.590},
                                {542707.945, 2029000.590},
                                {542607.945, 2028900.590}},
                               9209);
    auto const outcome = reader.read(wkb(sheet), 1);
    BOOST_TEST(outcome.fault.empty());
    BOOST_TEST(outcome.located);
    auto const stored = from_wkb(reader.ewkb());
    BOOST_TEST(stored.srid == 4326);
    BOOST_TEST(std::abs(stored.positions[0].x - 105.905) < 1e-8);
    BOOST_TEST(std::abs(stored.positions[0].y - 18.343) < 1e-8);
    BOOST_TEST((from_wkb(reader.source_ewkb()) == sheet));
}

BOOST_AUTO_TEST_CASE(degrees_taken_for_metres_are_refused_with_their_row) {
    ShapeReader reader{geo::GeometryKind::polygon, 9209, false};
    auto const degrees = polygon({{105.9, 18.3}, {106, 18.3}, {106, 18.4}, {105.9, 18.3}});
    BOOST_CHECK_EXCEPTION(reader.read(wkb(degrees), 17), geo::Error, [](geo::Error const& error) {
        return is_outside(error) && error.parameters().front().second == "17";
    });
}

BOOST_AUTO_TEST_CASE(northing_before_easting_is_refused) {
    ShapeReader reader{geo::GeometryKind::point, 9209, false};
    geo::Geometry point;
    point.kind = geo::GeometryKind::point;
    point.positions = {{2028900.590, 542607.945}};
    BOOST_CHECK_EXCEPTION(reader.read(wkb(point), 1), geo::Error, is_outside);
    point.positions = {{542607.945, 2028900.590}};
    BOOST_TEST(reader.read(wkb(point), 1).located);
}

BOOST_AUTO_TEST_CASE(metres_and_exchanged_axes_are_refused_as_degrees) {
    ShapeReader reader{geo::GeometryKind::point, 4326, false};
    geo::Geometry point;
    point.kind = geo::GeometryKind::point;
    for (auto const p : {geo::Position{542607.9, 2028900.5}, {18.3, 105.9}}) {
        point.positions = {p};
        BOOST_CHECK_EXCEPTION(reader.read(wkb(point), 1), geo::Error, is_outside);
    }
    point.positions = {{199.8, 20}};
    BOOST_TEST(reader.read(wkb(point), 1).split);
}

BOOST_AUTO_TEST_CASE(a_small_fault_is_repaired_and_a_large_one_is_told) {
    ShapeReader reader{geo::GeometryKind::polygon, 4326, false};
    // A spike of no area on one side.
    auto const spike =
        polygon({{105, 18}, {105.01, 18}, {105.02, 18}, {105.01, 18}, {105.01, 18.01}, {105, 18}});
    auto outcome = reader.read(wkb(spike), 1);
    BOOST_TEST(outcome.fault.empty());
    BOOST_TEST(outcome.repaired);
    BOOST_TEST((from_wkb(reader.ewkb()).box() == geo::Box{105, 18, 105.01, 18.01}));

    auto const bow_tie = polygon({{105, 18}, {106, 19}, {106, 18}, {105, 19}, {105, 18}});
    outcome = reader.read(wkb(bow_tie), 2);
    BOOST_TEST(!outcome.located);
    BOOST_TEST(outcome.fault == "self-intersection");
    BOOST_TEST(reader.ewkb().empty());
}

BOOST_AUTO_TEST_CASE(another_kind_and_broken_bytes_are_faults) {
    ShapeReader reader{geo::GeometryKind::polygon, 4326, false};
    BOOST_TEST(reader.read(wkb(lines({{{105, 18}, {106, 19}}})), 1).fault == "wrong-kind");
    auto bytes = wkb(polygon({{105, 18}, {106, 18}, {106, 19}, {105, 18}}));
    bytes.resize(bytes.size() - 3);
    BOOST_TEST(reader.read(bytes, 1).fault == "bad-wkb");
    auto const nan = std::numeric_limits<double>::quiet_NaN();
    auto const holes = polygon({{105, 18}, {106, nan}, {106, 19}, {105, 18}});
    BOOST_TEST(reader.read(wkb(holes), 1).fault == "non-finite-coordinate");
    BOOST_TEST(!reader.read({}, 1).located);
}

BOOST_AUTO_TEST_SUITE_END()
