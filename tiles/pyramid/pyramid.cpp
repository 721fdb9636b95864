#include "tiles/pyramid/pyramid.hpp"

#include "geo/parallel.hpp"
#include "tiles/pyramid/changed_tiles.hpp"
#include "tiles/pyramid/line_builder.hpp"
#include "tiles/pyramid/tile_work.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace diaban::tiles::pyramid {
namespace {

using Square = Pyramid::Square;
using Made = std::shared_ptr<Square const>;

std::uint64_t above(std::uint64_t number) noexcept {
    return number_of(x_of(number) / 2, y_of(number) / 2);
}
/// North-west, north-east, south-west, south-east.
std::array<std::uint64_t, 4> below(std::uint64_t number) noexcept {
    auto const x = x_of(number) * 2;
    auto const y = y_of(number) * 2;
    return {number_of(x, y), number_of(x + 1, y), number_of(x, y + 1), number_of(x + 1, y + 1)};
}

template <typename Level>
auto find(Level& level, std::uint64_t number) {
    return std::lower_bound(level.begin(), level.end(), number,
                            [](auto const& entry, auto wanted) { return entry.first < wanted; });
}

bool nothing_in(Square const& square) noexcept {
    return square.tallies.empty() && square.drawn.blocks.empty() && square.shares.empty() &&
           square.clusters.empty() && square.lines.empty();
}

} // namespace

/// Makes the squares of a new pyramid: all of them, or those under an edit.
class PyramidBuilder {
public:
    PyramidBuilder(Pyramid& pyramid, RowSource const& rows, unsigned threads)
        : m_pyramid{pyramid}, m_plan{pyramid.m_plan}, m_rows{rows}, m_threads{threads},
          m_ranks{pyramid.m_order.ranks} {}

    /// The squares of the finest level that `box` meets.
    void add_dirty(GridBox const& box) {
        if (box.empty()) return;
        auto const shift = 31 - m_plan.finest;
        auto const at = [&](std::int32_t v) { return std::uint32_t(v) >> shift; };
        for (auto x = at(box.min_x); x <= at(box.max_x); ++x)
            for (auto y = at(box.min_y); y <= at(box.max_y); ++y) m_dirty.insert(number_of(x, y));
    }

    void run() {
        auto const finest = m_plan.finest;
        std::map<std::uint64_t, std::set<std::uint64_t>> families;
        for (auto const number : m_dirty) families[above(number)].insert(number);
        std::vector<std::pair<std::uint64_t, std::set<std::uint64_t>>> const work(families.begin(),
                                                                                  families.end());
        bool const coarser = finest > m_plan.lowest;
        std::vector<Level> made(work.size());
        std::vector<Shares> shares(work.size());
        geo::in_parallel(work.size(), m_threads, [&](std::size_t i) {
            make_family(work[i].first, work[i].second, coarser, made[i], shares[i]);
        });
        Level level;
        for (auto& family : made) level.insert(level.end(), family.begin(), family.end());
        put(finest, level);
        if (!coarser) return;
        level.clear();
        std::vector<Made> parents(work.size());
        geo::in_parallel(work.size(), m_threads, [&](std::size_t i) {
            parents[i] = make_coarse(finest - 1, work[i].first, std::move(shares[i]));
        });
        for (std::size_t i = 0; i < work.size(); ++i) level.emplace_back(work[i].first, parents[i]);
        put(finest - 1, level);
        for (auto zoom = finest - 1; zoom > m_plan.lowest; --zoom) go_up(zoom, level);
    }

private:
    using Level = std::vector<std::pair<std::uint64_t, Made>>;

    [[nodiscard]] BlockSquare blocks_of(std::uint64_t number) const noexcept {
        auto const shift = 31 - m_plan.finest;
        std::uint32_t block_shift = TileId::max_zoom - m_plan.finest;
        for (auto units = m_plan.block_units; units > 1; units /= 2) ++block_shift;
        return {std::int64_t{x_of(number)} << shift, std::int64_t{y_of(number)} << shift,
                block_shift, m_plan.side()};
    }

    /// The squares of the finest level below `parent` that are wanted, and the parent's shares,
    /// which take all four.
    void make_family(std::uint64_t parent, std::set<std::uint64_t> const& wanted, bool coarser,
                     Level& made, Shares& shares) const {
        std::array<Content, 4> contents;
        std::array<Shares const*, 4> children{};
        auto const numbers = below(parent);
        for (std::size_t i = 0; i < 4; ++i) {
            bool const is_wanted = wanted.contains(numbers[i]);
            // Shares are not kept at the finest level: what lies above needs those of all four.
            if (!is_wanted && !coarser) continue;
            bool const points = m_plan.geometry == geo::GeometryKind::point;
            contents[i] =
                (points ? points_of : polygons_of)(m_rows, blocks_of(numbers[i]), m_ranks);
            children[i] = &contents[i].shares;
            if (!is_wanted) continue;
            auto square = std::make_shared<Square>();
            square->drawn = drawn(m_plan.finest, contents[i].shares);
            square->tallies = std::move(contents[i].tallies);
            square->clusters = std::move(contents[i].clusters);
            made.emplace_back(numbers[i], std::move(square));
        }
        if (coarser) shares = merged(children, m_plan.side(), m_ranks);
    }

    [[nodiscard]] Drawn drawn(std::uint32_t zoom, Shares const& shares) const {
        if (m_plan.lowest_alone && zoom > m_plan.lowest) return {};
        return diffuse(shares, m_plan.side(), *m_pyramid.m_keys, m_ranks);
    }

    /// A square above the finest level, from its shares and the tallies below.
    [[nodiscard]] Made make_coarse(std::uint32_t zoom, std::uint64_t number, Shares shares) const {
        auto square = std::make_shared<Square>();
        std::array<Tallies const*, 4> tallies{};
        std::array<Clusters const*, 4> clusters{};
        auto const numbers = below(number);
        for (std::size_t i = 0; i < 4; ++i)
            if (auto const* child = at(zoom + 1, numbers[i])) {
                tallies[i] = &child->tallies;
                clusters[i] = &child->clusters;
            }
        square->tallies = merged(tallies, m_ranks);
        square->clusters = merged(clusters, m_plan.side(), m_ranks);
        square->drawn = drawn(zoom, shares);
        square->shares = std::move(shares);
        return square;
    }

    /// Makes what lies above `level`, squares of `zoom`, and leaves that in its place.
    void go_up(std::uint32_t zoom, Level& level) {
        std::set<std::uint64_t> parents;
        for (auto const& [number, square] : level) parents.insert(above(number));
        Level next;
        for (auto const parent : parents) next.emplace_back(parent, nullptr);
        geo::in_parallel(next.size(), m_threads, [&](std::size_t i) {
            std::array<Shares const*, 4> shares{};
            auto const numbers = below(next[i].first);
            for (std::size_t k = 0; k < 4; ++k)
                if (auto const* child = at(zoom, numbers[k])) shares[k] = &child->shares;
            next[i].second =
                make_coarse(zoom - 1, next[i].first, merged(shares, m_plan.side(), m_ranks));
        });
        put(zoom - 1, next);
        level = std::move(next);
    }

    [[nodiscard]] Square const* at(std::uint32_t zoom, std::uint64_t number) const {
        auto const& level = m_pyramid.m_levels[zoom];
        auto const found = find(level, number);
        return found != level.end() && found->first == number ? found->second.get() : nullptr;
    }

    void put(std::uint32_t zoom, Level& squares) {
        std::sort(squares.begin(), squares.end(),
                  [](auto const& a, auto const& b) { return a.first < b.first; });
        m_pyramid.put(zoom, squares);
    }

    Pyramid& m_pyramid;
    Plan const& m_plan;
    RowSource const& m_rows;
    unsigned m_threads;
    std::span<std::uint32_t const> m_ranks;
    std::set<std::uint64_t> m_dirty;
};

void Pyramid::put(std::uint32_t zoom, Level const& squares) {
    auto& level = m_levels[zoom];
    Level united;
    united.reserve(level.size() + squares.size());
    auto old = level.begin();
    for (auto const& made : squares) {
        for (; old != level.end() && old->first < made.first; ++old) united.push_back(*old);
        if (old != level.end() && old->first == made.first) ++old;
        if (!nothing_in(*made.second)) united.push_back(made);
    }
    united.insert(united.end(), old, level.end());
    level = std::move(united);
}

std::shared_ptr<Pyramid const> Pyramid::build(Plan plan, std::shared_ptr<Keys const> keys,
                                              RowSource const& rows, unsigned threads) {
    std::shared_ptr<Pyramid> pyramid{new Pyramid{std::move(plan), std::move(keys)}};
    if (pyramid->m_plan.geometry == geo::GeometryKind::line) {
        std::array const all{rows.bounds()};
        LineBuilder{*pyramid, threads}.run(nullptr, rows, all);
        return pyramid;
    }
    PyramidBuilder builder{*pyramid, rows, threads};
    builder.add_dirty(rows.bounds());
    builder.run();
    return pyramid;
}

Pyramid::Rebuilt Pyramid::rebuild(std::shared_ptr<Keys const> keys, RowSource const& rows,
                                  std::span<GridBox const> dirty, unsigned threads,
                                  RowSource const* before) const {
    std::shared_ptr<Pyramid> pyramid{new Pyramid{m_plan, std::move(keys)}};
    pyramid->m_levels = m_levels;
    if (m_plan.geometry == geo::GeometryKind::line) {
        LineBuilder{*pyramid, threads}.run(before, rows, dirty);
    } else {
        PyramidBuilder builder{*pyramid, rows, threads};
        for (auto const& box : dirty) builder.add_dirty(box);
        builder.run();
    }

    auto changed = changed_tiles(*this, *pyramid);
    return {std::move(pyramid), std::move(changed)};
}

std::vector<TileId> Pyramid::tiles(std::uint32_t zoom) const {
    std::vector<TileId> tiles;
    for (auto const& [number, square] : m_levels[zoom])
        tiles.push_back(*TileId::make(zoom, x_of(number), y_of(number)));
    return tiles;
}

Pyramid::Square const* Pyramid::square(TileId tile) const noexcept {
    if (tile.zoom() >= m_levels.size()) return nullptr;
    auto const& level = m_levels[tile.zoom()];
    auto const number = number_of(tile.x(), tile.y());
    auto const found = find(level, number);
    return found != level.end() && found->first == number ? found->second.get() : nullptr;
}

std::size_t Pyramid::bytes() const noexcept {
    std::size_t bytes = 0;
    for (auto const& level : m_levels)
        for (auto const& [number, square] : level) {
            bytes += sizeof(Square) + 48; // the entry and the shared pointer's block
            bytes += square->shares.begin.capacity() * sizeof(std::uint32_t) +
                     square->shares.shares.capacity() * sizeof(Share) +
                     square->drawn.keys.capacity() * sizeof(std::uint32_t) +
                     square->drawn.blocks.capacity() * sizeof(std::uint16_t) +
                     square->lines.paths.capacity() * sizeof(DrawnLines::Path) +
                     square->lines.points.capacity() * sizeof(GridPoint);
            for (auto const& tally : square->tallies)
                bytes += sizeof(Tally) + tally.sums.capacity() * sizeof(Wide);
            for (auto const& cluster : square->clusters)
                bytes += sizeof(Cluster) + cluster.tally.sums.capacity() * sizeof(Wide);
        }
    return bytes;
}

bool operator==(Pyramid const& a, Pyramid const& b) {
    auto const same = [](auto const& one, auto const& other) {
        return one.first == other.first && one.second->tallies == other.second->tallies &&
               one.second->drawn == other.second->drawn &&
               one.second->clusters == other.second->clusters &&
               one.second->lines == other.second->lines &&
               one.second->shares.begin == other.second->shares.begin &&
               one.second->shares.shares == other.second->shares.shares;
    };
    return a.m_levels.size() == b.m_levels.size() &&
           std::equal(a.m_levels.begin(), a.m_levels.end(), b.m_levels.begin(),
                      [&](auto const& one, auto const& other) {
                          return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                                            same);
                      });
}

} // namespace diaban::tiles::pyramid
