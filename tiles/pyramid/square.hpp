#pragma once

#include "geo/geometry.hpp"
#include "tiles/grid.hpp"
#include "tiles/pyramid/block_area.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace diaban::tiles::pyramid {

/// A row as the pyramid reads it, borrowed during one call.
///
/// Shape   path i is points [path_begin[i], path_begin[i + 1]) of `points`: for polygons as
///         tiles/shape.hpp says; `path_begin` has one entry past the last path.
/// Place   a row is counted where `centre` is, and nowhere else.
struct Row {
    std::uint32_t key = 0; ///< its number among the Keys
    GridBox box;
    GridPoint centre;
    std::span<GridPoint const> points;
    std::span<std::uint32_t const> path_begin;
    double measure = 0;         ///< as the record has it: m² of a polygon, m of a line
    std::span<Wide const> sums; ///< the declared fields, as SumField::parts says
    std::int64_t fid = 0;       ///< needed of lines alone
};

/// Where rows come from: whatever holds them.
class RowSource {
public:
    virtual ~RowSource() = default;
    /// Calls `visit` once for each row whose box meets `box`. Called by several threads.
    virtual void visit(GridBox const& box, std::function<void(Row const&)> const& visit) const = 0;
    /// A box around all rows.
    [[nodiscard]] virtual GridBox bounds() const = 0;
};

/// The part of a block that a key's rows cover; `whole_block` is all of it.
struct Share {
    std::uint32_t key = 0;
    std::uint32_t part = 0;

    friend bool operator==(Share const&, Share const&) = default;
};
constexpr std::uint32_t whole_block = 1U << 30U;

/// What the blocks of a square hold: block b has shares [begin[b], begin[b + 1]), by rank of key.
///
/// Overlap  rows that lie over one another share what there is in proportion: the shares of a block
///          are never more than the whole.
struct Shares {
    std::vector<std::uint32_t> begin;
    std::vector<Share> shares;

    [[nodiscard]] std::span<Share const> of(std::size_t block) const noexcept {
        return std::span{shares}.subspan(begin[block], begin[block + 1] - begin[block]);
    }
    [[nodiscard]] bool empty() const noexcept { return shares.empty(); }
};

/// The rows of a key whose centre lies in a square. Whole numbers, so that sums do not depend on
/// the order of rows.
struct Tally {
    std::uint32_t key = 0;
    std::int64_t count = 0;
    std::int64_t measure = 0; ///< cm² of polygons, cm of lines
    std::int64_t x = 0;       ///< sum over the centres
    std::int64_t y = 0;
    std::vector<Wide> sums;
    std::int64_t drawn = 0; ///< of lines: how many of the rows are drawn there

    /// Adds another of the same key; `sign` -1 takes it away.
    void add(Tally const& other, std::int64_t sign = 1);
    friend bool operator==(Tally const&, Tally const&) = default;
};
using Tallies = std::vector<Tally>; ///< by rank of key

/// What a row adds to where it is counted.
[[nodiscard]] Tally tally_of(Row const& row, geo::GeometryKind geometry);

/// Rows of one key whose centres lie in one block: what a cluster of points stands for.
struct Cluster {
    std::uint32_t block = 0;
    Tally tally;

    friend bool operator==(Cluster const&, Cluster const&) = default;
};
using Clusters = std::vector<Cluster>; ///< by block, then by rank of key

/// A square of the finest level, from the rows that meet it: of polygons, the shares of blocks and
/// the tallies of the whole; of points, the clusters.
struct Content {
    Shares shares;
    Tallies tallies;
    Clusters clusters;
};
[[nodiscard]] Content polygons_of(RowSource const& rows, BlockSquare const& square,
                                  std::span<std::uint32_t const> ranks);
[[nodiscard]] Content points_of(RowSource const& rows, BlockSquare const& square,
                                std::span<std::uint32_t const> ranks);

/// A square from the four below it (north-west, north-east, south-west, south-east; null where
/// there is nothing): two by two blocks become one.
[[nodiscard]] Shares merged(std::array<Shares const*, 4> const& below, std::uint32_t side,
                            std::span<std::uint32_t const> ranks);
[[nodiscard]] Tallies merged(std::array<Tallies const*, 4> const& below,
                             std::span<std::uint32_t const> ranks);
[[nodiscard]] Clusters merged(std::array<Clusters const*, 4> const& below, std::uint32_t side,
                              std::span<std::uint32_t const> ranks);

} // namespace diaban::tiles::pyramid
