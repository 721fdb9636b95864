#pragma once

#include "services/api/backing.hpp"
#include "services/api/json.hpp"
#include "services/http/router.hpp"

namespace diaban::services::api {

/// `/collections` and `/collections/{collectionId}`.
void add_collections(http::Router& router, Backing const& backing);

/// A collection as `/collections/{id}` answers it; `view` is null while it waits for its first
/// load: then what only the mirror knows (counts, extent) is left out.
[[nodiscard]] Json describe(data::model::Collection const& collection, domain::View const* view,
                            http::Context const& context);

/// In JSON: none, point, line, polygon.
[[nodiscard]] std::string_view to_string(geo::GeometryKind kind) noexcept;

} // namespace diaban::services::api
