#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace diaban::tiles {

/// A tile as it is sent: immutable, shared between the cache and any number of answers.
struct Tile {
    std::string body; ///< encoded; empty for a tile without features
    std::string etag; ///< quoted strong tag: hash of the encoded body
    std::size_t shown = 0;
    std::size_t total = 0;
};

/// A least-recently-used cache bounded in bytes, with single flight: one caller makes a missing
/// tile, others that ask meanwhile wait for it.
///
/// Threads   any number. Shards by key hash, one short lock each; `make` runs outside the locks.
/// Faults    what `make` throws reaches every waiter, and nothing is kept.
class Cache {
public:
    using Made = std::shared_ptr<Tile const>;

    explicit Cache(std::size_t capacity_bytes);

    /// The tile under `key`, made by `make` when it is not there. `key` holds everything the bytes
    /// depend on: collections with their versions, tile, filter, policy class, encoding.
    /// With capacity 0 nothing is kept.
    Made get(std::string const& key, std::function<Tile()> const& make);

    /// Forgets every tile whose key starts with `prefix`.
    void erase_prefix(std::string const& prefix);

    struct Counters {
        std::uint64_t hits = 0;   ///< found, or made by another who asked at the same time
        std::uint64_t misses = 0; ///< made
        std::uint64_t evictions = 0;
        std::size_t bytes = 0;
        std::size_t tiles = 0;
    };
    [[nodiscard]] Counters counters() const;

private:
    struct Flight;
    struct Entry {
        std::string key;
        Made tile;
    };
    struct Shard {
        mutable std::mutex mutex;
        std::list<Entry> recent; // front: used last
        std::unordered_map<std::string, std::list<Entry>::iterator> by_key;
        std::unordered_map<std::string, std::shared_ptr<Flight>> flights;
        std::size_t bytes = 0;
        std::uint64_t hits = 0;
        std::uint64_t misses = 0;
        std::uint64_t evictions = 0;
    };

    Shard& shard_of(std::string const& key);
    void keep(Shard& shard, std::string const& key, Made tile);

    std::size_t m_shard_capacity;
    std::vector<Shard> m_shards;
};

} // namespace diaban::tiles
