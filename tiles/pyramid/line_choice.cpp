#include "tiles/pyramid/line_choice.hpp"

#include <algorithm>
#include <cstddef>
#include <unordered_map>

namespace diaban::tiles::pyramid {

LineCut stricter(LineCut const& a, LineCut const& b) noexcept {
    if (a.rank != b.rank) return a.rank < b.rank ? a : b;
    return a.length > b.length ? a : b;
}

LineCut choose_lines(std::span<LineStanding const> lines, std::span<LineLoad const> loads,
                     std::uint32_t budget) {
    std::vector<LineLoad> order(loads.begin(), loads.end());
    std::sort(order.begin(), order.end(), [&](LineLoad const& a, LineLoad const& b) {
        auto const& one = lines[a.line];
        auto const& other = lines[b.line];
        return one.rank != other.rank ? one.rank < other.rank : one.length > other.length;
    });
    std::unordered_map<std::uint64_t, std::uint64_t> taken; // bytes by tile
    for (auto const& load : order) {
        auto& bytes = taken[load.tile];
        bytes += load.bytes;
        // Lines of equal standing come or stay out together.
        if (bytes > budget) return {lines[load.line].rank, lines[load.line].length + 1};
    }
    return {};
}

} // namespace diaban::tiles::pyramid
