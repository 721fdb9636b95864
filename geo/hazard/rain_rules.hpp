#pragma once

#include "geo/feature.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace diaban::geo::hazard {

/// What rain means for flash floods and landslides in a zone of a region.
struct RainRisk {
    std::string region; ///< of former provinces
    std::string zone;   ///< susceptibility: low, medium, high, very_high
    double from = 0;    ///< mm in 24 hours, both included; where two rows meet, the lower counts
    double until = 0;
    int wet_from = 0; ///< days of rain before, both included
    int wet_until = 0;
    int risk = 0; ///< 1 … 5; 0: less than level 1
    Date since;
};

/// The row that says it; null where the table has none: then the risk is not known from it.
[[nodiscard]] inline RainRisk const* rain_risk(std::span<RainRisk const> rows,
                                               std::string_view region, std::string_view zone,
                                               double rain, int wet_days) {
    RainRisk const* found = nullptr;
    for (auto const& row : rows)
        if (row.region == region && row.zone == zone && row.from <= rain && rain <= row.until &&
            row.wet_from <= wet_days && wet_days <= row.wet_until &&
            (found == nullptr || row.from < found->from))
            found = &row;
    return found;
}

} // namespace diaban::geo::hazard
