#pragma once

#include "tiles/texts.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace diaban::tiles::mirror {

/// Numbers texts in the order in which they are first seen, and keeps each once.
///
/// Memory   the bytes of the texts, and about 16 bytes a text.
/// Throws   Error{too_large, "mirror-texts"} beyond 4 GB of different texts.
class Names {
public:
    /// Returns the number of `text` and whether it is new.
    std::pair<std::uint32_t, bool> number(std::string_view text);

    /// Forgets all texts; keeps the memory.
    void clear() noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return m_ends.size(); }
    [[nodiscard]] Texts texts() const noexcept { return {m_ends, m_bytes}; }
    /// The texts' arrays, taken out; nothing is left.
    [[nodiscard]] std::pair<std::vector<std::uint32_t>, std::vector<char>> take();

private:
    struct Slot {
        std::uint32_t hash = 0;
        std::uint32_t number = 0; // one more than the text's; 0: free
    };

    void grow();

    std::vector<std::uint32_t> m_ends;
    std::vector<char> m_bytes;
    std::vector<Slot> m_slots; // open addressing, a power of two, at most half full
};

} // namespace diaban::tiles::mirror
