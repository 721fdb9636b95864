// Range and If-Range (RFC 9110, 14.1.2, 14.2, 13.1.5).

#include "services/http/byte_range.hpp"

#include <boost/test/unit_test.hpp>

#include <string_view>

using diaban::services::http::AskedRange;
using diaban::services::http::choose_range;
using Kind = AskedRange::Kind;

namespace {

struct Case {
    std::string_view range;
    Kind kind;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
};

} // namespace

BOOST_AUTO_TEST_SUITE(ranges)

// The examples of RFC 9110, 14.1.2, of a body of 10,000 bytes, and what is no such range.
BOOST_AUTO_TEST_CASE(a_range_is_read_as_the_standard_says) {
    constexpr Case cases[] = {
        {"bytes=0-499", Kind::part, 0, 499},
        {"bytes=500-999", Kind::part, 500, 999},
        {"bytes=-500", Kind::part, 9500, 9999},
        {"bytes=9500-", Kind::part, 9500, 9999},
        {"BYTES=9999-20000", Kind::part, 9999, 9999},
        {"bytes=-20000", Kind::part, 0, 9999},
        {"bytes=0-0", Kind::part, 0, 0},
        {"bytes=10000-", Kind::unsatisfied},
        {"bytes=-0", Kind::unsatisfied},
        {"", Kind::whole},
        {"bytes=", Kind::whole},
        {"bytes=-", Kind::whole},
        {"bytes=5-4", Kind::whole},
        {"bytes=a-5", Kind::whole},
        {"bytes=5-a", Kind::whole},
        {"bytes=+5-9", Kind::whole},
        {"bytes=0-1,5-6", Kind::whole},
        {"bytes=0-99999999999999999999", Kind::whole},
        {"lines=0-5", Kind::whole},
    };
    for (auto const& [range, kind, first, last] : cases) {
        auto const asked = choose_range(range, "", "\"a\"", 10'000);
        BOOST_TEST((asked.kind == kind), range);
        if (kind != Kind::part) continue;
        BOOST_TEST(asked.first == first, range);
        BOOST_TEST(asked.last == last, range);
    }
    BOOST_TEST((choose_range("bytes=0-", "", "\"a\"", 0).kind == Kind::unsatisfied));
    BOOST_TEST((choose_range("bytes=-5", "", "\"a\"", 0).kind == Kind::unsatisfied));
}

BOOST_AUTO_TEST_CASE(a_part_of_another_state_is_never_sent) {
    auto const kind = [](std::string_view if_range) {
        return choose_range("bytes=5-9", if_range, "\"a\"", 100).kind;
    };
    BOOST_TEST((kind("\"a\"") == Kind::part));
    BOOST_TEST((kind("") == Kind::part));
    for (auto const* const other :
         {"\"b\"", "W/\"a\"", "a", "Wed, 21 Oct 2015 07:28:00 GMT", "\"a\", \"b\""})
        BOOST_TEST((kind(other) == Kind::whole), other);
}

BOOST_AUTO_TEST_SUITE_END()
