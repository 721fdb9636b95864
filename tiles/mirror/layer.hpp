#pragma once

#include "geo/feature.hpp"
#include "geo/policy.hpp"
#include "geo/schema.hpp"
#include "tiles/mirror/base.hpp"
#include "tiles/tile_id.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
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
    explicit LayerBuilder(geo::Schema schema);
    ~LayerBuilder();
    LayerBuilder(LayerBuilder&&) noexcept;
    LayerBuilder& operator=(LayerBuilder&&) noexcept;

    void append(geo::RowView const& row);

private:
    friend class Layer;
    std::unique_ptr<Rows> m_rows;
};

/// What a query by place found, in ascending fid.
///
/// `matched`  certainly meet the box and are visible.
/// `doubtful` lie within one grid step of meeting or missing it: the record's doubles decide.
struct Found {
    std::vector<std::int64_t> matched;
    std::vector<std::int64_t> doubtful;
};

/// One collection's tile-ready copy: immutable, Hilbert-sorted, columnar. Shared by any number of
/// readers without locks.
///
/// CRS        Web Mercator on a 2^31 grid (1.866 cm a step at the equator), y down; each coordinate
///            is off by at most half a step.
/// Not held   rows without geometry, fields not marked `tile`, personal fields.
class Layer {
public:
    /// Sorts, indexes and measures the rows of `parts` (all of one schema), on `threads` threads.
    static std::shared_ptr<Layer const> build(std::vector<LayerBuilder> parts, unsigned threads);

    [[nodiscard]] geo::Schema const& schema() const noexcept { return m_base.schema; }
    /// Rows with a geometry, whoever may see them.
    [[nodiscard]] std::size_t size() const noexcept { return m_base.size(); }
    /// Rows a policy may see.
    [[nodiscard]] std::size_t count(geo::Policy const& policy) const;
    /// EPSG:4326 box of what a policy may see; empty if nothing.
    [[nodiscard]] geo::Box extent(geo::Policy const& policy) const;
    /// The lowest zoom whose fullest tile is at most 500 KB unmerged (identity encoding).
    [[nodiscard]] std::uint32_t native_zoom() const noexcept { return m_base.native_zoom; }
    /// The lowest zoom that has tiles: the native zoom, or 0 for a schema with `all_zooms`.
    [[nodiscard]] std::uint32_t min_zoom() const noexcept {
        return m_base.schema.all_zooms ? 0 : m_base.native_zoom;
    }
    /// Memory held, in bytes.
    [[nodiscard]] std::size_t bytes() const noexcept;

    /// Rows that meet `box` (EPSG:4326, closed) and that the policy may see.
    /// Cost  grows with the rows found and those on the box's border.
    [[nodiscard]] Found find(geo::Box const& box, geo::Policy const& policy) const;

    /// The arrays, for the cutter and for tests.
    [[nodiscard]] Base const& base() const noexcept { return m_base; }

private:
    Base m_base;
};

} // namespace diaban::tiles::mirror
