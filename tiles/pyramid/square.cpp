#include "tiles/pyramid/square.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace diaban::tiles::pyramid {
namespace {

/// What one row covers of one block.
struct Cover {
    std::uint32_t block = 0;
    std::uint32_t rank = 0;
    std::uint32_t key = 0;
    std::int64_t amount = 0;
};

/// Adds up the covers of each block and key; `whole` is a block's amount.
class ShareBuilder {
public:
    ShareBuilder(std::size_t blocks, std::int64_t whole) : m_blocks{blocks}, m_whole{whole} {}

    Shares run(std::vector<Cover>& covers) {
        std::sort(covers.begin(), covers.end(), [](Cover const& a, Cover const& b) {
            return a.block != b.block ? a.block < b.block : a.rank < b.rank;
        });
        Shares result;
        result.begin.reserve(m_blocks + 1);
        result.begin.push_back(0);
        auto cover = covers.begin();
        for (std::uint32_t block = 0; block < m_blocks; ++block) {
            m_of_block.clear();
            for (; cover != covers.end() && cover->block == block; ++cover) {
                if (!m_of_block.empty() && m_of_block.back().key == cover->key)
                    m_of_block.back().amount += cover->amount;
                else
                    m_of_block.push_back(*cover);
            }
            append(result);
            result.begin.push_back(std::uint32_t(result.shares.size()));
        }
        return result;
    }

private:
    void append(Shares& result) const {
        std::int64_t sum = 0;
        for (auto const& cover : m_of_block) sum += std::max<std::int64_t>(cover.amount, 0);
        auto const divisor = std::max(sum, m_whole);
        for (auto const& cover : m_of_block) {
            auto const part =
                (Wide{std::max<std::int64_t>(cover.amount, 0)} * whole_block + divisor / 2) /
                divisor;
            if (part > 0) result.shares.push_back({cover.key, std::uint32_t(part)});
        }
    }

    std::size_t m_blocks;
    std::int64_t m_whole;
    std::vector<Cover> m_of_block;
};

Tallies in_order(std::unordered_map<std::uint32_t, Tally>& by_key,
                 std::span<std::uint32_t const> ranks) {
    Tallies tallies;
    tallies.reserve(by_key.size());
    for (auto& [key, tally] : by_key) tallies.push_back(std::move(tally));
    std::sort(tallies.begin(), tallies.end(),
              [&](Tally const& a, Tally const& b) { return ranks[a.key] < ranks[b.key]; });
    return tallies;
}

void add_to(std::unordered_map<std::uint32_t, Tally>& by_key, Tally const& tally) {
    auto const [entry, is_new] = by_key.try_emplace(tally.key, tally);
    if (!is_new) entry->second.add(tally);
}

/// Brings clusters into their order and joins those of one block and key.
void unite(Clusters& clusters, std::span<std::uint32_t const> ranks) {
    std::sort(clusters.begin(), clusters.end(), [&](Cluster const& a, Cluster const& b) {
        return a.block != b.block ? a.block < b.block : ranks[a.tally.key] < ranks[b.tally.key];
    });
    std::size_t kept = 0;
    for (auto& cluster : clusters) {
        if (kept > 0 && clusters[kept - 1].block == cluster.block &&
            clusters[kept - 1].tally.key == cluster.tally.key)
            clusters[kept - 1].tally.add(cluster.tally);
        else if (&clusters[kept++] != &cluster)
            clusters[kept - 1] = std::move(cluster);
    }
    clusters.resize(kept);
}

/// Where a block of the square below, in its quarter, comes to lie above.
std::uint32_t block_above(std::uint32_t quarter, std::uint32_t block, std::uint32_t side) noexcept {
    auto const row = (quarter / 2) * (side / 2) + block / side / 2;
    auto const column = (quarter % 2) * (side / 2) + block % side / 2;
    return row * side + column;
}

} // namespace

void Tally::add(Tally const& other, std::int64_t sign) {
    count += sign * other.count;
    measure += sign * other.measure;
    x += sign * other.x;
    y += sign * other.y;
    sums.resize(std::max(sums.size(), other.sums.size()));
    for (std::size_t i = 0; i < other.sums.size(); ++i) sums[i] += sign * other.sums[i];
    drawn += sign * other.drawn;
}

Tally tally_of(Row const& row, geo::GeometryKind geometry) {
    constexpr double square_centimetres = 1e4;
    constexpr double centimetres = 1e2;
    double const units = geometry == geo::GeometryKind::line ? centimetres : square_centimetres;
    return {row.key,
            1,
            std::llround(row.measure * units),
            row.centre.x,
            row.centre.y,
            {row.sums.begin(), row.sums.end()}};
}

Content polygons_of(RowSource const& rows, BlockSquare const& square,
                    std::span<std::uint32_t const> ranks) {
    std::vector<Cover> covers;
    std::unordered_map<std::uint32_t, Tally> tallies;
    BlockArea area{square};
    auto const box = square.box();
    rows.visit(box, [&](Row const& row) {
        if (box.contains(row.centre)) add_to(tallies, tally_of(row, geo::GeometryKind::polygon));
        area.add(row.points, row.path_begin, row.box, [&](std::uint32_t block, std::int64_t twice) {
            covers.push_back({block, ranks[row.key], row.key, twice});
        });
    });
    Content content;
    auto const blocks = std::size_t{square.side} * square.side;
    if (!covers.empty())
        content.shares =
            ShareBuilder{blocks, std::int64_t{1} << (2 * square.shift + 1)}.run(covers);
    content.tallies = in_order(tallies, ranks);
    return content;
}

Content points_of(RowSource const& rows, BlockSquare const& square,
                  std::span<std::uint32_t const> ranks) {
    Content content;
    auto const box = square.box();
    rows.visit(box, [&](Row const& row) {
        if (!box.contains(row.centre)) return;
        auto const x = std::uint32_t((row.centre.x - square.west) >> square.shift);
        auto const y = std::uint32_t((row.centre.y - square.north) >> square.shift);
        content.clusters.push_back({y * square.side + x, tally_of(row, geo::GeometryKind::point)});
    });
    unite(content.clusters, ranks);
    return content;
}

Shares merged(std::array<Shares const*, 4> const& below, std::uint32_t side,
              std::span<std::uint32_t const> ranks) {
    std::vector<Cover> covers;
    for (std::uint32_t quarter = 0; quarter < 4; ++quarter) {
        if (below[quarter] == nullptr || below[quarter]->empty()) continue;
        for (std::uint32_t block = 0; block < side * side; ++block)
            for (auto const& share : below[quarter]->of(block))
                covers.push_back(
                    {block_above(quarter, block, side), ranks[share.key], share.key, share.part});
    }
    if (covers.empty()) return {};
    return ShareBuilder{std::size_t{side} * side, 4 * std::int64_t{whole_block}}.run(covers);
}

Tallies merged(std::array<Tallies const*, 4> const& below, std::span<std::uint32_t const> ranks) {
    std::unordered_map<std::uint32_t, Tally> by_key;
    for (auto const* tallies : below)
        if (tallies != nullptr)
            for (auto const& tally : *tallies) add_to(by_key, tally);
    return in_order(by_key, ranks);
}

Clusters merged(std::array<Clusters const*, 4> const& below, std::uint32_t side,
                std::span<std::uint32_t const> ranks) {
    Clusters clusters;
    for (std::uint32_t quarter = 0; quarter < 4; ++quarter)
        if (below[quarter] != nullptr)
            for (auto const& cluster : *below[quarter])
                clusters.push_back({block_above(quarter, cluster.block, side), cluster.tally});
    unite(clusters, ranks);
    return clusters;
}

} // namespace diaban::tiles::pyramid
