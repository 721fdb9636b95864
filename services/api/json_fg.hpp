#pragma once

#include "geo/feature.hpp"
#include "geo/schema.hpp"
#include "services/api/presentation.hpp"

#include <string>
#include <string_view>

namespace diaban::services::api {

/// Members of a JSON-FG document that stand before `features`, or before a single feature's own
/// (OGC Features and Geometries JSON 1.0): conformance, feature type, CRS. `collection_url` leads
/// to the schema; a file that has left the server has none.
[[nodiscard]] std::string json_fg_head(geo::Schema const& schema, NamedCrs const& crs,
                                       std::string_view collection_url = {});

/// Appends a feature: in CRS84 its geometry is `geometry`, in any other CRS it is `place`; `time`
/// is the collection's time field, or legal validity. `head` is what `json_fg_head` gave, for a
/// feature that is alone. `links` is JSON or empty.
void append_json_fg(std::string& out, geo::Feature const& feature, geo::Schema const& schema,
                    Presentation const& shown, std::string_view head = {},
                    std::string_view links = {});

} // namespace diaban::services::api
