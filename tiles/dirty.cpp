#include "tiles/dirty.hpp"

#include "tiles/window.hpp"

#include <algorithm>
#include <array>

namespace diaban::tiles {
namespace {

constexpr std::uint32_t zoom_bits = 5;

/// Every other group of `width` bits, the lowest among them.
constexpr std::uint64_t stripes(std::uint32_t width) noexcept {
    std::uint64_t mask = 0;
    for (std::uint32_t at = 0; at < 64; at += 2 * width)
        mask |= ((std::uint64_t{1} << width) - 1) << at;
    return mask;
}

/// The bits of `value` on the even places. Sorting a cover asks it twice a comparison: the masks
/// are made by the compiler.
std::uint64_t spread(std::uint32_t value) noexcept {
    constexpr std::array masks{stripes(16), stripes(8), stripes(4), stripes(2), stripes(1)};
    std::uint64_t bits = value;
    std::uint32_t step = 16;
    for (auto const mask : masks) {
        bits = (bits | bits << step) & mask;
        step /= 2;
    }
    return bits;
}

std::uint64_t corner(TileId tile) noexcept {
    auto const below = TileId::max_zoom - tile.zoom();
    return spread(tile.x() << below) | spread(tile.y() << below) << 1U;
}

Window window_of(GridBox const& box) noexcept {
    return {double(box.min_x), double(box.min_y), double(box.max_x), double(box.max_y)};
}

/// The walk down the pyramid along one row.
class Walk {
public:
    Walk(mirror::Layer const& layer, mirror::Layer::At at, CutOptions const& options, Cover& cover)
        : m_layer{layer}, m_at{at}, m_options{options}, m_cover{cover},
          m_kind{layer.schema().geometry}, m_min_zoom{layer.min_zoom()} {}

    void run() {
        auto const top = *TileId::make(0, 0, 0);
        if (m_kind == geo::GeometryKind::point) {
            descend_points(top);
            return;
        }
        std::vector<Side> sides;
        for (auto p = m_at.run->path_begin[m_at.row]; p < m_at.run->path_begin[m_at.row + 1]; ++p) {
            auto const path = m_at.run->path(p);
            for (std::size_t i = 0; i + 1 < path.size(); ++i)
                sides.push_back({path[i], path[i + 1]});
            if (m_kind == geo::GeometryKind::polygon) sides.push_back({path.back(), path.front()});
        }
        descend(top, sides);
        if (m_layer.schema().has_labels()) add_label();
    }

private:
    struct Side {
        GridPoint a;
        GridPoint b;
    };

    template <typename Visit>
    static void for_children(TileId tile, Visit visit) {
        for (std::uint32_t child = 0; child < 4; ++child)
            visit(*TileId::make(tile.zoom() + 1, tile.x() * 2 + (child & 1U),
                                tile.y() * 2 + (child >> 1U)));
    }

    [[nodiscard]] std::int32_t buffer() const noexcept { return std::int32_t(m_options.buffer); }

    void descend_points(TileId tile) {
        auto const box = TileFrame{tile}.box(buffer());
        auto const points = m_at.run->points_of(m_at.row);
        if (std::ranges::none_of(points, [&](GridPoint p) { return box.contains(p); })) return;
        if (tile.zoom() >= m_min_zoom) m_cover.add(tile, false);
        if (tile.zoom() < TileId::max_zoom)
            for_children(tile, [&](TileId child) { descend_points(child); });
    }

    void descend(TileId tile, std::vector<Side> const& from) {
        // Rounding moves a point by less than a unit; what a child can see, its parent can.
        TileFrame const frame{tile};
        auto const reach = window_of(frame.box(buffer() + 1));
        std::vector<Side> sides;
        for (auto const& side : from)
            if (meets(side.a, side.b, reach)) sides.push_back(side);
        if (sides.empty()) {
            if (is_inside(reach)) add_inside(tile);
            return;
        }
        if (tile.zoom() >= m_min_zoom && is_drawn(tile, frame, sides)) m_cover.add(tile, false);
        if (tile.zoom() < TileId::max_zoom)
            for_children(tile, [&](TileId child) { descend(child, sides); });
    }

    /// Whether a window that no side meets lies within the polygon.
    [[nodiscard]] bool is_inside(Window const& window) const noexcept {
        if (m_kind != geo::GeometryKind::polygon) return false;
        bool inside = false;
        for (auto p = m_at.run->path_begin[m_at.row]; p < m_at.run->path_begin[m_at.row + 1]; ++p)
            inside ^= odd_crossings(window.min_x, window.min_y, m_at.run->path(p));
        return inside;
    }

    void add_inside(TileId tile) {
        if (tile.zoom() >= m_min_zoom)
            m_cover.add(tile, true);
        else
            for_children(tile, [&](TileId child) { add_inside(child); });
    }

    /// A side that comes well into the window leaves something to draw there where rounding keeps
    /// the row's shape. Everything else the cutter decides.
    [[nodiscard]] bool is_drawn(TileId tile, TileFrame const& frame,
                                std::vector<Side> const& sides) const {
        constexpr std::int32_t well = 2;
        if (tile.zoom() >= m_at.run->safe_zooms[m_at.row] && buffer() >= well) {
            auto const deep = window_of(frame.box(buffer() - well));
            for (auto const& side : sides)
                if (meets(side.a, side.b, deep)) return true;
        }
        return draws(m_layer, m_at, tile, m_options);
    }

    void add_label() {
        auto const label = m_at.run->labels[m_at.row];
        for (auto zoom = m_min_zoom; zoom <= TileId::max_zoom; ++zoom) {
            if (!has_labels_at(m_layer, zoom)) continue;
            TileFrame const world{*TileId::make(zoom, 0, 0)};
            auto const unit = world.unit(label);
            if (auto const tile = TileId::make(zoom, std::uint32_t(unit.x) / tile_extent,
                                               std::uint32_t(unit.y) / tile_extent))
                m_cover.add(*tile, false);
        }
    }

    mirror::Layer const& m_layer;
    mirror::Layer::At m_at;
    CutOptions const& m_options;
    Cover& m_cover;
    geo::GeometryKind m_kind;
    std::uint32_t m_min_zoom;
};

} // namespace

std::uint64_t curve_key(TileId tile) noexcept {
    return corner(tile) << zoom_bits | tile.zoom();
}

std::uint64_t curve_end(TileId tile) noexcept {
    auto const below = TileId::max_zoom - tile.zoom();
    return (corner(tile) + (std::uint64_t{1} << (2 * below))) << zoom_bits;
}

void Cover::finish() {
    std::ranges::sort(m_cells, [](Cell const& a, Cell const& b) {
        auto const left = curve_key(a.tile);
        auto const right = curve_key(b.tile);
        return left != right ? left < right : a.with_descendants > b.with_descendants;
    });
    std::vector<Cell> kept;
    std::uint64_t end = 0; // beyond what the last cell with descendants holds
    for (auto const& cell : m_cells) {
        if (curve_key(cell.tile) < end) continue;
        if (!kept.empty() && kept.back().tile == cell.tile) continue;
        kept.push_back(cell);
        if (cell.with_descendants) end = curve_end(cell.tile);
    }
    m_cells = std::move(kept);
}

bool Cover::contains(TileId tile) const noexcept {
    for (std::uint32_t zoom = 0; zoom <= tile.zoom(); ++zoom) {
        auto const above = tile.zoom() - zoom;
        auto const wanted = *TileId::make(zoom, tile.x() >> above, tile.y() >> above);
        auto const at = std::ranges::lower_bound(
            m_cells, curve_key(wanted), {}, [](Cell const& cell) { return curve_key(cell.tile); });
        if (at != m_cells.end() && at->tile == wanted && (above == 0 || at->with_descendants))
            return true;
    }
    return false;
}

void add_cover(mirror::Layer const& layer, mirror::Layer::At at, CutOptions const& options,
               Cover& cover) {
    if (at.row < at.run->located()) Walk{layer, at, options, cover}.run();
}

} // namespace diaban::tiles
