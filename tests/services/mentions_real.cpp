// Names of real units, found in texts that name them.

#include "services/domain/mentions.hpp"
#include "tests/services/real_ground.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <iostream>
#include <string>

using namespace diaban;
using services::domain::ListedUnit;
using services::domain::Mentions;
using services::domain::Vintage;
using tests::RealGround;

namespace {

bool seen(ListedUnit const&) {
    return true;
}

} // namespace

BOOST_AUTO_TEST_SUITE(mentions)

BOOST_AUTO_TEST_CASE(every_present_unit_is_found_first_where_its_full_name_and_province_stand) {
    auto const* const ground = RealGround::of("mentions");
    if (ground == nullptr) return;
    Mentions const mentions{ground->lists};
    auto const units = ground->lists->units(Vintage::present);
    std::size_t asked = 0;
    std::size_t surest = 0;
    std::string missed;
    for (auto const& unit : units) {
        auto const up = unit.up[0];
        if (!up || &units[*up] == &unit) continue;
        auto const text =
            "Ngập sâu ở " + unit.place().full_name + ", " + units[*up].place().full_name + ".";
        auto const found = mentions.find(text, seen);
        ++asked;
        auto const own = std::ranges::find(found, &unit, &services::domain::Mention::unit);
        if (own != found.end() && own->certainty >= found.front().certainty)
            ++surest;
        else
            missed += unit.place().full_name + "; ";
    }
    std::cout << surest << " of " << asked << " units are found first; not: " << missed << "\n";
    BOOST_TEST(asked == 3321U);
    BOOST_TEST(double(surest) / double(asked) >= 0.99);
}

BOOST_AUTO_TEST_CASE(a_kind_with_its_marks_is_no_part_of_the_name_behind_it) {
    auto const* const ground = RealGround::of("mentions");
    if (ground == nullptr) return;
    Mentions const mentions{ground->lists};
    // There was a commune Phương Thạnh, which is Bình Phú now.
    auto const found = mentions.find("Ngập sâu ở Phường Thành Sen", seen);
    BOOST_REQUIRE(found.size() == 1U);
    BOOST_TEST(found[0].unit->place().full_name == "Phường Thành Sen");
    BOOST_TEST(found[0].words == "Thành Sen");
    BOOST_TEST(found[0].certainty == 0.95, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_SUITE_END()
