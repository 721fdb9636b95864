#pragma once

#include "services/domain/process.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::domain {

/// Filters that choose features by id, as items of a collection take them: as many as needed, each
/// short enough for a request. `ids` ascending, each once.
[[nodiscard]] std::vector<std::string> id_filters(std::vector<std::int64_t> const& ids);

/// What of one collection is in a hazard, in one part of the country.
struct AssetTally {
    std::vector<std::int64_t> ids; ///< of features that are in it; ascending
    double amount = 0;             ///< m² or m in it; of points nothing
    struct Class {
        std::uint64_t count = 0;
        double amount = 0;
    };
    std::map<std::string, Class, std::less<>> classes; ///< by value of the class field

    AssetTally& operator+=(AssetTally const& other);
};

/// People: affected are all in the hazard, displaced those in its worse part; kept apart.
struct PeopleTally {
    double population = 0; ///< of the part, wherever they are
    double affected = 0;
    double displaced = 0;

    PeopleTally& operator+=(PeopleTally const& other) noexcept;
};

/// One part, or the total of all.
struct ExposureTally {
    double area_m2 = 0;  ///< of the hazard
    double whole_m2 = 0; ///< of the part
    PeopleTally people;
    std::map<std::string, AssetTally> assets; ///< by collection

    [[nodiscard]] bool empty() const noexcept;
    ExposureTally& operator+=(ExposureTally const& other);
};

/// How a collection is counted.
struct AssetKind {
    std::string collection;
    std::string amount;      ///< name of the amount: `area_m2`, `length_m`; empty for points
    std::string class_field; ///< empty: none
};

/// How much each factor of a risk weighs: as its power.
struct RiskWeights {
    double hazard = 1;
    double exposure = 1;
    double vulnerability = 1;
};

/// Hazard (share of the ground) × exposure (share of the people) × vulnerability (share of those
/// who are in the hazard's worse part; 1 where that is not known), each to its weight, with all of
/// them.
[[nodiscard]] Json risk_json(ExposureTally const& tally, RiskWeights const& weights,
                             bool with_displaced);

/// As it is answered; every number of features with the links that open its list.
[[nodiscard]] Json tally_json(ExposureTally const& tally, std::vector<AssetKind> const& kinds,
                              bool with_people, bool with_displaced);

} // namespace diaban::services::domain
