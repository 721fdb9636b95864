#include "services/domain/fold.hpp"
#include "services/domain/gazetteer.hpp"
#include "tests/services/real_ground.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <iostream>
#include <random>

using namespace diaban;
using services::domain::alignment_distance;
using services::domain::Gazetteer;
using services::domain::typed_form;
using services::domain::Vintage;
using tests::RealGround;

namespace {

/// A letter wrong, missing, too many, or exchanged with the next, in a text of plain letters.
std::string with_error(std::string text, std::mt19937_64& random) {
    std::vector<std::size_t> letters;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (text[i] >= 'a' && text[i] <= 'z') letters.push_back(i);
    auto const at = letters[random() % letters.size()];
    auto const other = static_cast<char>('a' + random() % 26);
    switch (random() % 4) {
    case 0: text[at] = other; break;
    case 1: text.erase(at, 1); break;
    case 2: text.insert(at, 1, other); break;
    default:
        if (at + 1 < text.size() && text[at + 1] >= 'a') std::swap(text[at], text[at + 1]);
    }
    return text;
}

geo::Policy const* everything(std::string_view) {
    static auto const all = geo::Policy::everything();
    return &all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(geocode)

BOOST_AUTO_TEST_CASE(what_is_typed_is_one_form_however_it_is_written) {
    BOOST_TEST(typed_form("TP. Hà Tĩnh") == "thanhphohatinh");
    BOOST_TEST(typed_form("Tp Hà Tĩnh") == typed_form("thành phố hà tĩnh"));
    BOOST_TEST(typed_form("X.Cẩm Duệ, H. Cẩm Xuyên") == "xacamduehuyencamxuyen");
    BOOST_TEST(typed_form("P. 12, Q.1") == "phuong12quan1");
    BOOST_TEST(typed_form("P12") == typed_form("Phường 12"));
    BOOST_TEST(typed_form("phuong 01") == "phuong1");
    BOOST_TEST(typed_form("TT Phố Châu") == "thitranphochau");
    BOOST_TEST(typed_form("TX Kỳ Anh") == "thixakyanh");
    BOOST_TEST(typed_form("…").empty());
    BOOST_TEST(services::domain::without_kinds("P. Bích Động, TX Việt Yên") == "bichdongvietyen");
}

/// Reference: the definition, by hand.
BOOST_AUTO_TEST_CASE(an_exchange_of_neighbours_is_one_error) {
    BOOST_TEST(alignment_distance("camdue", "camdue", 2) == 0U);
    BOOST_TEST(alignment_distance("camdeu", "camdue", 2) == 1U);
    BOOST_TEST(alignment_distance("camdu", "camdue", 2) == 1U);
    BOOST_TEST(alignment_distance("caamdue", "camdue", 2) == 1U);
    BOOST_TEST(alignment_distance("ca", "abc", 5) == 3U); // no letter is touched twice
    BOOST_TEST(alignment_distance("hatinh", "thaibinh", 2) == 3U);
    BOOST_TEST(alignment_distance("", "ab", 2) == 2U);
}

/// The whole name is typed, without accents, with kind, district and province, and one random
/// error. Nothing is allowed for units whose names differ by accents alone, which nobody could tell
/// apart so.
BOOST_AUTO_TEST_CASE(units_of_both_lists_are_found_first_though_typed_with_an_error) {
    auto const* const ground = RealGround::of("geocode");
    if (ground == nullptr) return;
    Gazetteer const gazetteer{{ground->places}};
    std::mt19937_64 random{tests::seed()};
    std::size_t right = 0;
    std::size_t right_without_error = 0;
    std::size_t asked = 0;
    auto const found = [&](std::string const& typed, services::domain::ListedUnit const& unit) {
        auto const matches = gazetteer.find(typed, 1, 2, everything);
        return !matches.empty() && matches.front().named->fid == unit.place().fid;
    };
    for (auto const vintage : {Vintage::former, Vintage::present}) {
        auto const units = ground->lists->units(vintage);
        for (std::uint32_t i = 0; i < units.size(); ++i) {
            auto const& unit = units[i];
            auto text = services::domain::fold(unit.place().full_name);
            for (int level = 1; level >= 0; --level)
                if (auto const up = unit.up[std::size_t(level)]; up && *up != i)
                    text += ", " + services::domain::fold(units[*up].place().full_name);
            ++asked;
            right_without_error += found(text, unit);
            right += found(with_error(text, random), unit);
        }
    }
    double const share = double(right) / double(asked);
    std::cout << "right first answers: " << right << " of " << asked << " with an error (" << share
              << "), " << right_without_error << " without\n";
    BOOST_TEST(asked == 14'161U);
    BOOST_TEST(share >= 0.99);
}

BOOST_AUTO_TEST_SUITE_END()
