#pragma once

#include "geo/feature.hpp"
#include "geo/policy.hpp"
#include "geo/schema.hpp"
#include "tiles/mirror/run.hpp"
#include "tiles/tile_id.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace diaban::tiles::mirror {

struct Rows;

/// Collects rows for a layer; one a loading thread, then `build` joins them.
///
/// Cost    each row is projected and quantised once, on append.
/// Faults  a row whose WKB cannot be read throws Error{internal, "mirror-row"}: the record holds
///         only what the import accepted.
class LayerBuilder {
public:
    explicit LayerBuilder(std::shared_ptr<geo::Schema const> schema);
    explicit LayerBuilder(geo::Schema const& schema);
    ~LayerBuilder();
    LayerBuilder(LayerBuilder&&) noexcept;
    LayerBuilder& operator=(LayerBuilder&&) noexcept;

    void append(geo::RowView const& row);
    [[nodiscard]] std::size_t size() const noexcept;

private:
    friend class Layer;
    std::unique_ptr<Rows> m_rows;
};

/// Which rows of a run have been replaced or removed since it was made. Immutable.
struct Dead {
    struct Count {
        std::uint32_t rows = 0;
        std::uint32_t located = 0;
        bool at_edge = false; ///< one of them touched the class's box
    };
    std::vector<std::uint64_t> bits; ///< by row
    std::vector<Count> by_class;
    std::size_t rows = 0;
    std::size_t located = 0;
};

/// A run and what of it still holds.
struct LiveRun {
    std::shared_ptr<Run const> run;
    std::shared_ptr<Dead const> dead; ///< null: nothing

    [[nodiscard]] bool is_alive(std::size_t row) const noexcept {
        return !dead || (dead->bits[row / 64] >> (row % 64) & 1U) == 0;
    }
    [[nodiscard]] std::size_t living() const noexcept {
        return run->size() - (dead ? dead->rows : 0);
    }
};

/// What a query by place found, in ascending fid.
///
/// `matched`  certainly meet the box and are visible.
/// `doubtful` lie within one grid step of meeting or missing it, or lost on the grid what may meet
///            it: the record's doubles decide.
struct Found {
    std::vector<std::int64_t> matched;
    std::vector<std::int64_t> doubtful;
};

/// The same of one run, by row: ascending.
struct FoundRows {
    std::vector<std::uint32_t> matched;
    std::vector<std::uint32_t> doubtful;
};
/// Living rows of a run that meet `box` (EPSG:4326, closed) and that the policy may see.
/// Cost  grows with the rows found and those on the box's border.
[[nodiscard]] FoundRows rows_in(LiveRun const& live, geo::Box const& box,
                                geo::Policy const& policy);

/// One collection's tile-ready copy at one moment: a large run, its base, and smaller ones for what
/// changed since. Immutable; shared by any number of readers without locks.
///
/// CRS        Web Mercator on a 2^31 grid (1.866 cm a step at the equator), y down; each coordinate
///            is off by at most half a step.
/// Not held   fields not marked `tile`, personal fields.
/// Order      whatever the runs, readers see the living rows in the order of Run: a tile's bytes do
///            not tell how its rows came to be.
class Layer {
public:
    /// Sorts, indexes and measures the rows of `parts` (all of one schema), on `threads` threads.
    /// `native_zoom` is measured unless it is known.
    static std::shared_ptr<Layer const> build(std::vector<LayerBuilder> parts, unsigned threads,
                                              std::optional<std::uint32_t> native_zoom = {});
    /// A layer of one run.
    static std::shared_ptr<Layer const> of(std::shared_ptr<Run const> run,
                                           std::optional<std::uint32_t> native_zoom = {});

    /// This layer after changes: the rows `gone` are no more, but for those that `rows` holds anew.
    ///
    /// Cost   the changed rows, the dead bits of the runs they leave, and now and then a merging of
    ///        small runs (each row takes part in about log4 n of them). The first `kept` runs are
    ///        left as they are.
    [[nodiscard]] std::shared_ptr<Layer const>
    with(LayerBuilder rows, std::span<std::int64_t const> gone, std::size_t kept = 1) const;
    /// All living rows as one run.
    [[nodiscard]] std::shared_ptr<Run const> compacted(unsigned threads) const;
    /// This layer, whose first runs are those of `before`, with `base` in their place: what
    /// `before.compacted()` gave. Rows that died in between are dead in it too.
    [[nodiscard]] std::shared_ptr<Layer const>
    rebased(Layer const& before, std::shared_ptr<Run const> base, std::uint32_t native_zoom) const;

    [[nodiscard]] geo::Schema const& schema() const noexcept { return *base().schema; }
    [[nodiscard]] std::shared_ptr<geo::Schema const> const& shared_schema() const noexcept {
        return base().schema;
    }
    /// Rows with a geometry, whoever may see them.
    [[nodiscard]] std::size_t size() const noexcept { return m_located; }
    /// Whether any row is but for a time.
    [[nodiscard]] bool timed() const noexcept;

    struct Count {
        std::size_t rows = 0;    ///< with and without geometry
        std::size_t located = 0; ///< with geometry
    };
    /// Rows a policy may see. Cost: the classes, not the rows.
    [[nodiscard]] Count count(geo::Policy const& policy) const;
    /// EPSG:4326 box of what a policy may see; empty if nothing.
    /// Cost  the classes; the rows too where one at an edge was removed since the last compaction.
    [[nodiscard]] geo::Box extent(geo::Policy const& policy) const;
    /// The lowest zoom whose fullest tile is at most 500 KB unmerged (identity encoding).
    [[nodiscard]] std::uint32_t native_zoom() const noexcept { return m_native_zoom; }
    /// The lowest zoom that has tiles: the native zoom, or 0 for a schema with `all_zooms`.
    [[nodiscard]] std::uint32_t min_zoom() const noexcept {
        return schema().all_zooms ? 0 : m_native_zoom;
    }
    /// Memory held, in bytes; what is mapped from a file is counted too.
    [[nodiscard]] std::size_t bytes() const noexcept;

    /// Rows that meet `box` (EPSG:4326, closed) and that the policy may see.
    /// Cost  grows with the rows found and those on the box's border.
    [[nodiscard]] Found find(geo::Box const& box, geo::Policy const& policy) const;
    /// Rows that are during `period` and that the policy may see, by ascending fid.
    [[nodiscard]] std::vector<std::int64_t> during(geo::Period const& period,
                                                   geo::Policy const& policy) const;
    /// The first `most` rows behind `fid` that the policy may see, by ascending fid.
    /// Cost  the rows looked at: those, and between them what the policy does not see.
    [[nodiscard]] std::vector<std::int64_t> behind(std::int64_t fid, std::size_t most,
                                                   geo::Policy const& policy) const;
    /// Where a living row is.
    struct At {
        Run const* run;
        std::uint32_t row;
    };
    [[nodiscard]] std::optional<At> find(std::int64_t fid) const noexcept;

    /// The runs, oldest first, for the cutter.
    [[nodiscard]] std::span<LiveRun const> runs() const noexcept { return m_runs; }
    [[nodiscard]] Run const& base() const noexcept { return *m_runs.front().run; }
    /// Living rows of the runs behind the base: what a compaction would bring home.
    [[nodiscard]] std::size_t changed() const noexcept;

private:
    static std::shared_ptr<Layer const> of_runs(std::vector<LiveRun> runs,
                                                std::optional<std::uint32_t> native_zoom);

    std::vector<LiveRun> m_runs;
    std::size_t m_located = 0;
    std::uint32_t m_native_zoom = 0;
};

} // namespace diaban::tiles::mirror
