#pragma once

#include "geo/filter/filter.hpp"
#include "geo/policy.hpp"
#include "geo/schema.hpp"
#include "services/api/backing.hpp"
#include "services/http/router.hpp"
#include "services/http/uri.hpp"

#include <optional>

namespace diaban::services::api {

/// `filter` in the language that `filter-lang` names (cql2-text, or cql2-json; cql-text, as drafts
/// called it and GDAL 3.6 sends it), its positions in `filter-crs` (CRS84, or EPSG:4326 with
/// latitude first), held to `schema` under `policy`. Nothing if there is no filter.
///
/// Throws   "bad-parameter" for another language or CRS; what the readers of geo/filter and
///          Filter::make throw.
[[nodiscard]] std::optional<geo::filter::Filter>
read_filter(http::Query const& query, geo::Schema const& schema, geo::Policy const& policy);

/// Throws Error{bad_input, "filter-past"}: filters are asked of what is known now.
[[noreturn]] void refuse_filter_of_past();

/// OGC API Features, Part 3: `/collections/{collectionId}/queryables` as JSON Schema; `/functions`.
void add_filters(http::Router& router, Backing const& backing);

} // namespace diaban::services::api
