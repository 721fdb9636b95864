#pragma once

#include "geo/feature.hpp"
#include "geo/filter/filter.hpp"
#include "services/access/rights.hpp"
#include "services/domain/filtered_low.hpp"
#include "services/domain/picture.hpp"
#include "services/http/negotiation.hpp"
#include "tiles/cache.hpp"
#include "tiles/cut.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace diaban::services::domain {

/// The collection of a picture.
/// Throws   Error{not_found, "unknown-collection"}; Error{unavailable, "not-ready"} while it waits
///          for its first load.
[[nodiscard]] std::shared_ptr<View const> view_in(Picture const& picture, std::string_view id);

/// Under which policy a collection is read.
/// Throws   Error{not_found, "unknown-collection"} for one that is not.
[[nodiscard]] geo::Policy const& read_policy(access::Rights const& rights, std::string_view id);

/// How a tile is drawn.
struct Drawing {
    tiles::CutOptions cut{};
    /// Shows only what matches it; below the native zoom by what `low` keeps, which is then given.
    geo::filter::Filter const* filter = nullptr;
    FilteredLow* low = nullptr;
    /// Of a register the rows in force then are shown; absent: now.
    std::optional<geo::Instant> at;
};

/// One tile of collections of a picture, each once, in that order, of what `rights` let read of
/// each: what is answered over HTTP and what is put into archives.
///
/// Throws   as view_in and read_policy.
[[nodiscard]] tiles::Tile draw_tile(Picture const& picture, std::span<std::string const> ids,
                                    tiles::TileId tile, access::Rights const& rights,
                                    http::Encoding encoding, Drawing const& drawing);

} // namespace diaban::services::domain
