#pragma once

#include "tiles/archive/directory.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace diaban::tiles::archive {

/// Where bytes lie among the tiles.
struct Place {
    std::uint64_t offset = 0;
    std::uint32_t length = 0;

    friend bool operator==(Place const&, Place const&) = default;
};

/// XXH3 of bytes, of 64 bits.
[[nodiscard]] std::uint64_t hash_of(std::string_view bytes) noexcept;

/// The different bodies of an archive, each once: found by hash, decided by comparing bytes.
class Contents {
public:
    /// Whether at a place there are these bytes.
    using Holds = std::function<bool(Place const&, std::string_view)>;

    /// Where `body`, whose hash is `hash`, lies already.
    [[nodiscard]] std::optional<Place> find(std::uint64_t hash, std::string_view body,
                                            Holds const& holds) const;
    void add(std::uint64_t hash, Place place) { m_places.emplace(hash, place); }
    [[nodiscard]] std::size_t size() const noexcept { return m_places.size(); }

private:
    std::unordered_multimap<std::uint64_t, Place> m_places;
};

/// Brings tiles, ascending by number, to lines of a directory: equal neighbours are one run.
class Lines {
public:
    void add(std::uint64_t number, Place place);
    [[nodiscard]] std::span<Entry const> entries() const noexcept { return m_entries; }
    [[nodiscard]] std::uint64_t tiles() const noexcept { return m_tiles; }

private:
    std::vector<Entry> m_entries;
    std::uint64_t m_tiles = 0;
};

} // namespace diaban::tiles::archive
