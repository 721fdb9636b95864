#pragma once

#include "data/model/place.hpp"
#include "geo/feature.hpp"
#include "geo/policy.hpp"
#include "services/domain/picture.hpp"
#include "tiles/mirror/partition.hpp"

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::domain {

/// The administrative units of a level as they were on a day, as parts of the plane.
struct Units {
    std::shared_ptr<View const> view;              ///< of places; keeps what the others point to
    std::vector<data::model::Place const*> places; ///< by part
    std::unique_ptr<tiles::mirror::Areas const> areas;
};

/// Keeps the units that were asked for last, made ready to be asked again.
///
/// Threads  any number may ask.
class UnitAreas {
public:
    /// Units with a geometry that existed on `on` and that the policy sees; maybe none.
    /// `places` is the view of the collection `places`.
    [[nodiscard]] std::shared_ptr<Units const> of(std::shared_ptr<View const> const& places,
                                                  std::string_view level, geo::Date on,
                                                  geo::Policy const& policy);

private:
    struct Kept {
        std::string key;
        std::shared_ptr<Units const> units;
    };
    std::mutex m_mutex;
    std::deque<Kept> m_kept; // last asked first
};

} // namespace diaban::services::domain
