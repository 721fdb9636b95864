#pragma once

#include "geo/feature.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace diaban::geo::hazard {

/// Which calls for rescue have a priority: all that a row states must be met.
struct TriageRule {
    int priority = 4;                 ///< 1 … 4, 1 the highest
    std::optional<double> depth_from; ///< m of water
    std::optional<std::int64_t> vulnerable_from;
    std::optional<std::int64_t> people_from;
    Date since;
};

inline constexpr int lowest_priority = 4;

/// What a call says of those who call.
struct Plight {
    std::int64_t people = 1;
    std::int64_t vulnerable = 0;
    std::optional<double> depth; ///< m; not said: no row that states a depth is met
};

/// The highest priority of the rows that are met; the lowest where none is. `rules` in force.
[[nodiscard]] int triage(std::span<TriageRule const> rules, Plight const& plight);

/// How far two texts speak of the same: words in both by words in either (Jaccard 1901), whatever
/// their case, accents and order; 0 … 1, 0 where one has no word.
[[nodiscard]] double shared_words(std::string_view one, std::string_view other);

/// A call that came before, as a new one sees it.
struct EarlierCall {
    std::int64_t root = 0; ///< the call that it was merged into, or itself
    bool is_root = true;
    bool same_phone = false;
    double metres = 0;             ///< along the ellipsoid
    std::int64_t microseconds = 0; ///< between the two
    std::string_view text;
};

/// Which call a new one is merged into: that of the same telephone, else the nearest within 50 m
/// and 30 minutes whose text shares half of its words. The second way leads to calls that stand
/// for themselves alone: neighbours are not drawn together through one another.
[[nodiscard]] std::optional<std::int64_t> merged_into(std::span<EarlierCall const> earlier,
                                                      std::string_view text);

} // namespace diaban::geo::hazard
