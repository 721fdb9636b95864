#pragma once

#include "data/postgis/watch_store.hpp"

#include <span>

namespace diaban::services::domain {

/// What a watch makes of the readings of a datastream since its last look.
///
/// Alerts   of kind `level`: raised when a higher level is reached, worded anew when another level
///          holds, ended below the first; `fast` and `no_data` alike. What happened more than six
///          hours before `now` raises nothing by itself: what still stands then is raised as it is.
///          An alert that a person closed stays closed until a higher level is reached, or the
///          level was left.
/// Lasting  an alert expires a day after its last sign of life.
/// Rule     of the datastream; one that means nothing is judged as if it had no levels.
[[nodiscard]] data::postgis::WatchVerdict
judge_station(data::postgis::WatchTask const& task,
              std::span<data::model::AlertTemplate const> templates, geo::Instant now);

} // namespace diaban::services::domain
