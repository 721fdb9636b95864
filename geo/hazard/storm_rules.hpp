#pragma once

#include "geo/feature.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::geo::hazard {

/// A level of a wind scale: from which mean wind on, and what a storm of it is called.
struct WindLevel {
    int level = 0;
    double from = 0;  ///< m/s
    std::string kind; ///< of a storm whose highest wind has this level; empty: none
    Date since;
};

/// What a storm's wind level means in a zone.
struct StormRisk {
    std::string zone;
    int from = 0; ///< wind levels, both included
    int until = 0;
    int risk = 0; ///< 1 … 5
    Date since;
};

/// Rows of a table of rules that are in force on a day: those of the last date that is not later.
template <class Row>
[[nodiscard]] std::vector<Row> in_force(std::span<Row const> rows, Date on) {
    std::optional<Date> last;
    for (auto const& row : rows)
        if (row.since <= on && (!last || row.since > *last)) last = row.since;
    std::vector<Row> found;
    for (auto const& row : rows)
        if (last && row.since == *last) found.push_back(row);
    return found;
}

/// The highest level whose bound the wind reaches; null below all. `levels` in force, in any order.
[[nodiscard]] inline WindLevel const* wind_level(std::span<WindLevel const> levels, double wind) {
    WindLevel const* best = nullptr;
    for (auto const& one : levels)
        if (wind >= one.from && (best == nullptr || one.from > best->from)) best = &one;
    return best;
}

/// The risk level of a zone; nothing where the table has no row for both.
[[nodiscard]] inline std::optional<int> storm_risk(std::span<StormRisk const> rows,
                                                   std::string_view zone, int level) {
    for (auto const& row : rows)
        if (row.zone == zone && row.from <= level && level <= row.until) return row.risk;
    return std::nullopt;
}

} // namespace diaban::geo::hazard
