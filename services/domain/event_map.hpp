#pragma once

#include "services/domain/event_record.hpp"
#include "services/print/situation_map.hpp"

#include <optional>

namespace diaban::services::domain {

/// Under which policies the ground of an event's map is read; null: not at all.
struct MapPolicies {
    geo::Policy const* places = nullptr;
    geo::Policy const* shelters = nullptr; ///< facilities whose kind the visitor may see
};

/// The map of an event as it was recorded at `record.at`: its area, calls that are not merged by
/// state, teams, and around them shelters and the units of that day. Nothing where the record has
/// no place.
///
/// Extent    area, calls and the teams that were sent to them, or else all teams; 2 km wide at
///           least.
/// CRS       VN-2000 / UTM, of the zone of the middle.
/// Units     communes, beyond 400 of them provinces; outlines as fine as the scale shows.
/// Cost      the shelters of the extent, from tables and history.
/// Throws    as PastStore, but where there are too many shelters they are left out, and a note says
///           so.
[[nodiscard]] std::optional<print::SituationMap>
event_map(Atlas const& atlas, data::postgis::PastStore const& past, EventRecord const& record,
          MapPolicies const& policies, bool english);

} // namespace diaban::services::domain
