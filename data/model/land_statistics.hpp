#pragma once

#include "geo/feature.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace diaban::data::model {

/// Land statistics of a 31 December, frozen.
struct LandStatistics {
    std::int64_t id = 0;
    geo::Date taken_on{};
    std::string kind; ///< annual, inventory
    std::int32_t version = 1;
    geo::Instant known_at; ///< the register as it was known then
    geo::Instant frozen_at;
    std::string author;
    std::optional<std::int64_t> previous; ///< of an earlier day and this kind, where it is seen
};

/// What is to be frozen.
struct NewLandStatistics {
    geo::Date taken_on{};
    std::string kind;
    bool again = false;                   ///< a further version of what is frozen already
    std::optional<geo::Instant> known_at; ///< absent: now
};

/// Parcels of one use in one commune.
struct LandUseArea {
    std::string commune;  ///< code; empty: not known
    std::string land_use; ///< code; empty: not known
    std::int64_t parcels = 0;
    std::int64_t without_area = 0; ///< of them: neither outline nor registered area
    double area_m2 = 0;            ///< unrounded
};

/// What became of a use since the previous statistics. Codes are empty where the use is not known.
struct LandUseChange {
    std::optional<std::string> before; ///< absent: new
    std::optional<std::string> after;  ///< absent: gone
    double area_m2 = 0;                ///< unrounded
};

/// A land use as forms name it, in their order.
struct LandUse {
    std::string code;
    std::string group; ///< agricultural, other, unused; empty: none
    std::string title_vi, title_en;
};

} // namespace diaban::data::model
