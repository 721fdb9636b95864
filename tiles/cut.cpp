#include "tiles/cut.hpp"

#include "geo/ops/snap.hpp"
#include "tiles/clip.hpp"
#include "tiles/mirror/visibility.hpp"
#include "tiles/mvt.hpp"
#include "tiles/pyramid/detail.hpp"
#include "tiles/shape.hpp"
#include "tiles/untangle.hpp"

#include <algorithm>
#include <vector>

namespace diaban::tiles {
namespace {

/// A row to be drawn: which run holds it, and where.
struct Row {
    std::uint32_t key; // its place in the order of all runs; one run has it already
    std::uint32_t run;
    std::uint32_t row;
};

/// What a thread keeps between tiles, so that cutting allocates nothing a feature.
struct Workbench {
    std::vector<Row> rows;
    std::vector<std::uint32_t> found;   // of one run
    std::vector<std::uint32_t> columns; // those the policy sees
    std::vector<Texts> values;          // by run
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
    Cutter(mirror::Layer const& layer, TileId tile, CutOptions const& options, Workbench& bench)
        : m_layer{layer}, m_kind{layer.schema().geometry}, m_bench{bench}, m_zoom{tile.zoom()},
          m_frame{tile}, m_buffer{std::int32_t(options.buffer)}, m_box{m_frame.box(m_buffer)},
          m_window{-m_buffer, -m_buffer, std::int32_t(tile_extent) + m_buffer,
                   std::int32_t(tile_extent) + m_buffer} {}

    /// Finds what the policy sees in the tile, in the layer's order.
    void select(geo::Policy const& policy, RowChoice const& choice) {
        auto const& columns = m_layer.base().columns;
        m_bench.columns.clear();
        for (std::uint32_t c = 0; c < columns.size(); ++c)
            if (policy.sees_field(columns[c].field->name)) m_bench.columns.push_back(c);
        m_bench.values.clear();
        m_bench.rows.clear();
        std::size_t runs_met = 0;
        for (std::uint32_t run = 0; run < m_layer.runs().size(); ++run) {
            auto const& live = m_layer.runs()[run];
            m_bench.values.push_back(live.run->tile_values);
            mirror::Visibility const sees{live, policy};
            auto& found = m_bench.found;
            found.clear();
            live.run->index.search(m_box, [&](std::size_t row) {
                if (sees(row)) found.push_back(std::uint32_t(row));
            });
            if (choice && !found.empty()) choice(live, found);
            for (auto const row : found) m_bench.rows.push_back({0, run, row});
            if (!found.empty()) ++runs_met;
        }
        if (runs_met > 1) put_in_order();
    }

    CutSummary features(std::string& body) {
        CutSummary summary;
        m_bench.writer.begin(m_layer.schema().id, m_bench.values);
        auto const type = type_of(m_kind);
        for (auto const& at : m_bench.rows) {
            m_bench.geometry.clear();
            if (!draw(*m_layer.runs()[at.run].run, at.row)) continue;
            write(at, type);
            ++summary.shown;
            ++summary.total;
        }
        m_bench.writer.finish(body);
        return summary;
    }

    /// Labels stand in the one tile that holds their point, so that none is drawn twice.
    void labels(std::string& body) {
        m_bench.writer.begin(m_layer.schema().id + "_label", m_bench.values);
        for (auto const& at : m_bench.rows) {
            auto const label = m_frame.unit(m_layer.runs()[at.run].run->labels[at.row]);
            constexpr auto side = std::int32_t(tile_extent);
            if (label.x < 0 || label.y < 0 || label.x >= side || label.y >= side) continue;
            m_bench.geometry.clear();
            m_bench.geometry.points({&label, 1});
            write(at, mvt::GeomType::point);
        }
        m_bench.writer.finish(body);
    }

    /// Encodes the row into the bench's geometry. False: it only meets the tile's box, not the
    /// tile.
    bool draw(mirror::Run const& run, std::uint32_t row) {
        switch (m_kind) {
        case geo::GeometryKind::point: return draw_points(run, row);
        case geo::GeometryKind::line: return draw_lines(run, row);
        case geo::GeometryKind::polygon: return draw_polygon(run, row);
        case geo::GeometryKind::none: break;
        }
        return false;
    }

    [[nodiscard]] GridBox const& box() const noexcept { return m_box; }

private:
    /// Rows of several runs, as one run would hold them.
    void put_in_order() {
        for (auto& at : m_bench.rows)
            at.key = mirror::hilbert_of(m_layer.runs()[at.run].run->boxes[at.row]);
        auto const fid = [&](Row const& at) { return m_layer.runs()[at.run].run->fids[at.row]; };
        std::sort(m_bench.rows.begin(), m_bench.rows.end(), [&](Row const& a, Row const& b) {
            return a.key != b.key ? a.key < b.key : fid(a) < fid(b);
        });
    }

    static mvt::GeomType type_of(geo::GeometryKind kind) noexcept {
        switch (kind) {
        case geo::GeometryKind::point: return mvt::GeomType::point;
        case geo::GeometryKind::line: return mvt::GeomType::linestring;
        case geo::GeometryKind::polygon: return mvt::GeomType::polygon;
        case geo::GeometryKind::none: break;
        }
        return mvt::GeomType::unknown;
    }

    void write(Row const& at, mvt::GeomType type) {
        auto const& run = *m_layer.runs()[at.run].run;
        auto& writer = m_bench.writer;
        writer.begin_feature();
        for (auto const c : m_bench.columns) {
            auto const& column = run.columns[c];
            if (auto const code = column.codes[at.row]; code != 0)
                writer.tag(c, column.field->name, at.run, column.places[code]);
        }
        writer.end_feature(std::uint64_t(run.fids[at.row]), type, m_bench.geometry);
    }

    bool draw_points(mirror::Run const& run, std::uint32_t row) {
        auto& points = m_bench.shape.points;
        points.clear();
        for (auto const p : run.path(run.path_begin[row]))
            if (m_box.contains(p)) points.push_back(m_frame.unit(p));
        if (points.empty()) return false;
        m_bench.geometry.points(points);
        return true;
    }

    bool draw_lines(mirror::Run const& run, std::uint32_t row) {
        bool const inside = m_box.contains(run.boxes[row]);
        bool const safe = m_zoom >= run.safe_zooms[row];
        if (inside && safe) {
            for (auto p = run.path_begin[row]; p < run.path_begin[row + 1]; ++p)
                m_bench.geometry.line(run.path(p), m_frame);
            return true;
        }
        round_row(run, row, false);
        auto& shape = m_bench.shape;
        shape.clear();
        for (std::size_t i = 0; i < m_bench.whole.path_ends.size(); ++i)
            clip_line(m_bench.whole.path(i), m_window, shape);
        if (shape.empty() && inside) add_speck(run.boxes[row], shape, false);
        for (std::size_t i = 0; i < shape.path_ends.size(); ++i)
            m_bench.geometry.line(shape.path(i));
        return !shape.empty();
    }

    bool draw_polygon(mirror::Run const& run, std::uint32_t row) {
        bool const inside = m_box.contains(run.boxes[row]);
        bool const redrawn = is_redrawn(run, row);
        if (inside && m_zoom >= run.safe_zooms[row] && !redrawn) {
            for (auto p = run.path_begin[row]; p < run.path_begin[row + 1]; ++p)
                m_bench.geometry.ring(run.path(p), m_frame);
            return true;
        }
        round_row(run, row, true);
        auto& shape = m_bench.shape;
        if (!clip_to_window(redrawn ? TileId::max_zoom : run.safe_zooms[row])) {
            // From the rounded rings, not from the stored ones: what neighbours share stays shared.
            shape.clear();
            from_polygon(geo::ops::snap_to_units(to_polygon(m_bench.whole),
                                                 {double(m_window.min_x), double(m_window.min_y),
                                                  double(m_window.max_x), double(m_window.max_y)}),
                         shape);
        }
        if (shape.empty() && inside) add_speck(run.boxes[row], shape, true);
        for (std::size_t i = 0; i < shape.path_ends.size(); ++i)
            m_bench.geometry.ring(shape.path(i));
        return !shape.empty();
    }

    /// Cuts `whole` to the window, as a clean `shape`. False: rounding has left no polygon.
    bool clip_to_window(std::uint32_t safe_zoom) {
        auto& shape = m_bench.shape;
        auto const spare = m_zoom > safe_zoom ? m_zoom - safe_zoom : 0;
        switch (clip_polygon(m_bench.whole, m_window, spare, shape)) {
        case Clipped::not_a_polygon: return false;
        case Clipped::may_touch: return is_clean(shape) || untangle(shape);
        case Clipped::clean: return true;
        }
        return false;
    }

    /// The row's paths in tile units, without points that fall on their predecessor, and without
    /// rings that have lost their area. A hole stays only where its exterior does.
    void round_row(mirror::Run const& run, std::uint32_t row, bool rings) {
        auto& whole = m_bench.whole;
        whole.clear();
        bool const redrawn = is_redrawn(run, row);
        if (m_zoom >= run.safe_zooms[row] && !redrawn) return round_safe_row(run, row);
        bool exterior_gone = false;
        for (auto p = run.path_begin[row]; p < run.path_begin[row + 1]; ++p) {
            auto const path = run.path(p);
            auto const start = whole.points.size();
            if (redrawn)
                add_drawn(run, p, start);
            else
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
            bool const exterior = is_exterior(run, row, p);
            bool const keep = exterior ? area > 0 : area < 0 && !exterior_gone;
            if (exterior) exterior_gone = !keep;
            if (keep)
                whole.close_path();
            else
                whole.points.resize(start);
        }
    }

    /// As `round_row`, of a row that rounding leaves as it is.
    void round_safe_row(mirror::Run const& run, std::uint32_t row) {
        auto& whole = m_bench.whole;
        auto const stored = run.points_of(row);
        whole.points.resize(stored.size());
        for (std::size_t i = 0; i < stored.size(); ++i) whole.points[i] = m_frame.unit(stored[i]);
        auto const first = run.point_begin[run.path_begin[row]];
        for (auto p = run.path_begin[row]; p < run.path_begin[row + 1]; ++p)
            whole.path_ends.push_back(run.point_begin[p + 1] - first);
    }

    /// Whether the zoom draws the row otherwise than point by point: with fewer of them, or round
    /// those of its neighbours.
    [[nodiscard]] bool is_redrawn(mirror::Run const& run, std::uint32_t row) const noexcept {
        if (run.first_zooms.empty()) return false;
        if (m_zoom < pyramid::full_detail_zoom) return true;
        return !pyramid::bends_of(run.bends, m_zoom, run.point_begin[run.path_begin[row]],
                                  run.point_begin[run.path_begin[row + 1]])
                    .empty();
    }

    /// Adds the points of a ring that the zoom draws, and the units through which its sides bend.
    void add_drawn(mirror::Run const& run, std::uint32_t path, std::size_t start) {
        auto const first = run.point_begin[path];
        auto const last = run.point_begin[path + 1];
        auto bends = pyramid::bends_of(run.bends, m_zoom, first, last);
        for (auto point = first; point < last; ++point) {
            if (run.first_zooms[point] > m_zoom) continue;
            add_rounded(m_frame.unit(run.points[point]), start, true);
            for (; !bends.empty() && bends.front().point == point; bends = bends.subspan(1))
                add_rounded(m_frame.unit(bends.front().through), start, true);
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

    [[nodiscard]] static bool is_exterior(mirror::Run const& run, std::uint32_t row,
                                          std::uint32_t path) noexcept {
        return path == run.path_begin[row] || twice_area(run.path(path)) > 0;
    }

    /// A row smaller than a unit is drawn as one unit where it stands.
    void add_speck(GridBox const& box, Shape& shape, bool ring) const {
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

    mirror::Layer const& m_layer;
    geo::GeometryKind m_kind;
    Workbench& m_bench;
    std::uint32_t m_zoom;
    TileFrame m_frame;
    std::int32_t m_buffer;
    GridBox m_box;
    GridBox m_window;
};

} // namespace

CutSummary cut(mirror::Layer const& layer, TileId tile, CutOptions const& options,
               geo::Policy const& policy, std::string& body, RowChoice const& choice) {
    Cutter cutter{layer, tile, options, workbench()};
    cutter.select(policy, choice);
    auto const summary = cutter.features(body);
    if (has_labels_at(layer, tile.zoom()) && policy.sees_field(layer.schema().label_field))
        cutter.labels(body);
    return summary;
}

std::uint32_t labels_from(mirror::Layer const& layer) noexcept {
    // Below their second zoom labels of a dense layer would be most of the tile and none readable.
    constexpr std::uint32_t zooms_before_labels = 2;
    return layer.schema().all_zooms
               ? 0
               : std::min(layer.native_zoom() + zooms_before_labels, TileId::max_zoom);
}

bool has_labels_at(mirror::Layer const& layer, std::uint32_t zoom) noexcept {
    return layer.schema().has_labels() && zoom >= labels_from(layer);
}

bool draws(mirror::Layer const& layer, mirror::Layer::At at, TileId tile,
           CutOptions const& options) {
    auto& bench = workbench();
    Cutter cutter{layer, tile, options, bench};
    bench.geometry.clear();
    return cutter.box().intersects(at.run->boxes[at.row]) && cutter.draw(*at.run, at.row);
}

} // namespace diaban::tiles
