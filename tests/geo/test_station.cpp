// Alert levels, fast changes and silence of stations.

#include "geo/error.hpp"
#include "geo/watch/station.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace diaban::geo;
using watch::AlertLevels;
using watch::Reading;
using watch::StationChange;
using watch::StationEvent;
using watch::StationRule;
using watch::StationState;

constexpr std::int64_t minute = 60'000'000;
// Decision 05/2020/QĐ-TTg.
constexpr AlertLevels linh_cam{4.5, 5.5, 6.5};
constexpr AlertLevels chu_le{std::nullopt, 12.0, 13.5};

StationRule rule_of(AlertLevels const& levels, double hysteresis = 0.05) {
    StationRule rule;
    rule.levels = levels;
    rule.hysteresis = hysteresis;
    return rule;
}

std::vector<StationChange> all(StationRule const& rule, std::vector<double> const& values,
                               StationState& state) {
    std::vector<StationChange> changes;
    for (double const value : values) {
        Instant const at{state.last ? state.last->at.microseconds + 10 * minute : 0};
        observe(rule, state, {at, value}, changes);
    }
    return changes;
}

} // namespace

BOOST_AUTO_TEST_SUITE(stations)

BOOST_AUTO_TEST_CASE(a_gauge_is_told_by_its_nearest_level_as_bulletins_do) {
    using watch::gauge_words;
    BOOST_TEST(gauge_words(linh_cam, 4.27) == "BĐ1 − 0.23");
    BOOST_TEST(gauge_words(linh_cam, 4.78) == "BĐ1 + 0.28");
    BOOST_TEST(gauge_words(linh_cam, 5.34) == "BĐ2 − 0.16");
    BOOST_TEST(gauge_words(linh_cam, 6.20) == "BĐ3 − 0.30");
    BOOST_TEST(gauge_words(linh_cam, 8.123) == "BĐ3 + 1.62");
    BOOST_TEST(gauge_words(linh_cam, 5.5) == "BĐ2");
    BOOST_TEST(gauge_words(linh_cam, 5.4951) == "BĐ2"); // to the centimetre
    BOOST_TEST(gauge_words(linh_cam, 5.0) == "BĐ1 + 0.50");
    BOOST_TEST(gauge_words(chu_le, 11.94) == "BĐ2 − 0.06");
    BOOST_TEST(gauge_words(chu_le, -0.5) == "BĐ2 − 12.50");
    BOOST_TEST(gauge_words({}, 4.27).empty());
    BOOST_TEST(gauge_words(linh_cam, std::nan("")).empty());
    BOOST_TEST(gauge_words(linh_cam, 1e300).empty());
}

BOOST_AUTO_TEST_CASE(linh_cam_alarms_at_level_one_and_two_and_no_more) {
    StationState state;
    auto const changes = all(rule_of(linh_cam), {4.27, 4.78, 5.34, 6.20}, state);
    BOOST_REQUIRE(changes.size() == 2U);
    BOOST_TEST((changes[0].event == StationEvent::level_reached));
    BOOST_TEST(changes[0].level == 1);
    BOOST_TEST(changes[0].reading.value == 4.78);
    BOOST_TEST((changes[1].event == StationEvent::level_reached));
    BOOST_TEST(changes[1].level == 2);
    BOOST_TEST(changes[1].reading.value == 6.20);
}

BOOST_AUTO_TEST_CASE(a_level_is_left_only_beyond_the_hysteresis_and_does_not_flap) {
    StationState state;
    auto const rule = rule_of(linh_cam);
    auto changes = all(rule, {4.5, 4.49, 4.5, 4.46, 4.51, 4.45, 4.50}, state);
    BOOST_REQUIRE(changes.size() == 1U);
    changes = all(rule, {4.44, 4.46, 4.49}, state);
    BOOST_REQUIRE(changes.size() == 1U);
    BOOST_TEST((changes[0].event == StationEvent::level_left));
    BOOST_TEST(changes[0].level == 0);
    changes = all(rule, {7.0, 5.47, 5.46}, state); // from III within II's hysteresis
    BOOST_REQUIRE(changes.size() == 2U);
    BOOST_TEST(changes[0].level == 3);
    BOOST_TEST(changes[1].level == 2);
}

BOOST_AUTO_TEST_CASE(a_station_without_level_one_goes_from_none_to_two) {
    StationState state;
    auto const changes = all(rule_of(chu_le), {11.9, 12.0, 11.0}, state);
    BOOST_REQUIRE(changes.size() == 2U);
    BOOST_TEST(changes[0].level == 2);
    BOOST_TEST(changes[1].level == 0);
}

BOOST_AUTO_TEST_CASE(low_water_alarms_downwards) {
    auto rule = rule_of({{2.0, 1.0, std::nullopt}}, 0.1);
    rule.falling = true;
    watch::check(rule);
    StationState state;
    auto const changes = all(rule, {2.5, 2.0, 2.05, 0.9, 1.2, 2.2}, state);
    BOOST_REQUIRE(changes.size() == 4U);
    BOOST_TEST(changes[0].level == 1);
    BOOST_TEST(changes[1].level == 2);
    BOOST_TEST(changes[2].level == 1);
    BOOST_TEST(changes[3].level == 0);
}

BOOST_AUTO_TEST_CASE(readings_that_are_late_or_none_change_nothing) {
    StationState state;
    std::vector<StationChange> changes;
    auto const rule = rule_of(linh_cam);
    observe(rule, state, {{100}, 4.0}, changes);
    auto const before = state;
    observe(rule, state, {{100}, 9.0}, changes); // the same again
    observe(rule, state, {{99}, 9.0}, changes);
    observe(rule, state, {{101}, std::nan("")}, changes);
    observe(rule, state, {{101}, std::numeric_limits<double>::infinity()}, changes);
    BOOST_TEST(changes.empty());
    BOOST_TEST((state == before));
}

BOOST_AUTO_TEST_CASE(silence_is_no_data_once_and_never_normal) {
    auto rule = rule_of(linh_cam);
    rule.silence = 30 * minute;
    StationState state;
    std::vector<StationChange> changes;
    observe(rule, state, {{0}, 4.78}, changes);
    changes.clear();
    wait(rule, state, {30 * minute}, {0}, changes);
    BOOST_TEST(changes.empty());
    wait(rule, state, {30 * minute + 1}, {0}, changes);
    wait(rule, state, {99 * minute}, {0}, changes);
    BOOST_REQUIRE(changes.size() == 1U);
    BOOST_TEST((changes[0].event == StationEvent::silent));
    BOOST_TEST(changes[0].reading.at.microseconds == 30 * minute);
    BOOST_TEST(state.level == 1); // what was reached is not taken back by silence
    changes.clear();
    observe(rule, state, {{100 * minute}, 4.79}, changes);
    BOOST_REQUIRE(changes.size() == 1U);
    BOOST_TEST((changes[0].event == StationEvent::heard));

    StationState unheard; // never spoke since one began to listen
    changes.clear();
    wait(rule, unheard, {29 * minute}, {0}, changes);
    BOOST_TEST(changes.empty());
    wait(rule, unheard, {31 * minute}, {0}, changes);
    BOOST_TEST(changes.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_fast_rise_is_told_once_and_ends_below_the_hysteresis) {
    StationRule rule;
    rule.change = 0.5;
    rule.window = 60 * minute;
    rule.hysteresis = 0.1;
    StationState state;
    auto changes = all(rule, {1.0, 1.2, 1.4, 1.5, 1.55, 1.6}, state);
    BOOST_REQUIRE(changes.size() == 1U);
    BOOST_TEST((changes[0].event == StationEvent::fast_begun));
    BOOST_TEST(changes[0].reading.value == 1.5);
    changes = all(rule, {1.62, 1.62, 1.62}, state); // 1.62 less 1.2, then less 1.4
    BOOST_REQUIRE(changes.size() == 1U);
    BOOST_TEST((changes[0].event == StationEvent::fast_ended));
}

/// Reference: all readings of the window by themselves.
BOOST_AUTO_TEST_CASE(changes_within_a_window_are_those_of_all_pairs) {
    std::mt19937_64 random{diaban::tests::seed()};
    for (int round = 0; round < 200; ++round) {
        StationRule rule;
        rule.change = 0.1 + double(random() % 40) / 10;
        rule.window = 1 + std::int64_t(random() % 30);
        rule.falling = random() % 2 == 0;
        StationState state;
        std::vector<Reading> readings;
        std::int64_t at = 0;
        double value = 0;
        for (int i = 0; i < 200; ++i) {
            at += 1 + std::int64_t(random() % 6);
            value += (double(random() % 2001) - 1000) / 1000;
            readings.push_back({{at}, value});
            std::vector<StationChange> changes;
            observe(rule, state, readings.back(), changes);
            double most = 0;
            for (auto const& one : readings)
                if (one.at.microseconds >= at - rule.window)
                    most = std::max(most, rule.falling ? one.value - value : value - one.value);
            BOOST_REQUIRE(state.fast == (most >= *rule.change));
        }
    }
}

/// Whatever the values, an alert level is told only when it differs, and the state is what the last
/// change said.
BOOST_AUTO_TEST_CASE(no_change_says_what_was_said_before) {
    std::mt19937_64 random{diaban::tests::seed()};
    for (int round = 0; round < 300; ++round) {
        double const width = 1 + double(random() % 100) / 50;
        auto const rule =
            rule_of({4.0, 4.0 + width, 4.0 + 2 * width}, double(random() % 100) / 100);
        StationState state;
        int said = 0;
        std::vector<double> values(100);
        for (auto& value : values) value = 3 + double(random() % 600) / 100;
        for (auto const& change : all(rule, values, state)) {
            BOOST_REQUIRE(change.level != said);
            BOOST_REQUIRE((change.event == StationEvent::level_reached) == (change.level > said));
            said = change.level;
        }
        BOOST_REQUIRE(said == state.level);
        double const last = state.last->value;
        for (std::size_t i = 0; i < 3; ++i) {
            if (last >= *rule.levels[i]) BOOST_REQUIRE(state.level > int(i));
            if (last < *rule.levels[i] - rule.hysteresis) BOOST_REQUIRE(state.level <= int(i));
        }
    }
}

BOOST_AUTO_TEST_CASE(rules_that_mean_nothing_are_refused_with_the_part) {
    auto const refused = [](auto const& change) {
        auto rule = rule_of(linh_cam);
        change(rule);
        try {
            watch::check(rule);
        } catch (Error const& error) {
            BOOST_TEST(error.type() == "station-rule");
            return error.parameters().at(0).second;
        }
        return std::string{};
    };
    BOOST_TEST(refused([](StationRule&) {}) == "");
    BOOST_TEST(refused([](StationRule& r) { r.levels[1] = 4.5; }) == "levels");
    BOOST_TEST(refused([](StationRule& r) { r.levels[2] = std::nan(""); }) == "levels");
    BOOST_TEST(refused([](StationRule& r) { r.falling = true; }) == "levels");
    BOOST_TEST(refused([](StationRule& r) { r.hysteresis = -1; }) == "hysteresis");
    BOOST_TEST(refused([](StationRule& r) { r.change = 0; }) == "change");
    BOOST_TEST(refused([](StationRule& r) { r.change = 1; }) == "window");
    BOOST_TEST(refused([](StationRule& r) { r.silence = -1; }) == "silence");
}

BOOST_AUTO_TEST_SUITE_END()
