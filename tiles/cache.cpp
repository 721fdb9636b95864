#include "tiles/cache.hpp"

#include <exception>

namespace diaban::tiles {
namespace {

constexpr std::size_t shard_count = 16;

std::size_t weight(CacheKey const& key, Tile const& tile) noexcept {
    // The list node, the map node and the strings' headers beside what they hold.
    constexpr std::size_t overhead = 320;
    return tile.body.size() + tile.etag.size() + key.collections.size() + key.variant.size() +
           overhead;
}

/// Whether `collections` (ids with a comma between) names `id`.
bool names(std::string_view collections, std::string_view id) noexcept {
    while (!collections.empty()) {
        auto const end = collections.find(',');
        if (collections.substr(0, end) == id) return true;
        collections = end == std::string_view::npos ? "" : collections.substr(end + 1);
    }
    return false;
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

Cache::Shard& Cache::shard_of(TileId tile) {
    constexpr std::uint32_t primes[]{73856093U, 19349663U, 83492791U}; // Teschner et al. 2003
    auto const hash = tile.x() * primes[0] ^ tile.y() * primes[1] ^ tile.zoom() * primes[2];
    return m_shards[(hash >> 8U) % shard_count];
}

Cache::Place Cache::find(Shard& shard, CacheKey const& key) {
    auto const [begin, end] = shard.by_place.equal_range(curve_key(key.tile));
    for (auto place = begin; place != end; ++place)
        if (place->second->key.variant == key.variant &&
            place->second->key.collections == key.collections)
            return place;
    return shard.by_place.end();
}

Cache::Made Cache::get(CacheKey const& key, std::function<Tile()> const& make) {
    auto& shard = shard_of(key.tile);
    std::shared_ptr<Flight> flight;
    bool maker = false;
    {
        std::lock_guard const lock{shard.mutex};
        if (auto const place = find(shard, key); place != shard.by_place.end()) {
            auto const entry = place->second;
            ++shard.hits;
            if (entry->tile) {
                shard.recent.splice(shard.recent.begin(), shard.recent, entry);
                return entry->tile;
            }
            flight = entry->flight;
        } else {
            ++shard.misses;
            maker = true;
            flight = std::make_shared<Flight>();
            shard.under_way.push_back({key, nullptr, flight});
            shard.by_place.emplace(curve_key(key.tile), std::prev(shard.under_way.end()));
        }
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
        auto const place = find(shard, key);
        // Erased meanwhile, and perhaps begun anew by another: then it is not ours to keep.
        if (place != shard.by_place.end() && place->second->flight == flight) {
            if (tile)
                keep(shard, place, tile);
            else
                forget(shard, place);
        }
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

void Cache::forget(Shard& shard, Place place) {
    auto const entry = place->second;
    if (entry->tile) {
        shard.bytes -= weight(entry->key, *entry->tile);
        shard.recent.erase(entry);
    } else {
        shard.under_way.erase(entry);
    }
    shard.by_place.erase(place);
}

void Cache::keep(Shard& shard, Place place, Made tile) {
    auto const entry = place->second;
    auto const bytes = weight(entry->key, *tile);
    if (bytes > m_shard_capacity) return forget(shard, place);
    while (shard.bytes + bytes > m_shard_capacity) {
        forget(shard, find(shard, shard.recent.back().key));
        ++shard.evictions;
    }
    entry->tile = std::move(tile);
    entry->flight = nullptr;
    shard.recent.splice(shard.recent.begin(), shard.under_way, entry);
    shard.bytes += bytes;
}

void Cache::erase(Shard& shard, std::string_view collection, std::uint64_t begin,
                  std::uint64_t end) {
    for (auto place = shard.by_place.lower_bound(begin);
         place != shard.by_place.end() && place->first < end;) {
        auto const next = std::next(place);
        if (names(place->second->key.collections, collection)) {
            forget(shard, place);
            ++shard.erased;
        }
        place = next;
    }
}

void Cache::erase(std::string_view collection, Cover const& cover) {
    for (auto const& cell : cover.cells()) {
        auto const begin = curve_key(cell.tile);
        if (!cell.with_descendants) {
            auto& shard = shard_of(cell.tile);
            std::lock_guard const lock{shard.mutex};
            erase(shard, collection, begin, begin + 1);
            continue;
        }
        for (auto& shard : m_shards) {
            std::lock_guard const lock{shard.mutex};
            erase(shard, collection, begin, curve_end(cell.tile));
        }
    }
}

void Cache::erase(std::string_view collection) {
    for (auto& shard : m_shards) {
        std::lock_guard const lock{shard.mutex};
        erase(shard, collection, 0, UINT64_MAX);
    }
}

Cache::Counters Cache::counters() const {
    Counters sum;
    for (auto const& shard : m_shards) {
        std::lock_guard const lock{shard.mutex};
        sum.hits += shard.hits;
        sum.misses += shard.misses;
        sum.evictions += shard.evictions;
        sum.erased += shard.erased;
        sum.bytes += shard.bytes;
        sum.tiles += shard.recent.size();
    }
    return sum;
}

} // namespace diaban::tiles
