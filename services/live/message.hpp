#pragma once

#include "geo/policy.hpp"
#include "services/domain/news.hpp"
#include "services/live/position.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace diaban::services::live {

/// One or more server-sent events (WHATWG HTML, 9.2) as they go on the wire; shared by all who get
/// them.
using Message = std::shared_ptr<std::string const>;

/// A change as one sees it who sees these `sides` of it (subscription.hpp: not 0). Nothing of a
/// side that is not seen goes into it, and no tile of a row that the policy does not see.
///
/// Tiles   exact from the zoom on that shows the row by itself, `"exact": false` where they are
///         more than needed: more than 256 of them, or told from the feed alone.
[[nodiscard]] Message write_row(domain::RowNews const& news, unsigned sides,
                                geo::Policy const& policy, Position const& position);

/// Tiles to be fetched again; null if no tile concerns what the policy sees.
///
/// `id`  absent: the client keeps the one it has.
[[nodiscard]] Message write_tiles(domain::TilesNews const& news, geo::Policy const& policy,
                                  Position const* id);

/// The first event: `id` for who comes new, null for who goes on where it was.
[[nodiscard]] Message write_start(Position const* id, int heartbeat_seconds, int retry_ms);
/// Nothing happened that concerns the client. `id` null: it is further than this node.
[[nodiscard]] Message write_alive(Position const* id, geo::Instant now);
/// Whatever the client shows may be old; it goes on from here.
///
/// `reason`  slow, generation, retention, unknown-id or record.
[[nodiscard]] Message write_resync(Position const& id, std::string_view reason);

/// The tiles that surely hold everything a box touches, at every zoom; few of them.
void add_box_cover(geo::Box const& box, tiles::Cover& cover);

} // namespace diaban::services::live
