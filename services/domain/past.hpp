#pragma once

#include "data/model/moment.hpp"
#include "data/postgis/past_store.hpp"
#include "geo/geometry.hpp"
#include "geo/policy.hpp"
#include "services/domain/atlas.hpp"
#include "services/domain/items.hpp"
#include "services/http/negotiation.hpp"
#include "tiles/cache.hpp"
#include "tiles/cut.hpp"
#include "tiles/tile_id.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace diaban::services::domain {

/// EPSG:4326 box of what a tile with its buffer may show; a grid step larger, so that rounding
/// loses nothing.
[[nodiscard]] geo::Box window_of(tiles::TileId tile, std::uint32_t buffer) noexcept;

/// One tile of several collections as they were at a moment, each once, in that order: a small
/// mirror of the tile's window, read by SQL and cut as any tile is.
///
/// Zoom     from each collection's native zoom of today up, also where `all_zooms` are drawn.
/// Throws   Error{bad_input, "past-zoom"} below it; Error{too_large, "past-too-large"} if a window
///          holds too much; Error{not_found, "no-tiles"} for a collection that can have none; as
///          Atlas::view and as PastStore.
[[nodiscard]] tiles::Tile past_tile(Atlas const& atlas, data::postgis::PastStore const& past,
                                    tiles::CutOptions const& options,
                                    std::span<std::string const> collections, tiles::TileId tile,
                                    data::model::Moment const& moment, access::Rights const& rights,
                                    http::Encoding encoding);

/// One page of the rows asked for as they were known at `recorded`; the query's period is asked of
/// the time they had then. Rows are counted only within boxes.
///
/// Throws   as PastStore::page.
[[nodiscard]] ItemsPage past_items(View const& view, data::postgis::PastStore const& past,
                                   geo::Instant recorded, ItemsQuery const& query,
                                   geo::Policy const& policy);

} // namespace diaban::services::domain
