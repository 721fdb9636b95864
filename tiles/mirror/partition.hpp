#pragma once

#include "geo/index/packed_rtree.hpp"
#include "tiles/grid.hpp"
#include "tiles/mirror/layer.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

namespace diaban::tiles::mirror {

/// Parts of the plane that do not overlap, numbered: units of one level, cells of a grid.
class Partition {
public:
    static constexpr std::uint32_t nowhere = UINT32_MAX;

    virtual ~Partition() = default;
    /// The part that holds the whole box for certain, `nowhere` if none meets it; nothing if it may
    /// lie in several.
    [[nodiscard]] virtual std::optional<std::uint32_t> whole(GridBox const& box) const = 0;
    /// The part that holds a point, or `nowhere`.
    [[nodiscard]] virtual std::uint32_t holding(GridPoint p) const = 0;
};

/// For each of `rows` (of `run`, ascending) the part that holds its centroid; `nowhere` for a row
/// without geometry. On `threads` threads.
///
/// Centroid  of the area, of the length where there is none, of the points: planar in Web Mercator,
///           rounded to the grid. A row whose centroid lies within 2 cm of a border may be counted
///           on either side, never on both.
/// Cost      rows lie along the Hilbert curve: whole stretches of them within one part are told at
///           once; a point is asked only near borders.
[[nodiscard]] std::vector<std::uint32_t> parts_of(Run const& run,
                                                  std::span<std::uint32_t const> rows,
                                                  Partition const& partition, unsigned threads = 1);

/// The cells of the Web Mercator pyramid at a zoom: the part of (column, row) is row << zoom |
/// column.
class Cells final : public Partition {
public:
    static constexpr std::uint32_t max_zoom = 15; // a part has 32 bits, the last of them is nowhere

    /// Not checked: zoom <= max_zoom.
    explicit Cells(std::uint32_t zoom) noexcept : m_zoom{zoom} {}

    [[nodiscard]] std::optional<std::uint32_t> whole(GridBox const& box) const override;
    [[nodiscard]] std::uint32_t holding(GridPoint p) const override;

private:
    std::uint32_t m_zoom;
};

/// Polygons of a layer that cover the plane side by side. Where two overlap, the first holds.
///
/// Border   what lies on a side is held by exactly one of two neighbours that share that side.
/// Memory   an area's sides are sorted when it is first asked about.
/// Threads  any number may ask.
class Areas final : public Partition {
public:
    /// Part k is `rows[k]`, a row of `layer` with a geometry.
    Areas(std::shared_ptr<Layer const> layer, std::vector<Layer::At> rows);
    ~Areas() override;

    [[nodiscard]] std::optional<std::uint32_t> whole(GridBox const& box) const override;
    [[nodiscard]] std::uint32_t holding(GridPoint p) const override;

private:
    struct Area;
    [[nodiscard]] Area const& area(std::size_t part) const;

    std::shared_ptr<Layer const> m_layer;
    std::vector<Layer::At> m_rows;
    std::vector<GridBox> m_boxes;
    geo::index::PackedRtree<GridBox> m_index;
    std::unique_ptr<Area[]> m_areas;
};

} // namespace diaban::tiles::mirror
