#pragma once

#include "data/postgis/change_feed.hpp"
#include "tiles/dirty.hpp"
#include "tiles/grid.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace diaban::services::domain {

/// The tiles that show a row, and by what its right to be seen there is judged.
struct Drawn {
    tiles::Cover cover;
    std::string scope;
    std::uint8_t sensitivity = 0;
};

/// One change of the feed, told once readers see it.
struct RowNews {
    data::postgis::Change change;
    std::optional<Drawn> before; ///< what showed the row until now; absent where nothing did
    std::optional<Drawn> after;  ///< what shows it from now on
    /// Its tiles are not fresh yet (the collection is loaded anew); a TilesNews will tell.
    bool tiles_follow = false;
    bool from_feed = false; ///< read again later: what was drawn is no longer known
    geo::Instant told;      ///< when
};

/// Tiles that show something else for another reason than one row alone: merged anew below the
/// native zoom, or the whole collection loaded anew.
struct TilesNews {
    /// A row that is the reason.
    struct Cause {
        tiles::GridBox box;
        std::string scope;
        std::uint8_t sensitivity = 0;
    };
    std::string collection;
    std::optional<tiles::Cover> cover; ///< absent: all tiles of the collection
    std::vector<Cause> causes;         ///< with a cover
};

/// What a follower tells after a step. First the tiles, then the rows, in the feed's order and
/// without a gap.
struct News {
    bool anew = false; ///< does not continue what was told before; told from `cursor` on
    std::vector<TilesNews> tiles;
    std::vector<RowNews> rows;
    data::postgis::Cursor cursor; ///< all changes up to here were told
    std::int64_t fresh = 0;       ///< and of those up to here the tiles of all zooms
};

} // namespace diaban::services::domain
