#pragma once

#include "services/domain/indicator_form.hpp"
#include "services/http/messages.hpp"

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <string>
#include <vector>

namespace diaban::services::domain {

/// Where values stand in an answer of somebody else's (JSON pointers, RFC 6901): the list in the
/// whole, the others in each item. What does not begin with a stroke is taken as it is.
struct ItemMapping {
    std::string list_at;
    std::string place_at;
    std::string period_at;
    std::string value_at;
};

/// Values of one indicator, by period, as forms bring them; they mean nothing where there are
/// faults.
struct ItemReading {
    std::map<std::string, FormReading> forms;
    std::vector<http::PartProblem> faults; ///< at most 100
};

/// Reads and checks every item: the unit by its code in the list that was in force when the period
/// ended, or is now, the period by the cadence, the value by the catalogue.
/// Bounds   10,000 items.
[[nodiscard]] ItemReading read_items(UnitLists const& lists, Indicator const& indicator,
                                     ItemMapping const& mapping, nlohmann::json const& body,
                                     SeesUnit const& sees, geo::Date today);

} // namespace diaban::services::domain
