#include "tiles/pyramid/changed_tiles.hpp"

#include "tiles/cut.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>

namespace diaban::tiles::pyramid {
namespace {

using Square = Pyramid::Square;

std::uint32_t key_at(Drawn const& drawn, std::size_t block) noexcept {
    if (drawn.blocks.empty() || drawn.blocks[block] == 0) return UINT32_MAX;
    return drawn.keys[drawn.blocks[block] - 1U];
}

std::optional<TileId> beside(TileId tile, std::size_t place) noexcept {
    return TileId::make(tile.zoom(), tile.x() + std::uint32_t(place % 3) - 1,
                        tile.y() + std::uint32_t(place / 3) - 1);
}

bool same_but_place(Tally const& a, Tally const& b) {
    return a.key == b.key && a.count == b.count && a.measure == b.measure && a.sums == b.sums &&
           a.drawn == b.drawn;
}

class Comparison {
public:
    Comparison(Pyramid const& before, Pyramid const& after)
        : m_before{before}, m_after{after}, m_side{before.plan().side()},
          m_margin{(CutOptions{}.buffer + before.plan().block_units - 1) /
                   before.plan().block_units} {}

    /// Adds the tiles that show `tile`'s square otherwise than before.
    void compare(TileId tile) {
        auto const* const old = m_before.square(tile);
        auto const* const now = m_after.square(tile);
        if (old == now) return;
        static Square const nothing;
        auto const& a = old == nullptr ? nothing : *old;
        auto const& b = now == nullptr ? nothing : *now;
        if (counts_differ(a, b, tile) || !(a.lines == b.lines)) m_changed.insert(tile);
        compare_blocks(a.drawn, b.drawn, tile);
    }

    [[nodiscard]] std::vector<TileId> changed() const {
        return {m_changed.begin(), m_changed.end()};
    }

private:
    bool counts_differ(Square const& a, Square const& b, TileId tile) const {
        bool const same_clusters =
            std::equal(a.clusters.begin(), a.clusters.end(), b.clusters.begin(), b.clusters.end(),
                       [&](Cluster const& one, Cluster const& other) {
                           return one.block == other.block &&
                                  same_but_place(one.tally, other.tally) &&
                                  mean_unit(one.tally, tile) == mean_unit(other.tally, tile);
                       });
        // Where a key's rows are in the mean is seen if nothing of it is drawn.
        auto const same = [&](Tally const& one, Tally const& other) {
            return same_but_place(one, other) &&
                   (mean_unit(one, tile) == mean_unit(other, tile) ||
                    (draws(m_before, tile, one.key) && draws(m_after, tile, one.key)));
        };
        return !same_clusters || !std::equal(a.tallies.begin(), a.tallies.end(), b.tallies.begin(),
                                             b.tallies.end(), same);
    }

    /// Blocks along a side or in a corner are drawn in the neighbours' buffers too.
    void compare_blocks(Drawn const& a, Drawn const& b, TileId tile) {
        if (a.blocks.empty() && b.blocks.empty()) return;
        for (std::uint32_t block = 0; block < m_side * m_side; ++block) {
            if (key_at(a, block) == key_at(b, block)) continue;
            for (std::size_t place = 0; place < 9; ++place)
                if (shows(place, block))
                    if (auto const who = beside(tile, place)) m_changed.insert(*who);
        }
    }

    /// Whether the neighbour at `place` (4: the tile itself) shows a block of a square.
    [[nodiscard]] bool shows(std::size_t place, std::uint32_t block) const noexcept {
        auto const near = [&](std::size_t third, std::uint32_t at) {
            return third == 0 ? at < m_margin : third == 1 || at >= m_side - m_margin;
        };
        return near(place / 3, block / m_side) && near(place % 3, block % m_side);
    }

    /// Whether a tile draws anything of a key.
    [[nodiscard]] bool draws(Pyramid const& pyramid, TileId tile, std::uint32_t key) const {
        for (std::size_t place = 0; place < 9; ++place) {
            auto const of = beside(tile, place);
            auto const* const square = of ? pyramid.square(*of) : nullptr;
            if (square == nullptr) continue;
            auto const& paths = square->lines.paths;
            if (place == middle && std::any_of(paths.begin(), paths.end(),
                                               [&](auto const& path) { return path.key == key; }))
                return true;
            for (std::uint32_t block = 0; block < square->drawn.blocks.size(); ++block)
                if (key_at(square->drawn, block) == key && shows(8 - place, block)) return true;
        }
        return false;
    }

    static constexpr std::size_t middle = 4;
    Pyramid const& m_before;
    Pyramid const& m_after;
    std::uint32_t m_side;
    std::uint32_t m_margin;
    std::set<TileId> m_changed;
};

} // namespace

std::vector<TileId> changed_tiles(Pyramid const& before, Pyramid const& after) {
    Comparison comparison{before, after};
    auto const& plan = before.plan();
    for (auto zoom = plan.lowest; zoom <= plan.finest; ++zoom) {
        auto const old = before.tiles(zoom);
        for (auto const tile : old) comparison.compare(tile);
        for (auto const tile : after.tiles(zoom))
            if (before.square(tile) == nullptr) comparison.compare(tile);
    }
    return comparison.changed();
}

} // namespace diaban::tiles::pyramid
