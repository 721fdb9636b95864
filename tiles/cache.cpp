#include "tiles/cache.hpp"

#include <exception>

namespace diaban::tiles {
namespace {

constexpr std::size_t shard_count = 16;

std::size_t weight(std::string const& key, Tile const& tile) noexcept {
    // The list node, the map node and the strings' headers beside what they hold.
    constexpr std::size_t overhead = 256;
    return tile.body.size() + tile.etag.size() + 2 * key.size() + overhead;
}

} // namespace

/// A tile under way: its maker and those who wait for it.
struct Cache::Flight {
    std::mutex mutex;
    std::condition_variable landed;
    bool done = false;
    Made tile;
    std::exception_ptr fault;
};

Cache::Cache(std::size_t capacity_bytes)
    : m_shard_capacity{capacity_bytes / shard_count}, m_shards(shard_count) {}

Cache::Shard& Cache::shard_of(std::string const& key) {
    return m_shards[std::hash<std::string>{}(key) % shard_count];
}

Cache::Made Cache::get(std::string const& key, std::function<Tile()> const& make) {
    auto& shard = shard_of(key);
    std::shared_ptr<Flight> flight;
    bool maker = false;
    {
        std::lock_guard const lock{shard.mutex};
        if (auto const found = shard.by_key.find(key); found != shard.by_key.end()) {
            ++shard.hits;
            shard.recent.splice(shard.recent.begin(), shard.recent, found->second);
            return found->second->tile;
        }
        auto& slot = shard.flights[key];
        maker = slot == nullptr;
        ++(maker ? shard.misses : shard.hits);
        if (maker) slot = std::make_shared<Flight>();
        flight = slot;
    }
    if (!maker) {
        std::unique_lock lock{flight->mutex};
        flight->landed.wait(lock, [&] { return flight->done; });
        if (flight->fault) std::rethrow_exception(flight->fault);
        return flight->tile;
    }
    Made tile;
    std::exception_ptr fault;
    try {
        tile = std::make_shared<Tile const>(make());
    } catch (...) {
        fault = std::current_exception();
    }
    {
        std::lock_guard const lock{shard.mutex};
        auto const slot = shard.flights.find(key);
        bool const current = slot != shard.flights.end() && slot->second == flight;
        if (current) shard.flights.erase(slot);
        if (tile && current) keep(shard, key, tile);
    }
    {
        std::lock_guard const lock{flight->mutex};
        flight->done = true;
        flight->tile = tile;
        flight->fault = fault;
    }
    flight->landed.notify_all();
    if (fault) std::rethrow_exception(fault);
    return tile;
}

void Cache::keep(Shard& shard, std::string const& key, Made tile) {
    auto const bytes = weight(key, *tile);
    if (bytes > m_shard_capacity) return;
    while (shard.bytes + bytes > m_shard_capacity) {
        auto const& oldest = shard.recent.back();
        shard.bytes -= weight(oldest.key, *oldest.tile);
        shard.by_key.erase(oldest.key);
        shard.recent.pop_back();
        ++shard.evictions;
    }
    shard.recent.push_front({key, std::move(tile)});
    shard.by_key.emplace(key, shard.recent.begin());
    shard.bytes += bytes;
}

void Cache::erase_prefix(std::string const& prefix) {
    for (auto& shard : m_shards) {
        std::lock_guard const lock{shard.mutex};
        for (auto entry = shard.recent.begin(); entry != shard.recent.end();) {
            if (!entry->key.starts_with(prefix)) {
                ++entry;
                continue;
            }
            shard.bytes -= weight(entry->key, *entry->tile);
            shard.by_key.erase(entry->key);
            entry = shard.recent.erase(entry);
        }
        // A tile under way may be of the old state: its waiters get it, but it is not kept.
        std::erase_if(shard.flights,
                      [&](auto const& flight) { return flight.first.starts_with(prefix); });
    }
}

Cache::Counters Cache::counters() const {
    Counters sum;
    for (auto const& shard : m_shards) {
        std::lock_guard const lock{shard.mutex};
        sum.hits += shard.hits;
        sum.misses += shard.misses;
        sum.evictions += shard.evictions;
        sum.bytes += shard.bytes;
        sum.tiles += shard.recent.size();
    }
    return sum;
}

} // namespace diaban::tiles
