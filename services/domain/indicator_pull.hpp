#pragma once

#include "services/domain/atlas.hpp"
#include "services/domain/editing.hpp"
#include "services/domain/indicator_items.hpp"
#include "services/domain/puller.hpp"
#include "services/domain/unit_lists.hpp"

#include <memory>
#include <string>
#include <vector>

namespace diaban::services::domain {

/// A REST address that values of an indicator are taken from, and how its answer is read.
struct IndicatorSource {
    PullSource pull;
    std::string indicator;
    ItemMapping mapping;
};
[[nodiscard]] std::vector<IndicatorSource> read_sources(View const& sources,
                                                        geo::Policy const& policy);

/// What is not sensitive, and of no unit: what pulled sources may be, and what they bring.
[[nodiscard]] geo::Policy open_policy();

/// Sources of indicators, for a Puller. Borrows what it is made of.
[[nodiscard]] PullKind indicator_pull(Atlas& atlas, Editing const& editing,
                                      std::shared_ptr<UnitListCache> lists);

} // namespace diaban::services::domain
