#pragma once

#include "geo/policy.hpp"
#include "services/api/json.hpp"
#include "services/domain/picture.hpp"
#include "services/http/messages.hpp"

#include <cstdint>

namespace diaban::services::api {

/// From which zoom on a collection has tiles: those of the past begin where nothing is merged.
[[nodiscard]] std::uint32_t first_tile_zoom(domain::View const& view, bool past);

/// Appends what TileJSON's `vector_layers` say of a collection to whom `policy` is of: its layer,
/// how that is merged below the native zoom, and its layer of labels.
void add_tile_layers(Json& layers, domain::View const& view, geo::Policy const& policy,
                     http::Language language, bool past);

} // namespace diaban::services::api
