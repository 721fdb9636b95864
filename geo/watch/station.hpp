#pragma once

#include "geo/feature.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace diaban::geo::watch {

/// Alert levels of a station, I to III, in the unit of what it measures. A river may lack some
/// (Decision 05/2020/QĐ-TTg gives Chu Lễ no level I).
using AlertLevels = std::array<std::optional<double>, 3>;

/// A value by the nearest alert level, as bulletins say it: "BĐ2 − 0.16", "BĐ1 + 0.28", and "BĐ2"
/// where it is met.
///
/// Units     metres, in and out; two decimals. The distance is taken of both rounded to
/// centimetres. Ties      between two levels the lower one, which was passed, is named. Empty where
/// there are no levels, or the value is not finite.
[[nodiscard]] std::string gauge_words(AlertLevels const& levels, double value);

/// What alarms somebody about one series of values.
///
/// `levels`      a level is reached at its value or beyond it.
/// `falling`     low values are the danger: levels descend, and "beyond" is below.
/// `hysteresis`  a level is left only farther than this on its quiet side; ≥ 0.
/// `change`      how much towards danger within `window` is fast; > 0.
/// `window`      microseconds; > 0 where there is a `change`.
/// `silence`     microseconds without a value after which there is no data; 0: never.
struct StationRule {
    AlertLevels levels;
    bool falling = false;
    double hysteresis = 0;
    std::optional<double> change;
    std::int64_t window = 0;
    std::int64_t silence = 0;
};

/// Throws   Error{bad_input, "station-rule"} naming the part: levels out of order, numbers that are
///          none or out of their range.
void check(StationRule const& rule);

struct Reading {
    Instant at;
    double value = 0;

    friend bool operator==(Reading const&, Reading const&) = default;
};

/// What has become of a station. A new one has never been heard.
struct StationState {
    std::optional<Reading> last;
    int level = 0;       ///< 0, or the alert level that is reached and not left
    bool silent = false; ///< no data: what `level` says is of the past
    bool fast = false;
    /// Readings of the window that none after them is calmer than, calmest first.
    std::vector<Reading> calm;

    friend bool operator==(StationState const&, StationState const&) = default;
};

enum class StationEvent : std::uint8_t {
    level_reached, ///< a higher level than before; `level` is the new one
    level_left,    ///< `level` is the one that still holds, or 0
    fast_begun,
    fast_ended,
    silent, ///< `at` is when data was missed first
    heard,  ///< data again
};

struct StationChange {
    StationEvent event;
    int level = 0;
    Reading reading; ///< the one that did it; of `silent`, the last one, at the time of silence

    friend bool operator==(StationChange const&, StationChange const&) = default;
};

/// Takes a reading; what that changes is appended to `changes`. A jump over several levels is one
/// change. Readings that are not later than the last one, or not finite, change nothing.
///
/// Rule     checked. Fast changes end where the change within the window is below `change` less
///          the hysteresis.
/// Cost     constant, averaged over readings; memory: readings of a window, at most.
void observe(StationRule const& rule, StationState& state, Reading reading,
             std::vector<StationChange>& changes);

/// Lets time pass: a station heard of before `now` less `silence` becomes silent, once. One that
/// was never heard of is silent from `since`, when one began to listen.
void wait(StationRule const& rule, StationState& state, Instant now, Instant since,
          std::vector<StationChange>& changes);

} // namespace diaban::geo::watch
