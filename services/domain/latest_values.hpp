#pragma once

#include "services/domain/indicator_values.hpp"

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace diaban::services::domain {

/// The last period of an indicator, carried to all units of a level.
struct LatestValue {
    Indicator indicator;
    std::string period;
    CarriedValues carried;
};

/// Keeps the last values of every indicator by list and level, until a value or a unit changes.
///
/// Threads  any number may ask.
/// Cost     the first time some milliseconds an indicator; then a look.
class LatestValues {
public:
    /// What `policy` sees of the values and `catalogue_policy` of the catalogue.
    [[nodiscard]] std::shared_ptr<std::vector<LatestValue> const>
    of(std::shared_ptr<View const> const& values, std::shared_ptr<View const> const& catalogue,
       std::shared_ptr<UnitLists const> const& lists, Vintage vintage, UnitLevel level,
       geo::Policy const& policy, geo::Policy const& catalogue_policy);

private:
    struct Kept {
        std::shared_ptr<View const> values;
        std::shared_ptr<View const> catalogue;
        std::shared_ptr<UnitLists const> lists;
        std::string key;
        std::shared_ptr<std::vector<LatestValue> const> made;
    };
    std::mutex m_mutex;
    std::deque<Kept> m_kept; ///< last asked first
};

} // namespace diaban::services::domain
