#include "tiles/cut.hpp"

#include "geo/ops/snap.hpp"
#include "tiles/clip.hpp"
#include "tiles/mirror/visibility.hpp"
#include "tiles/mvt.hpp"
#include "tiles/shape.hpp"
#include "tiles/untangle.hpp"

#include <algorithm>
#include <vector>

namespace diaban::tiles {
namespace {

/// What a thread keeps between tiles, so that cutting allocates nothing a feature.
struct Workbench {
    std::vector<std::uint32_t> rows;
    std::vector<std::uint32_t> columns; // those the policy sees
    Shape whole;                        // the row in tile units
    Shape shape;                        // what of it is drawn
    mvt::Geometry geometry;
    mvt::LayerWriter writer;
};

Workbench& workbench() {
    thread_local Workbench bench;
    return bench;
}

/// One tile of one layer, while it is cut.
class Cutter {
public:
    Cutter(mirror::Base const& base, TileId tile, CutOptions const& options,
           geo::Policy const& policy, Workbench& bench)
        : m_base{base}, m_bench{bench}, m_zoom{tile.zoom()}, m_frame{tile}, m_buffer{std::int32_t(
                                                                                options.buffer)},
          m_box{m_frame.box(m_buffer)}, m_window{-m_buffer, -m_buffer,
                                                 std::int32_t(tile_extent) + m_buffer,
                                                 std::int32_t(tile_extent) + m_buffer} {
        bench.columns.clear();
        for (std::uint32_t c = 0; c < base.columns.size(); ++c)
            if (policy.sees_field(base.columns[c].field.name)) bench.columns.push_back(c);
        bench.rows.clear();
        mirror::Visibility const sees{base, policy};
        base.index.search(base.boxes, m_box, [&](std::size_t row) {
            if (sees(row)) bench.rows.push_back(std::uint32_t(row));
        });
    }

    CutSummary features(std::string& body) {
        CutSummary summary;
        m_bench.writer.begin(m_base.schema.id, m_base.tile_values);
        auto const type = type_of(m_base.schema.geometry);
        for (auto const row : m_bench.rows) {
            m_bench.geometry.clear();
            if (!draw(row)) continue;
            write(row, type);
            ++summary.shown;
            ++summary.total;
        }
        m_bench.writer.finish(body);
        return summary;
    }

    /// Labels stand in the one tile that holds their point, so that none is drawn twice.
    void labels(std::string& body) {
        m_bench.writer.begin(m_base.schema.id + "_label", m_base.tile_values);
        for (auto const row : m_bench.rows) {
            auto const at = m_frame.unit(m_base.labels[row]);
            constexpr auto side = std::int32_t(tile_extent);
            if (at.x < 0 || at.y < 0 || at.x >= side || at.y >= side) continue;
            m_bench.geometry.clear();
            m_bench.geometry.points({&at, 1});
            write(row, mvt::GeomType::point);
        }
        m_bench.writer.finish(body);
    }

private:
    static mvt::GeomType type_of(geo::GeometryKind kind) noexcept {
        switch (kind) {
        case geo::GeometryKind::point: return mvt::GeomType::point;
        case geo::GeometryKind::line: return mvt::GeomType::linestring;
        case geo::GeometryKind::polygon: return mvt::GeomType::polygon;
        case geo::GeometryKind::none: break;
        }
        return mvt::GeomType::unknown;
    }

    void write(std::uint32_t row, mvt::GeomType type) {
        auto& writer = m_bench.writer;
        writer.begin_feature();
        for (auto const c : m_bench.columns) {
            auto const& column = m_base.columns[c];
            if (auto const code = column.codes[row]; code != 0)
                writer.tag(c, column.field.name, column.tile_values[code]);
        }
        writer.end_feature(std::uint64_t(m_base.fids[row]), type, m_bench.geometry);
    }

    /// Encodes the row into the bench's geometry. False: it only meets the tile's box, not the
    /// tile.
    bool draw(std::uint32_t row) {
        switch (m_base.schema.geometry) {
        case geo::GeometryKind::point: return draw_points(row);
        case geo::GeometryKind::line: return draw_lines(row);
        case geo::GeometryKind::polygon: return draw_polygon(row);
        case geo::GeometryKind::none: break;
        }
        return false;
    }

    bool draw_points(std::uint32_t row) {
        auto& points = m_bench.shape.points;
        points.clear();
        for (auto const p : m_base.path(m_base.path_begin[row]))
            if (m_box.contains(p)) points.push_back(m_frame.unit(p));
        if (points.empty()) return false;
        m_bench.geometry.points(points);
        return true;
    }

    bool draw_lines(std::uint32_t row) {
        bool const inside = m_box.contains(m_base.boxes[row]);
        bool const safe = m_zoom >= m_base.safe_zooms[row];
        if (inside && safe) {
            for (auto p = m_base.path_begin[row]; p < m_base.path_begin[row + 1]; ++p)
                m_bench.geometry.line(m_base.path(p), m_frame);
            return true;
        }
        round_row(row, false);
        auto& shape = m_bench.shape;
        shape.clear();
        for (std::size_t i = 0; i < m_bench.whole.path_ends.size(); ++i)
            clip_line(m_bench.whole.path(i), m_window, shape);
        if (shape.empty() && inside) add_speck(row, shape, false);
        for (std::size_t i = 0; i < shape.path_ends.size(); ++i)
            m_bench.geometry.line(shape.path(i));
        return !shape.empty();
    }

    bool draw_polygon(std::uint32_t row) {
        bool const inside = m_box.contains(m_base.boxes[row]);
        if (inside && m_zoom >= m_base.safe_zooms[row]) {
            for (auto p = m_base.path_begin[row]; p < m_base.path_begin[row + 1]; ++p)
                m_bench.geometry.ring(m_base.path(p), m_frame);
            return true;
        }
        round_row(row, true);
        auto& shape = m_bench.shape;
        if (!clip_polygon(m_bench.whole, m_window, shape) ||
            !(is_clean(shape) || untangle(shape))) {
            // From the rounded rings, not from the stored ones: what neighbours share stays shared.
            shape.clear();
            from_polygon(geo::ops::snap_to_units(to_polygon(m_bench.whole),
                                                 {double(m_window.min_x), double(m_window.min_y),
                                                  double(m_window.max_x), double(m_window.max_y)}),
                         shape);
        }
        if (shape.empty() && inside) add_speck(row, shape, true);
        for (std::size_t i = 0; i < shape.path_ends.size(); ++i)
            m_bench.geometry.ring(shape.path(i));
        return !shape.empty();
    }

    /// The row's paths in tile units, without points that fall on their predecessor, and without
    /// rings that have lost their area. A hole stays only where its exterior does.
    void round_row(std::uint32_t row, bool rings) {
        auto& whole = m_bench.whole;
        whole.clear();
        bool exterior_gone = false;
        for (auto p = m_base.path_begin[row]; p < m_base.path_begin[row + 1]; ++p) {
            auto const path = m_base.path(p);
            auto const start = whole.points.size();
            for (auto const point : path) add_rounded(m_frame.unit(point), start, rings);
            if (!rings) {
                if (whole.points.size() >= start + 2)
                    whole.close_path();
                else
                    whole.points.resize(start);
                continue;
            }
            while (whole.points.size() > start + 1 && whole.points.back() == whole.points[start])
                whole.points.pop_back();
            auto const area = twice_area(std::span{whole.points}.subspan(start));
            bool const exterior = is_exterior(row, p);
            bool const keep = exterior ? area > 0 : area < 0 && !exterior_gone;
            if (exterior) exterior_gone = !keep;
            if (keep)
                whole.close_path();
            else
                whole.points.resize(start);
        }
    }

    /// Adds a point to the path begun at `start`, unless it stands on its predecessor. A ring that
    /// goes out and straight back loses the spike, which holds no area.
    void add_rounded(GridPoint unit, std::size_t start, bool ring) {
        auto& points = m_bench.whole.points;
        auto const size = points.size() - start;
        if (size > 0 && points.back() == unit) return;
        if (ring && size > 1 && points[points.size() - 2] == unit)
            points.pop_back();
        else
            points.push_back(unit);
    }

    [[nodiscard]] bool is_exterior(std::uint32_t row, std::uint32_t path) const noexcept {
        return path == m_base.path_begin[row] || twice_area(m_base.path(path)) > 0;
    }

    /// A row smaller than a unit is drawn as one unit where it stands.
    void add_speck(std::uint32_t row, Shape& shape, bool ring) const {
        auto const& box = m_base.boxes[row];
        GridPoint const middle{std::int32_t((std::int64_t{box.min_x} + box.max_x) / 2),
                               std::int32_t((std::int64_t{box.min_y} + box.max_y) / 2)};
        auto const at = m_frame.unit(middle);
        shape.points = {at, {at.x + 1, at.y}};
        if (ring) {
            shape.points.push_back({at.x + 1, at.y + 1});
            shape.points.push_back({at.x, at.y + 1});
        }
        shape.path_ends = {std::uint32_t(shape.points.size())};
    }

    mirror::Base const& m_base;
    Workbench& m_bench;
    std::uint32_t m_zoom;
    TileFrame m_frame;
    std::int32_t m_buffer;
    GridBox m_box;
    GridBox m_window;
};

} // namespace

CutSummary cut(mirror::Layer const& layer, TileId tile, CutOptions const& options,
               geo::Policy const& policy, std::string& body) {
    auto const& base = layer.base();
    Cutter cutter{base, tile, options, policy, workbench()};
    auto const summary = cutter.features(body);
    // Below their second zoom labels of a dense layer would be most of the tile and none readable.
    constexpr std::uint32_t zooms_before_labels = 2;
    bool const labelled =
        base.schema.all_zooms || tile.zoom() >= base.native_zoom + zooms_before_labels;
    if (base.has_labels() && labelled && policy.sees_field(base.schema.label_field))
        cutter.labels(body);
    return summary;
}

} // namespace diaban::tiles
