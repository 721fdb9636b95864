// Coordinates as text: the digits that the standard library writes, found faster.

#include "geo/codec/coordinates.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>

namespace {

using diaban::geo::codec::append_coordinate;
using diaban::geo::codec::append_shortest;

std::string shortest(double value) {
    std::string text;
    append_shortest(text, value);
    return text;
}

std::string shortest_of_the_library(double value) {
    std::array<char, 32> text;
    return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

std::string fixed(double value, int decimals) {
    std::string text;
    append_coordinate(text, value, {false, decimals});
    return text;
}

/// Without the zeros at its end.
std::string fixed_of_the_library(double value, int decimals) {
    std::array<char, 512> text;
    auto* end = std::to_chars(text.data(), text.data() + text.size(), value,
                              std::chars_format::fixed, decimals)
                    .ptr;
    if (decimals > 0) {
        while (end[-1] == '0') --end;
        if (end[-1] == '.') --end;
    }
    std::string written{text.data(), end};
    return written == "-0" ? "0" : written;
}

} // namespace

BOOST_AUTO_TEST_SUITE(coordinates)

BOOST_AUTO_TEST_CASE(shortest_decimals_are_those_of_the_standard_library) {
    for (double const value :
         {0.0, -0.0, 1.0, -1.0, 105.9, 18.34, -0.5, 99.999999999999986, 1e15, 1e-7, 123456789.125,
          999999999999999.9, 5e-324, 1.7976931348623157e308, std::nextafter(1.0, 2.0),
          std::nextafter(180.0, 0.0), 0.1 + 0.2, 4503599627370495.5})
        BOOST_TEST(shortest(value) == shortest_of_the_library(value));
    std::mt19937_64 random{diaban::tests::seed()};
    std::uniform_real_distribution<double> degrees{-180, 180};
    std::uniform_int_distribution<int> decimals{0, 12};
    for (int i = 0; i < 200'000; ++i) {
        double const value = degrees(random);
        double const scale = std::pow(10, decimals(random));
        BOOST_REQUIRE_EQUAL(shortest(value), shortest_of_the_library(value));
        double const round = std::round(value * scale) / scale; // as few digits as people write
        BOOST_REQUIRE_EQUAL(shortest(round), shortest_of_the_library(round));
        auto const any = std::bit_cast<double>(random());
        if (std::isfinite(any)) BOOST_REQUIRE_EQUAL(shortest(any), shortest_of_the_library(any));
    }
}

BOOST_AUTO_TEST_CASE(rounded_decimals_are_those_of_the_standard_library) {
    // Halfway between two decimals, exactly: the even one; and one step of the double beside.
    for (double const half : {0.5, 1.5, 2.5, 0.125, 0.375, 105.0625, 500000.03125})
        for (double const value : {half, std::nextafter(half, 0), std::nextafter(half, 1e9), -half})
            for (int decimals = 0; decimals <= 12; ++decimals)
                BOOST_TEST(fixed(value, decimals) == fixed_of_the_library(value, decimals));
    std::mt19937_64 random{diaban::tests::seed()};
    std::uniform_real_distribution<double> degrees{-180, 180};
    std::uniform_real_distribution<double> metres{-2e7, 2e7};
    std::uniform_int_distribution<int> decimals{0, 20};
    for (int i = 0; i < 200'000; ++i) {
        auto const places = decimals(random);
        for (double const value : {degrees(random), metres(random), degrees(random) * 1e-9,
                                   std::round(degrees(random) * 1e4) / 1e4, metres(random) * 1e7})
            BOOST_REQUIRE_EQUAL(fixed(value, places), fixed_of_the_library(value, places));
    }
}

BOOST_AUTO_TEST_SUITE_END()
