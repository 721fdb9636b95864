#pragma once

#include "data/postgis/feature_store.hpp"
#include "geo/filter/filter.hpp"
#include "geo/geometry.hpp"
#include "geo/policy.hpp"
#include "services/domain/picture.hpp"
#include "tiles/cut.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace diaban::services::domain {

/// Rows of the mirror that match a filter and that the policy may see, by ascending fid; where the
/// grid leaves a doubt, the record's doubles decide.
///
/// `filter`  made of the layer's schema and of this policy.
/// `boxes`   only rows that may meet one of them are looked at (EPSG:4326); none: all.
/// `among`   if given, only these fids, ascending, are asked for.
/// Throws    Error{unavailable, …} if the record is needed and cannot be read.
/// Cost      the rows in the boxes, or within the filter's bounds; one statement for each thousand
///           in doubt.
[[nodiscard]] std::vector<std::int64_t>
fids_of_filter(View const& view, data::postgis::FeatureStore const& store,
               geo::filter::Filter const& filter, std::vector<geo::Box> const& boxes,
               std::optional<std::vector<std::int64_t>> const& among, geo::Policy const& policy);

/// What a tile shows under a filter. A row in doubt is decided on the grid's own geometry: a
/// picture is true to a grid step. `filter` is made of the layer's schema.
[[nodiscard]] tiles::RowChoice choice_of(geo::filter::Filter filter);

} // namespace diaban::services::domain
