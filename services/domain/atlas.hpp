#pragma once

#include "geo/filter/filter.hpp"
#include "geo/policy.hpp"
#include "services/access/rights.hpp"
#include "services/domain/drawn_tile.hpp"
#include "services/domain/filtered_low.hpp"
#include "services/domain/follower.hpp"
#include "services/domain/picture.hpp"
#include "services/http/negotiation.hpp"
#include "tiles/cache.hpp"
#include "tiles/cut.hpp"
#include "tiles/mirror/published.hpp"
#include "tiles/tile_id.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace diaban::services::domain {

struct AtlasOptions {
    std::string database;
    std::filesystem::path segments; ///< where bases are kept between starts; empty: nowhere
    unsigned load_threads = 2;
    std::size_t cache_bytes = 512u << 20;
    tiles::CutOptions cut{};
    Telling::Tell tell; ///< is told what changed, once readers see it, on a thread of the atlas
};

/// What a tile request gets.
struct TileAnswer {
    tiles::Cache::Made tile;
    /// Collections that have tiles only from a zoom beyond the one asked for, with that zoom.
    std::vector<std::pair<std::string, std::uint32_t>> below;
    /// Collections that are drawn merged there: shown are areas or clusters, not their features.
    std::vector<std::string> merged;
};

/// The collections' mirrors and their tiles, as readers know them. A follower keeps them true.
///
/// Threads   readers take the picture without lock and without waiting for anyone.
class Atlas {
public:
    explicit Atlas(AtlasOptions options);
    Atlas(Atlas const&) = delete;
    Atlas& operator=(Atlas const&) = delete;

    [[nodiscard]] std::shared_ptr<Picture const> picture() const { return m_picture.take(); }
    /// Throws   Error{not_found, "unknown-collection"}; Error{unavailable, "not-ready"} while the
    ///          collection waits for its first load.
    [[nodiscard]] std::shared_ptr<View const> view(std::string_view id) const;

    /// One tile of several collections, each once, in that order, coded as `encoding`, of what
    /// `rights` let read of each; a collection that they do not is as if it were not there.
    ///
    /// `filter` shows only rows that match it, of one collection; below its native zoom what is
    ///          merged of them (domain/filtered_low.hpp).
    /// Empty    a tile with an empty body, whatever the encoding.
    /// Throws   as `view`, also while its tiles below the native zoom are not made yet;
    /// Error{not_found, "no-tiles"} for a collection that can have none; with a filter
    /// Error{bad_input}: "filter-collections" for more than one, "filter-zoom" where too many rows
    /// would have to be merged for it.
    [[nodiscard]] TileAnswer tile(std::span<std::string const> collections, tiles::TileId tile,
                                  access::Rights const& rights, http::Encoding encoding,
                                  std::optional<geo::filter::Filter> const& filter = {});

    /// What /readyz says: every collection is loaded, or what is missing.
    struct Readiness {
        bool ready = false;
        bool registry_read = false;
        std::vector<std::string> missing;
        std::string fault; ///< type of the last error of the follower; empty if there was none
    };
    [[nodiscard]] Readiness readiness() const;
    [[nodiscard]] tiles::Cache::Counters cache_counters() const { return m_cache.counters(); }
    /// Bytes kept for tiles below native zooms under filters.
    [[nodiscard]] std::size_t filtered_bytes() const { return m_filtered.bytes(); }
    [[nodiscard]] Follower::Counters follower_counters() const { return m_follower.counters(); }

    /// As the follower's: readers see the change, or `end` has come.
    bool await_change(std::string const& collection, std::int64_t seq,
                      std::chrono::steady_clock::time_point end) {
        return m_follower.await_change(collection, seq, end);
    }

    /// Waits until a picture that holds everything registered is there; false after `patience`.
    bool wait_until_ready(std::chrono::milliseconds patience);

private:
    [[nodiscard]] tiles::Tile make_tile(std::span<std::string const> collections,
                                        tiles::TileId tile, access::Rights const& rights,
                                        http::Encoding encoding,
                                        std::optional<geo::filter::Filter> const& filter);

    tiles::CutOptions m_cut;
    tiles::Cache m_cache;
    FilteredLow m_filtered{FilteredLow::Limits{}};
    tiles::mirror::Published<Picture> m_picture;
    Follower m_follower; // last: it ends before what it writes to
};

} // namespace diaban::services::domain
