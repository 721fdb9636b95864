#include "tiles/mirror/names.hpp"

#include "geo/error.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <limits>

namespace diaban::tiles::mirror {

std::pair<std::uint32_t, bool> Names::number(std::string_view text) {
    if (m_slots.size() < 2 * (m_ends.size() + 1)) grow();
    auto const wide = std::hash<std::string_view>{}(text);
    auto const hash = std::uint32_t(wide ^ (wide >> 32U));
    auto const mask = m_slots.size() - 1;
    auto const known = texts();
    for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
        auto& slot = m_slots[at];
        if (slot.number != 0) {
            if (slot.hash == hash && known[slot.number - 1] == text)
                return {slot.number - 1, false};
            continue;
        }
        if (m_bytes.size() + text.size() > std::numeric_limits<std::uint32_t>::max())
            throw geo::Error{geo::Code::too_large, "mirror-texts"};
        m_bytes.insert(m_bytes.end(), text.begin(), text.end());
        m_ends.push_back(std::uint32_t(m_bytes.size()));
        slot = {hash, std::uint32_t(m_ends.size())};
        return {slot.number - 1, true};
    }
}

void Names::grow() {
    constexpr std::size_t least = 16;
    std::vector<Slot> slots(std::max(least, m_slots.size() * 2));
    auto const mask = slots.size() - 1;
    for (auto const& slot : m_slots) {
        if (slot.number == 0) continue;
        auto at = slot.hash & mask;
        while (slots[at].number != 0) at = (at + 1) & mask;
        slots[at] = slot;
    }
    m_slots = std::move(slots);
}

void Names::clear() noexcept {
    m_ends.clear();
    m_bytes.clear();
    std::fill(m_slots.begin(), m_slots.end(), Slot{});
}

std::pair<std::vector<std::uint32_t>, std::vector<char>> Names::take() {
    m_slots.clear();
    return {std::exchange(m_ends, {}), std::exchange(m_bytes, {})};
}

} // namespace diaban::tiles::mirror
