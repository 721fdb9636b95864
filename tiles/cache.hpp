#pragma once

#include "tiles/dirty.hpp"
#include "tiles/tile_id.hpp"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::tiles {

/// A tile as it is sent: immutable, shared between the cache and any number of answers.
struct Tile {
    std::string body; ///< encoded; empty for a tile without features
    std::string etag; ///< quoted strong tag: hash of the encoded body
    std::size_t shown = 0;
    std::size_t total = 0;
};

/// Which tile: what its bytes depend on beside the rows.
struct CacheKey {
    TileId tile;
    std::string collections; ///< ids, each once, with a comma between
    std::string variant;     ///< schema versions, filter, policy class, encoding
};

/// A least-recently-used cache bounded in bytes, with single flight: one caller makes a missing
/// tile, others that ask meanwhile wait for it.
///
/// Fresh     `make` must take the rows it draws when it is called, not before. After `erase` has
///           returned, nothing made of rows taken before it is given to anyone who asks: what is
///           under way then reaches those who wait already, and nobody else.
/// Threads   any number. Shards by tile, one short lock each; `make` runs outside the locks.
/// Faults    what `make` throws reaches every waiter, and nothing is kept.
class Cache {
public:
    using Made = std::shared_ptr<Tile const>;

    explicit Cache(std::size_t capacity_bytes);

    /// The tile under `key`, made by `make` when it is not there. With capacity 0 nothing is kept.
    Made get(CacheKey const& key, std::function<Tile()> const& make);

    /// Forgets, in every variant and every composition, the tiles of `cover` that show a
    /// collection. Cost  the cells of the cover and the tiles found.
    void erase(std::string_view collection, Cover const& cover);
    /// Forgets all tiles that show a collection. Cost: all tiles.
    void erase(std::string_view collection);

    struct Counters {
        std::uint64_t hits = 0;   ///< found, or made by another who asked at the same time
        std::uint64_t misses = 0; ///< made
        std::uint64_t evictions = 0;
        std::uint64_t erased = 0; ///< because what they show changed
        std::size_t bytes = 0;
        std::size_t tiles = 0;
    };
    [[nodiscard]] Counters counters() const;

private:
    struct Flight;
    /// A tile kept, or one under way.
    struct Entry {
        CacheKey key;
        Made tile;                      ///< null while under way
        std::shared_ptr<Flight> flight; ///< null once kept
    };
    using Entries = std::list<Entry>;
    struct Shard {
        mutable std::mutex mutex;
        Entries recent;    // kept; front: used last
        Entries under_way; // being made
        // By place on the curve, so that a tile's descendants stand together; then by variant.
        std::multimap<std::uint64_t, Entries::iterator> by_place;
        std::size_t bytes = 0;
        std::uint64_t hits = 0;
        std::uint64_t misses = 0;
        std::uint64_t evictions = 0;
        std::uint64_t erased = 0;
    };
    using Place = std::multimap<std::uint64_t, Entries::iterator>::iterator;

    Shard& shard_of(TileId tile);
    static Place find(Shard& shard, CacheKey const& key);
    static void forget(Shard& shard, Place place);
    static void erase(Shard& shard, std::string_view collection, std::uint64_t begin,
                      std::uint64_t end);
    void keep(Shard& shard, Place place, Made tile);

    std::size_t m_shard_capacity;
    std::vector<Shard> m_shards;
};

} // namespace diaban::tiles
