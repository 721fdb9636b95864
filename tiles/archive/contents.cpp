#include "tiles/archive/contents.hpp"

#include <xxhash.h>

#include <limits>

namespace diaban::tiles::archive {

std::uint64_t hash_of(std::string_view bytes) noexcept {
    return XXH3_64bits(bytes.data(), bytes.size());
}

std::optional<Place> Contents::find(std::uint64_t hash, std::string_view body,
                                    Holds const& holds) const {
    auto const [first, last] = m_places.equal_range(hash);
    for (auto at = first; at != last; ++at)
        if (at->second.length == body.size() && holds(at->second, body)) return at->second;
    return std::nullopt;
}

void Lines::add(std::uint64_t number, Place place) {
    ++m_tiles;
    if (!m_entries.empty()) {
        auto& last = m_entries.back();
        bool const same = last.offset == place.offset && last.length == place.length;
        bool const next = last.number + last.run == number;
        if (same && next && last.run < std::numeric_limits<std::uint32_t>::max()) {
            ++last.run;
            return;
        }
    }
    m_entries.push_back(
        {.number = number, .offset = place.offset, .length = place.length, .run = 1});
}

} // namespace diaban::tiles::archive
