// CASEI, ACCENTI and LIKE on words that matter in Viet Nam and on Unicode's own hard cases.

#include "geo/filter/fold.hpp"
#include "geo/filter/pattern.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <random>
#include <regex>
#include <string>

namespace {

using namespace diaban::geo::filter;

std::string cased(std::string_view text) {
    std::string into;
    fold_case(text, into);
    return into;
}
std::string plain(std::string_view text) {
    std::string into;
    fold_accents(text, into);
    return into;
}
bool like(std::string_view text, std::string_view pattern) {
    return Pattern{pattern}.matches(text);
}

} // namespace

BOOST_AUTO_TEST_CASE(casei_folds_case_fully_and_keeps_accents) {
    // CaseFolding.txt of Unicode 15, statuses C and F.
    BOOST_TEST(cased("ĐỨC THỌ") == "đức thọ");
    BOOST_TEST(cased("Straße") == cased("STRASSE"));
    BOOST_TEST(cased("ΟΔΟΣ") == cased("οδος"));
    BOOST_TEST(cased("οδος") == cased("οδοσ"));
    BOOST_TEST(cased("ﬁ") == "fi");
    BOOST_TEST(cased("I") == "i");
    BOOST_TEST(cased("é") != cased("e"));
    BOOST_TEST(cased("").empty());
}

BOOST_AUTO_TEST_CASE(accenti_takes_marks_and_strokes_and_keeps_case) {
    BOOST_TEST(plain("Cẩm Duệ") == "Cam Due");
    BOOST_TEST(plain("Đức Thọ, đường Nguyễn Huệ") == "Duc Tho, duong Nguyen Hue");
    BOOST_TEST(plain("ươƯƠ") == "uoUO");
    BOOST_TEST(plain("e\u0301\u0323") == "e");
    BOOST_TEST(plain("Łódź, Øresund") == "Lodz, Oresund");
    // The standard's recommendation: Japanese voicing marks stay.
    BOOST_TEST(plain("はじめ") != plain("はしめ"));
    BOOST_TEST(plain("日本 😀") == "日本 😀");
}

BOOST_AUTO_TEST_CASE(a_letter_folds_alike_alone_and_among_letters_that_no_table_knows) {
    // Behind U+65E5 the whole text goes through ICU, alone through the table of Latin letters.
    std::string const other = "日";
    for (char32_t c = 1; c < 0x2000; ++c) {
        if (c >= 0x370 && c < 0x1e00) continue;
        std::string letter;
        if (c < 0x80) {
            letter = std::string(1, char(c));
        } else if (c < 0x800) {
            letter = {char(0xc0 | c >> 6), char(0x80 | (c & 0x3f))};
        } else {
            letter = {char(0xe0 | c >> 12), char(0x80 | (c >> 6 & 0x3f)), char(0x80 | (c & 0x3f))};
        }
        BOOST_TEST(cased(other + letter) == other + cased(letter), std::uint32_t(c));
        BOOST_TEST(plain(other + letter) == other + plain(letter), std::uint32_t(c));
    }
}

BOOST_AUTO_TEST_CASE(compose_gives_what_the_record_holds) {
    std::string into;
    compose("Ca\u0302\u0309m Due\u0323\u0302", into);
    BOOST_TEST(into == "Cẩm Duệ");
}

BOOST_AUTO_TEST_CASE(like_takes_characters_for_one_whatever_their_bytes) {
    BOOST_TEST(like("Cẩm Duệ", "C_m Du_"));
    BOOST_TEST(!like("Cẩm Duệ", "C__m Du_"));
    BOOST_TEST(like("😀", "_"));
    BOOST_TEST(like("", "%"));
    BOOST_TEST(like("", ""));
    BOOST_TEST(!like("", "_"));
    BOOST_TEST(like("100%", "100\\%"));
    BOOST_TEST(!like("100x", "100\\%"));
    BOOST_TEST(like("a\\b", "a\\\\b"));
    BOOST_TEST(like("abcabc", "%abc"));
    BOOST_TEST(like("abab", "%ab%ab"));
    BOOST_TEST(!like("abab", "%ab%ab_"));
    BOOST_TEST(Pattern::sound("a\\\\"));
    BOOST_TEST(!Pattern::sound("a\\"));
    BOOST_TEST(!Pattern::sound("\\"));
}

BOOST_AUTO_TEST_CASE(like_agrees_with_a_regular_expression_on_random_words) {
    std::mt19937_64 random{diaban::tests::seed()};
    auto const word = [&](std::string_view letters) {
        std::string text;
        for (auto n = random() % 8; n > 0; --n) text += letters[random() % letters.size()];
        return text;
    };
    for (int i = 0; i < 20'000; ++i) {
        auto const text = word("ab");
        auto const pattern = word("ab_%");
        std::string expression;
        for (char const c : pattern)
            expression += c == '%' ? ".*" : c == '_' ? "." : std::string(1, c);
        BOOST_TEST(like(text, pattern) == std::regex_match(text, std::regex{expression}),
                   text << " LIKE " << pattern);
    }
}

BOOST_AUTO_TEST_CASE(a_pattern_made_to_be_slow_is_answered_in_time) {
    std::string const text(100'000, 'a');
    std::string pattern;
    for (int i = 0; i < 50; ++i) pattern += "%a_";
    BOOST_TEST(!like(text, pattern + "b"));
}
