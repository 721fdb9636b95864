#pragma once

#include "geo/policy.hpp"
#include "tiles/cut.hpp"
#include "tiles/pyramid/diffuse.hpp"
#include "tiles/pyramid/drawn_lines.hpp"
#include "tiles/pyramid/keys.hpp"
#include "tiles/pyramid/line_choice.hpp"
#include "tiles/pyramid/square.hpp"
#include "tiles/tile_id.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace diaban::tiles::pyramid {

/// A field that merged features carry the sum of. Sums are of whole numbers, so that they are exact
/// and do not depend on the order of rows.
struct SumField {
    std::string name;
    double parts = 1; ///< how many in Row::sums make one; 1: the sum is a whole number
};

/// What a pyramid is made of.
///
/// `geometry`     polygon, line or point.
/// `finest`       the zoom of the finest level: the collection's native zoom less one.
/// `lowest`       the zoom of the coarsest.
/// `block_units`  side of a block in tile units: 16 (a pixel), 32 or 64 (four pixels). Over a
///                million parcels of 21 classes, whose patches are a few pixels wide, the fullest
///                tile has 85, 61 and 36 KB, and means of 16 × 16 pixels have a structural
///                similarity of at least 0.999, 0.996 and 0.954 with the full picture. For points
///                the side of a cluster's cell: 512 is 32 pixels. Lines have no blocks.
/// `classes`      encoded class values in the order of their rank among lines, the first first;
///                those that are not named come last, together.
/// `line_cuts`    by zoom: which lines are drawn. Empty: chosen when the pyramid is built, and kept
///                through its edits, as the native zoom is.
/// `lowest_alone` only the tiles of the lowest zoom can be cut: for one tile, not for edits. Lines
///                have every zoom all the same.
struct Plan {
    std::string layer;
    geo::GeometryKind geometry = geo::GeometryKind::polygon;
    std::string class_field; ///< empty: none
    std::vector<SumField> sums;
    std::uint32_t finest = 0;
    std::uint32_t lowest = 0;
    std::uint32_t block_units = 32;
    std::vector<std::string> classes{};
    std::vector<LineCut> line_cuts{};
    bool lowest_alone = false;

    [[nodiscard]] std::uint32_t side() const noexcept { return tile_extent / block_units; }
};

/// What a low tile was asked beside its number.
///
/// `classes`  encoded class values that are wanted; empty: all.
struct CutQuestion {
    std::vector<std::string> classes{};
};

/// What a low tile shows.
struct LowSummary {
    std::size_t features = 0; ///< merged features written
    std::int64_t merged = 0;  ///< rows that they stand for: those whose centre lies in the tile
    std::int64_t drawn = 0;   ///< of lines: how many of those rows are drawn
    bool joined = false;      ///< features of one class stand for several scopes
};

/// Where a tile shows the mean centre of a tally that lies in it.
[[nodiscard]] GridPoint mean_unit(Tally const& tally, TileId tile) noexcept;

/// A tile with more features than this joins those of one class.
constexpr std::size_t most_features_apart = 1000;

/// The tiles of a collection of polygons or points below its native zoom: immutable, shared by any
/// number of readers without locks; an edit makes another that shares what has not changed.
///
/// Level      a zoom's tiles, each cut into side × side blocks. A block is drawn for one key or for
///            none, so that in each tile every class has the area it has (diffuse.hpp).
/// Merged     the blocks of a tile and a key are one feature without id, with the class, `count`
///            and `area_m2` (and the declared sums) of the rows whose centre lies in the tile:
///            tiles of a zoom add up to the collection. A key that has rows in a tile but no block
///            is a point at its rows' mean centre, so that none is left out.
/// Points     of one block and key are one feature at their mean, with `count` and the sums. None
/// is
///            drawn in a neighbour's buffer, so that points too add up.
/// Lines      are joined end to end (chains.hpp), lose points that the zoom would not show, and are
///            drawn by the rank of their class and their length (line_choice.hpp). Those of a tile
///            and a key are one feature, with `count` and `length_m` of the rows whose centre lies
///            in the tile, and with how many of those are `drawn`; if no line is, a point as above.
/// Rights     merging never crosses scope or sensitivity; a cut draws what its policy sees, and
///            nothing else goes into its counts. If the policy does not see the class field, what
///            differs by class alone is one feature. Where a tile would hold too many features
///            (thousands of scopes), those of one class that the policy sees are joined as they are
///            drawn, and the summary says so.
class Pyramid {
public:
    /// Reads every row that meets a square; `keys` name the rows' keys.
    static std::shared_ptr<Pyramid const> build(Plan plan, std::shared_ptr<Keys const> keys,
                                                RowSource const& rows, unsigned threads);

    struct Rebuilt {
        std::shared_ptr<Pyramid const> pyramid;
        std::vector<TileId> changed; ///< tiles whose bytes may differ for someone
    };
    /// The pyramid after an edit: only squares under `dirty` (old and new boxes of what changed)
    /// are made again, at every level. Equal to one built from scratch over the same rows and keys.
    ///
    /// `keys`    the old ones, perhaps with more behind.
    /// `before`  the rows that this one was made of; needed of lines alone.
    /// Cost      a square of the finest level is read anew whole: some 10 ms for 25,000 rows, four
    ///           of them; above, a millisecond a level. Of lines those near the edit are read.
    [[nodiscard]] Rebuilt rebuild(std::shared_ptr<Keys const> keys, RowSource const& rows,
                                  std::span<GridBox const> dirty, unsigned threads,
                                  RowSource const* before = nullptr) const;

    /// Appends the tile's layer to `body`; nothing when nothing is there. `tile` lies in
    /// [lowest, finest].
    LowSummary cut(TileId tile, CutQuestion const& question, geo::Policy const& policy,
                   std::string& body) const;

    [[nodiscard]] Plan const& plan() const noexcept { return m_plan; }
    [[nodiscard]] Keys const& keys() const noexcept { return *m_keys; }
    [[nodiscard]] KeyOrder const& order() const noexcept { return m_order; }
    /// The tiles of a zoom that hold something.
    [[nodiscard]] std::vector<TileId> tiles(std::uint32_t zoom) const;
    [[nodiscard]] std::size_t bytes() const noexcept;

    /// One tile's worth of a level. Shares are kept where a coarser level is made of them, but not
    /// at the finest, where the rows are at hand.
    struct Square {
        Shares shares;
        Tallies tallies;
        Drawn drawn;
        Clusters clusters; ///< of points; then the others are empty
        DrawnLines lines;  ///< of lines, which have tallies beside
    };
    /// Null where there is nothing.
    [[nodiscard]] Square const* square(TileId tile) const noexcept;

    friend bool operator==(Pyramid const& a, Pyramid const& b);

private:
    friend class PyramidBuilder;
    friend class LineBuilder;
    /// Sorted by number (x << 32 | y).
    using Level = std::vector<std::pair<std::uint64_t, std::shared_ptr<Square const>>>;

    Pyramid(Plan plan, std::shared_ptr<Keys const> keys)
        : m_plan{std::move(plan)}, m_keys{std::move(keys)}, m_order{m_keys->order()},
          m_levels(m_plan.finest + 1) {}

    /// Puts squares, in order of number, in the place of those that were; empty ones leave.
    void put(std::uint32_t zoom, Level const& squares);

    Plan m_plan;
    std::shared_ptr<Keys const> m_keys;
    KeyOrder m_order;
    std::vector<Level> m_levels; // by zoom
};

} // namespace diaban::tiles::pyramid
