#include "geo/watch/station.hpp"

#include "geo/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace diaban::geo::watch {

namespace {

/// How far a value is towards danger.
double danger(StationRule const& rule, double value) noexcept {
    return rule.falling ? -value : value;
}

[[noreturn]] void refuse(char const* part) {
    throw Error{Code::bad_input, "station-rule", {{"parameter", part}}};
}

/// The highest level that is reached by `value` with `slack` forgiven.
int level_of(StationRule const& rule, double value, double slack) noexcept {
    for (int level = 3; level > 0; --level)
        if (auto const& at = rule.levels[std::size_t(level - 1)])
            if (danger(rule, value) >= danger(rule, *at) - slack) return level;
    return 0;
}

void judge_level(StationRule const& rule, StationState& state, Reading reading,
                 std::vector<StationChange>& changes) {
    int const reached = level_of(rule, reading.value, 0);
    int const held = std::min(state.level, level_of(rule, reading.value, rule.hysteresis));
    int const level = std::max(reached, held);
    if (level == state.level) return;
    auto const event = level > state.level ? StationEvent::level_reached : StationEvent::level_left;
    state.level = level;
    changes.push_back({event, level, reading});
}

/// Keeps the calmest readings of the window in order (a monotonic queue), and compares with the
/// first.
void judge_change(StationRule const& rule, StationState& state, Reading reading,
                  std::vector<StationChange>& changes) {
    if (!rule.change) return;
    auto& calm = state.calm;
    auto const old = std::ranges::find_if(calm, [&](Reading const& one) {
        return one.at.microseconds >= reading.at.microseconds - rule.window;
    });
    calm.erase(calm.begin(), old);
    while (!calm.empty() && danger(rule, calm.back().value) >= danger(rule, reading.value))
        calm.pop_back();
    calm.push_back(reading);
    double const grown = danger(rule, reading.value) - danger(rule, calm.front().value);
    bool const fast = grown >= *rule.change - (state.fast ? rule.hysteresis : 0);
    if (fast == state.fast) return;
    state.fast = fast;
    changes.push_back(
        {fast ? StationEvent::fast_begun : StationEvent::fast_ended, state.level, reading});
}

} // namespace

std::string gauge_words(AlertLevels const& levels, double value) {
    constexpr double centimetres = 100;
    constexpr double most = 1e12; // rounds to whole numbers without doubt
    if (!(std::abs(value) < most)) return {};
    auto const rounded = [](double metres) { return std::llround(metres * centimetres); };
    std::optional<std::size_t> nearest;
    long long apart = 0;
    for (std::size_t i = 0; i < levels.size(); ++i) {
        if (!levels[i]) continue;
        auto const distance = rounded(value) - rounded(*levels[i]);
        if (nearest && std::llabs(distance) >= std::llabs(apart)) continue;
        nearest = i;
        apart = distance;
    }
    if (!nearest) return {};
    auto const name = fmt::format("BĐ{}", *nearest + 1);
    if (apart == 0) return name;
    auto const whole = std::llabs(apart);
    return fmt::format("{} {} {}.{:02}", name, apart < 0 ? "−" : "+", whole / 100, whole % 100);
}

void check(StationRule const& rule) {
    std::optional<double> before;
    for (auto const& level : rule.levels) {
        if (!level) continue;
        if (!std::isfinite(*level)) refuse("levels");
        if (before && danger(rule, *level) <= danger(rule, *before)) refuse("levels");
        before = level;
    }
    if (!(rule.hysteresis >= 0) || !std::isfinite(rule.hysteresis)) refuse("hysteresis");
    if (rule.change && (!(*rule.change > 0) || !std::isfinite(*rule.change))) refuse("change");
    if (rule.change && rule.window <= 0) refuse("window");
    if (rule.silence < 0) refuse("silence");
}

void observe(StationRule const& rule, StationState& state, Reading reading,
             std::vector<StationChange>& changes) {
    if (!std::isfinite(reading.value)) return;
    if (state.last && reading.at <= state.last->at) return;
    if (state.silent) {
        state.silent = false;
        changes.push_back({StationEvent::heard, state.level, reading});
    }
    state.last = reading;
    judge_level(rule, state, reading, changes);
    judge_change(rule, state, reading, changes);
}

void wait(StationRule const& rule, StationState& state, Instant now, Instant since,
          std::vector<StationChange>& changes) {
    if (rule.silence == 0 || state.silent) return;
    auto const heard = state.last ? state.last->at : since;
    Instant const missed{heard.microseconds + rule.silence};
    if (now <= missed) return;
    state.silent = true;
    changes.push_back(
        {StationEvent::silent, state.level, {missed, state.last ? state.last->value : 0}});
}

} // namespace diaban::geo::watch
