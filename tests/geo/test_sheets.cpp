#include "geo/cadastre/crs_gate.hpp"
#include "geo/cadastre/old_letters.hpp"
#include "geo/cadastre/old_text.hpp"
#include "geo/crs.hpp"
#include "geo/ops/measure.hpp"
#include "tests/geo/support.hpp"

#include <boost/test/unit_test.hpp>
#include <iconv.h>

#include <random>

namespace {

using namespace diaban;
using namespace diaban::geo::cadastre;
using geo::Position;

/// The letter that glibc has for a byte of TCVN 5712, composed.
std::string by_iconv(char byte) {
    auto const converter = iconv_open("UTF-8", "TCVN5712-1");
    BOOST_REQUIRE(converter != reinterpret_cast<iconv_t>(-1));
    std::string in{byte};
    in += ' ';
    std::string out(16, '\0');
    char* from = in.data();
    char* to = out.data();
    std::size_t left = in.size();
    std::size_t room = out.size();
    iconv(converter, &from, &left, &to, &room);
    iconv(converter, nullptr, nullptr, &to, &room);
    iconv_close(converter);
    out.resize(16 - room);
    if (!out.empty()) out.pop_back();
    return out;
}

std::string in_tcvn3(std::string_view utf8) {
    std::string bytes;
    for (std::size_t i = 0; i < utf8.size();) {
        bool found = false;
        for (auto const& letter : tcvn3_letters)
            if (utf8.substr(i).starts_with(letter.letter)) {
                bytes += static_cast<char>(letter.byte);
                i += letter.letter.size();
                found = true;
                break;
            }
        if (!found) bytes += utf8[i++];
    }
    return bytes;
}

/// Corners of parcels near Hà Tĩnh, in a zone.
std::vector<Position> sheet_in(int srid, double east, double north) {
    std::vector<Position> corners;
    for (int i = 0; i < 20; ++i)
        for (int j = 0; j < 20; ++j)
            corners.push_back({105.905 + east + i * 2.3e-4, 18.343 + north + j * 2.1e-4});
    geo::Transform::between(4326, srid).apply(corners);
    return corners;
}

geo::Geometry commune() {
    return test::polygon(
        {{{105.9, 18.34}, {105.915, 18.34}, {105.915, 18.35}, {105.9, 18.35}, {105.9, 18.34}}});
}

constexpr SheetReading right{9209, false, DatumStep::as_defined};

} // namespace

BOOST_AUTO_TEST_SUITE(sheets)

BOOST_AUTO_TEST_CASE(tcvn3_letters_are_those_of_glibc) {
    std::size_t compared = 0;
    for (auto const& letter : tcvn3_letters) {
        auto const theirs = by_iconv(static_cast<char>(letter.byte));
        BOOST_TEST(theirs == letter.letter);
        ++compared;
    }
    BOOST_TEST(compared == 74U);
}

BOOST_AUTO_TEST_CASE(vni_and_tcvn3_give_the_same_names) {
    // "Trần Văn Bình, Hộ ông Nguyễn Đức Thưởng" as VNI fonts write it.
    std::string const vni = "Tra\xE0n Va\xEAn B\xECnh, Ho\xE4 o\xE2ng Nguye\xE3n \xD1\xF6\xF9"
                            "c Th\xF6\xF4\xFBng";
    std::string const name = "Trần Văn Bình, Hộ ông Nguyễn Đức Thưởng";
    BOOST_TEST(decoded(vni, TextEncoding::vni) == name);
    BOOST_TEST(decoded(in_tcvn3(name), TextEncoding::tcvn3) == name);
}

BOOST_AUTO_TEST_CASE(text_that_a_reader_took_for_windows_1252_comes_out_alike) {
    // ư is 0xAD, ờ 0xEA, á 0xB8: U+00AD, U+00EA, U+00B8.
    BOOST_TEST(decoded("\xC2\xAD\xC3\xAA\xC2\xB8", TextEncoding::tcvn3) == "ườá");
}

BOOST_AUTO_TEST_CASE(the_encoding_is_known_by_its_syllables) {
    std::vector<std::string> const names{"Trần Văn Bình", "Nguyễn Thị Hường", "Đất ở nông thôn",
                                         "Đường liên xã", "Lê Quý Đôn"};
    BOOST_TEST((encoding_of(names).encoding == TextEncoding::unicode));
    BOOST_TEST(encoding_of(names).sure);
    std::vector<std::string> old;
    for (auto const& name : names) old.push_back(in_tcvn3(name));
    auto const evidence = encoding_of(old);
    BOOST_TEST((evidence.encoding == TextEncoding::tcvn3));
    BOOST_TEST(evidence.sure);
    BOOST_TEST(evidence.samples[0].after == names[0]);
    std::vector<std::string> const vni{"Tra\xE0n Va\xEAn B\xECnh",
                                       "Nguye\xE3n Th\xF2 H\xF6\xF4\xF8ng"};
    BOOST_TEST((encoding_of(vni).encoding == TextEncoding::vni));
    BOOST_TEST(encoding_of(vni).sure);
    BOOST_TEST(!encoding_of(std::vector<std::string>{"\xE3\xE4\xE5 \xFF\xFE"}).sure);
}

BOOST_AUTO_TEST_CASE(a_sheet_read_as_it_was_made_passes) {
    auto const verdict = judge_sheet(sheet_in(9209, 0, 0), right, {.boundary = commune()});
    BOOST_TEST(verdict.accepted);
    BOOST_TEST(verdict.fault == "");
}

BOOST_AUTO_TEST_CASE(a_wrong_zone_is_named_and_the_right_one_proposed) {
    auto const corners = sheet_in(9209, 0, 0);
    auto const verdict = judge_sheet(corners, {5897, false}, {.boundary = commune()});
    BOOST_TEST(!verdict.accepted);
    BOOST_TEST(verdict.fault == "wrong-zone");
    BOOST_TEST((verdict.proposed == right));
    BOOST_TEST(verdict.moved > 10'000);
}

BOOST_AUTO_TEST_CASE(the_ha_nam_point_read_in_ha_tinhs_zone_is_refused) {
    // EPSG:5897 595113.670, 2272407.008 is 20.541 N, 105.914 E (reference answers).
    std::vector<Position> const corners{{595113.670, 2272407.008}, {595123.670, 2272407.008}};
    auto const unit = test::polygon(
        {{{105.9, 20.53}, {105.93, 20.53}, {105.93, 20.55}, {105.9, 20.55}, {105.9, 20.53}}});
    auto const verdict = judge_sheet(corners, {9209, false}, {.boundary = unit});
    BOOST_TEST(verdict.fault == "wrong-zone");
    BOOST_REQUIRE(verdict.proposed.has_value());
    BOOST_TEST(verdict.proposed->srid == 5897);
    BOOST_TEST(verdict.outside > 10'000);
}

BOOST_AUTO_TEST_CASE(swapped_axes_are_recognised) {
    auto corners = sheet_in(9209, 0, 0);
    for (auto& p : corners) std::swap(p.x, p.y);
    auto const verdict = judge_sheet(corners, right, {.boundary = commune()});
    BOOST_TEST(verdict.fault == "swapped-axes");
    BOOST_TEST((verdict.proposed == SheetReading{9209, true}));
}

BOOST_AUTO_TEST_CASE(a_datum_that_was_never_shifted_is_flagged_by_boundary_and_by_neighbours) {
    auto corners = sheet_in(9209, 0, 0);
    // WGS 84 coordinates projected as if they were VN-2000's.
    std::vector<Position> degrees = corners;
    geo::Transform::between(9209, 4326).apply(degrees);
    auto unshifted = degrees;
    geo::Transform::between(4756, 9209).apply(unshifted);
    geo::Geometry tight = test::polygon({{{105.9048, 18.3428},
                                          {105.9096, 18.3428},
                                          {105.9096, 18.3472},
                                          {105.9048, 18.3472},
                                          {105.9048, 18.3428}}});
    auto const by_boundary = judge_sheet(unshifted, right, {.boundary = tight});
    BOOST_TEST(by_boundary.fault == "unshifted-datum");
    BOOST_TEST(by_boundary.moved > 223.0);
    BOOST_TEST(by_boundary.moved < 225.0);
    auto const by_neighbours =
        judge_sheet(unshifted, right,
                    {.boundary = commune(), .neighbours = {degrees.begin(), degrees.begin() + 20}});
    BOOST_TEST(by_neighbours.fault == "unshifted-datum");
    BOOST_TEST(by_neighbours.corners_met_proposed == 20U);
}

BOOST_AUTO_TEST_CASE(a_flipped_rotation_is_told_by_neighbours) {
    auto const truth = sheet_in(9209, 0, 0);
    auto world = positions_read(truth, right);
    auto const flipped = positions_read(truth, {9209, false, DatumStep::flipped});
    double const off = geo::ops::geodesic_distance(world[0], flipped[0]);
    BOOST_TEST(off > 0.70);
    BOOST_TEST(off < 0.79);
    // The neighbours were brought in rightly; this sheet is only met if its step is turned.
    auto const verdict =
        judge_sheet(truth, right,
                    {.boundary = commune(), .neighbours = {flipped.begin(), flipped.begin() + 20}});
    BOOST_TEST(verdict.fault == "flipped-rotation");
    BOOST_TEST((verdict.proposed == SheetReading{9209, false, DatumStep::flipped}));
}

BOOST_AUTO_TEST_CASE(without_evidence_nothing_passes) {
    BOOST_TEST(judge_sheet(sheet_in(9209, 0, 0), right, {}).fault == "no-evidence");
    auto const elsewhere =
        test::polygon({{{108, 10}, {108.1, 10}, {108.1, 10.1}, {108, 10.1}, {108, 10}}});
    BOOST_TEST(judge_sheet(sheet_in(9209, 0, 0), right, {.boundary = elsewhere}).fault ==
               "no-reading-fits");
}

BOOST_AUTO_TEST_SUITE_END()
