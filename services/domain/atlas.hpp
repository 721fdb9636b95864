#pragma once

#include "data/model/collection.hpp"
#include "data/postgis/change_feed.hpp"
#include "data/postgis/collections.hpp"
#include "data/postgis/pool.hpp"
#include "geo/policy.hpp"
#include "services/domain/census.hpp"
#include "services/domain/place_index.hpp"
#include "services/http/negotiation.hpp"
#include "tiles/cache.hpp"
#include "tiles/cut.hpp"
#include "tiles/mirror/layer.hpp"
#include "tiles/tile_id.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace diaban::services::domain {

/// One collection as every reader of one moment sees it. Immutable.
struct View {
    data::model::Collection collection;
    std::uint64_t generation = 0; ///< raised by every load; part of every cache key
    std::shared_ptr<tiles::mirror::Layer const> layer; ///< null where nothing has a geometry
    std::shared_ptr<Census const> census;
    std::shared_ptr<PlaceIndex const> places; ///< of the collection `places` alone
    std::chrono::system_clock::time_point loaded_at;
    std::chrono::milliseconds load_time{0};

    [[nodiscard]] std::string const& id() const noexcept { return collection.schema.id; }
    [[nodiscard]] bool has_tiles() const noexcept { return layer && layer->size() > 0; }
};

/// All collections at one moment, in the registry's order. A collection that is not loaded yet has
/// its registry entry in `waiting`.
struct Picture {
    std::vector<std::shared_ptr<View const>> views;
    std::vector<data::model::Collection> waiting;

    [[nodiscard]] View const* find(std::string_view id) const noexcept;
};

struct AtlasOptions {
    std::string database;
    unsigned load_threads = 2;
    std::size_t cache_bytes = 512u << 20;
    tiles::CutOptions cut{};
    std::chrono::milliseconds poll{250}; ///< how often the change feed is looked at
};

/// What a tile request gets.
struct TileAnswer {
    tiles::Cache::Made tile;
    /// Collections that have tiles only from a zoom beyond the one asked for, with that zoom.
    std::vector<std::pair<std::string, std::uint32_t>> below;
};

/// The collections' mirrors, their tiles, and what keeps them true: a thread that follows the
/// change feed and loads anew what changed.
///
/// Threads   readers take the picture without waiting for anyone; one thread loads and swaps.
/// Faults    with the database gone, readers go on with what is loaded; the loader tries again.
class Atlas {
public:
    explicit Atlas(AtlasOptions options);
    ~Atlas();
    Atlas(Atlas const&) = delete;
    Atlas& operator=(Atlas const&) = delete;

    [[nodiscard]] std::shared_ptr<Picture const> picture() const;
    /// Throws   Error{not_found, "unknown-collection"}; Error{unavailable, "not-ready"} while the
    ///          collection waits for its first load.
    [[nodiscard]] std::shared_ptr<View const> view(std::string_view id) const;

    /// One tile of several collections, each once, in that order, coded as `encoding`.
    ///
    /// Empty    a tile with an empty body, whatever the encoding.
    /// Throws   as `view`; Error{not_found, "no-tiles"} for a collection that can have none.
    [[nodiscard]] TileAnswer tile(std::span<std::string const> collections, tiles::TileId tile,
                                  geo::Policy const& policy, http::Encoding encoding);

    /// What /readyz says: every collection is loaded, or what is missing.
    struct Readiness {
        bool ready = false;
        bool registry_read = false;
        std::vector<std::string> missing;
        std::string fault; ///< type of the last error of the loader; empty if there was none
    };
    [[nodiscard]] Readiness readiness() const;
    [[nodiscard]] tiles::Cache::Counters cache_counters() const { return m_cache.counters(); }
    /// Time of a change's commit to its being readable here, of the last one followed.
    [[nodiscard]] std::chrono::milliseconds last_lag() const noexcept {
        return std::chrono::milliseconds{m_last_lag.load()};
    }

    /// Waits until a picture that holds everything registered is there; false after `patience`.
    bool wait_until_ready(std::chrono::milliseconds patience);

private:
    void follow();
    /// Reads registry and feed once, loads what is new or changed.
    void step();
    void read_registry();
    void read_changes();
    void load(data::model::Collection const& collection);
    void keep_native_zoom(View const& view);
    void publish();
    void note_fault(std::string type);
    [[nodiscard]] bool stopping() const;
    [[nodiscard]] tiles::Tile make_tile(std::span<std::shared_ptr<View const> const> views,
                                        tiles::TileId tile, geo::Policy const& policy,
                                        http::Encoding encoding) const;

    AtlasOptions m_options;
    data::postgis::Pool m_pool;
    data::postgis::Collections m_collections;
    data::postgis::ChangeFeed m_feed;
    tiles::Cache m_cache;
    std::atomic<std::shared_ptr<Picture const>> m_picture;

    // Of the following thread alone.
    std::vector<data::model::Collection> m_registry;
    std::chrono::steady_clock::time_point m_registry_read{};
    std::map<std::string, std::shared_ptr<View const>> m_views;
    std::map<std::string, data::postgis::Cursor> m_copied_at; // by collection
    std::map<std::string, std::optional<geo::Instant>> m_due; // with the commit that made it so
    std::optional<data::postgis::Cursor> m_cursor;
    std::uint64_t m_generation = 0;

    std::atomic<std::int64_t> m_last_lag{0};
    std::atomic<bool> m_registry_known{false};
    mutable std::mutex m_mutex; // for m_fault, m_stop and the waiting
    std::condition_variable m_changed;
    std::string m_fault;
    bool m_stop = false;
    std::thread m_thread;
};

} // namespace diaban::services::domain
