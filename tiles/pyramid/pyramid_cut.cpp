#include "tiles/mirror/names.hpp"
#include "tiles/mvt.hpp"
#include "tiles/pyramid/outline.hpp"
#include "tiles/pyramid/pyramid.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

namespace diaban::tiles::pyramid {
namespace {

constexpr std::uint32_t buffer_units = CutOptions{}.buffer;

/// A merged feature of one tile: the rows of a key, or of keys that are drawn as one.
struct Merged {
    std::uint32_t group = 0; // decides the order of features
    std::uint32_t key = 0;   // one of those it stands for
    std::optional<Tally> tally;
};

/// What a thread keeps between tiles.
struct Workbench {
    std::vector<std::uint32_t> cells;
    std::vector<std::uint32_t> places; // by group: of the feature, plus one
    std::vector<Merged> features;
    Outlines outlines;
    mvt::Geometry geometry;
    mvt::LayerWriter writer;
    mirror::Names values;            // each value enters the layer once
    std::vector<std::uint32_t> tags; // places of values, feature by feature
};

Workbench& workbench() {
    thread_local Workbench bench;
    return bench;
}

/// One low tile, while it is cut.
class LowCutter {
public:
    LowCutter(Pyramid const& pyramid, TileId tile, CutQuestion const& question,
              geo::Policy const& policy)
        : m_pyramid{pyramid}, m_plan{pyramid.plan()}, m_tile{tile}, m_question{question},
          m_policy{policy}, m_bench{workbench()}, m_seen{pyramid.keys().seen_by(policy)},
          m_classes_seen{policy.sees_field(m_plan.class_field)}, m_points{m_plan.geometry ==
                                                                          geo::GeometryKind::point},
          m_margin{(buffer_units + m_plan.block_units - 1) / m_plan.block_units} {
        for (std::int32_t place = 0; place < 9; ++place)
            if (auto const beside =
                    TileId::make(tile.zoom(), tile.x() + std::uint32_t(place % 3 - 1),
                                 tile.y() + std::uint32_t(place / 3 - 1)))
                m_squares[std::size_t(place)] = pyramid.square(*beside);
    }

    LowSummary run(std::string& body) {
        find_features();
        if (m_bench.features.empty()) return {};
        if (m_points) {
            m_bench.outlines.labels.clear();
            return write(body);
        }
        lay_out();
        auto const width = m_plan.side() + 2 * m_margin;
        auto const corner = -std::int32_t(m_margin * m_plan.block_units);
        trace(m_bench.cells, width, std::int32_t(m_plan.block_units), {corner, corner},
              m_bench.outlines);
        return write(body);
    }

private:
    /// Keys of one group are one feature.
    [[nodiscard]] std::uint32_t group_of(std::uint32_t key) const noexcept {
        auto const& order = m_pyramid.order();
        if (m_classes_seen) return m_joined ? order.classes[key] : order.ranks[key];
        return m_joined ? 0 : order.holders[key];
    }
    [[nodiscard]] bool is_wanted(std::uint32_t key) const {
        if (!m_seen[key]) return false;
        if (m_question.classes.empty()) return true;
        auto const& wanted = m_question.classes;
        return m_classes_seen && std::find(wanted.begin(), wanted.end(),
                                           m_pyramid.keys()[key].class_value) != wanted.end();
    }

    /// The features of the tile in their order, with the sums of their rows.
    void find_features() {
        collect();
        if (m_bench.features.size() > most_features_apart) {
            m_joined = true;
            collect();
        }
        if (m_points) return;
        auto& features = m_bench.features;
        std::sort(features.begin(), features.end(),
                  [](Merged const& a, Merged const& b) { return a.group < b.group; });
        for (std::uint32_t place = 0; place < features.size(); ++place)
            m_bench.places[features[place].group] = place + 1;
    }

    void collect() {
        m_bench.features.clear();
        if (m_points)
            collect_clusters();
        else
            collect_polygons();
    }

    /// One feature a block and group; clusters come block by block.
    void collect_clusters() {
        if (m_squares[middle] == nullptr) return;
        auto& features = m_bench.features;
        std::size_t first = 0; // of the block under way
        std::uint32_t block = UINT32_MAX;
        for (auto const& cluster : m_squares[middle]->clusters) {
            if (!is_wanted(cluster.tally.key)) continue;
            if (cluster.block != block) first = features.size();
            block = cluster.block;
            auto const group = group_of(cluster.tally.key);
            auto const same =
                std::find_if(features.begin() + std::ptrdiff_t(first), features.end(),
                             [&](Merged const& feature) { return feature.group == group; });
            if (same == features.end())
                features.push_back({group, cluster.tally.key, cluster.tally});
            else
                same->tally->add(cluster.tally);
        }
    }

    void collect_polygons() {
        m_bench.places.assign(m_pyramid.keys().size(), 0);
        auto const feature_of = [&](std::uint32_t key) -> Merged& {
            auto const group = group_of(key);
            auto& place = m_bench.places[group];
            if (place == 0) {
                m_bench.features.push_back({group, key, {}});
                place = std::uint32_t(m_bench.features.size());
            }
            return m_bench.features[place - 1];
        };
        for (std::size_t i = 0; i < m_squares.size(); ++i) {
            if (m_squares[i] == nullptr) continue;
            if (i == middle)
                for (auto const& tally : m_squares[i]->tallies) {
                    if (!is_wanted(tally.key)) continue;
                    auto& feature = feature_of(tally.key);
                    if (feature.tally)
                        feature.tally->add(tally);
                    else
                        feature.tally = tally;
                }
            for_each_block(i, [&](std::size_t, std::uint32_t key) {
                if (is_wanted(key)) feature_of(key);
            });
        }
    }

    /// Calls `visit(cell, key)` for the drawn blocks of a square that the buffered tile shows.
    template <typename Visit>
    void for_each_block(std::size_t place, Visit&& visit) const {
        auto const& drawn = m_squares[place]->drawn;
        if (drawn.blocks.empty()) return;
        auto const side = m_plan.side();
        auto const width = side + 2 * m_margin;
        auto const range = [&](std::size_t third) {
            return third == 0   ? std::array{side - m_margin, side, 0U}
                   : third == 1 ? std::array{0U, side, m_margin}
                                : std::array{0U, m_margin, side + m_margin};
        };
        auto const rows = range(place / 3);
        auto const columns = range(place % 3);
        for (auto y = rows[0]; y < rows[1]; ++y)
            for (auto x = columns[0]; x < columns[1]; ++x)
                if (auto const block = drawn.blocks[y * side + x]; block > 0)
                    visit((y - rows[0] + rows[2]) * width + x - columns[0] + columns[2],
                          drawn.keys[block - 1U]);
    }

    /// Puts the place of each block's feature, plus one, into the cells of the buffered tile.
    void lay_out() {
        auto const width = m_plan.side() + 2 * m_margin;
        m_bench.cells.assign(std::size_t{width} * width, 0);
        for (std::size_t i = 0; i < m_squares.size(); ++i)
            if (m_squares[i] != nullptr)
                for_each_block(i, [&](std::size_t cell, std::uint32_t key) {
                    if (is_wanted(key)) m_bench.cells[cell] = m_bench.places[group_of(key)];
                });
    }

    LowSummary write(std::string& body) {
        auto& bench = m_bench;
        LowSummary summary;
        summary.joined = m_joined;
        bench.values.clear();
        bench.tags.clear();
        for (auto const& feature : bench.features) add_values(feature);
        std::array const sources{bench.values.texts()};
        bench.writer.begin(m_plan.layer, sources);
        std::size_t ring = 0;
        std::uint32_t place = 0;
        for (auto const& feature : bench.features) {
            ++place;
            bench.geometry.clear();
            auto const& labels = bench.outlines.labels;
            bool const drawn = ring < labels.size() && labels[ring] == place;
            for (; ring < labels.size() && labels[ring] == place; ++ring)
                bench.geometry.ring(bench.outlines.shape.path(ring));
            if (!drawn && !put_point(feature)) continue;
            write_tags(place - 1, feature);
            bench.writer.end_feature(0, drawn ? mvt::GeomType::polygon : mvt::GeomType::point,
                                     bench.geometry);
            ++summary.features;
            if (feature.tally) summary.merged += feature.tally->count;
        }
        bench.writer.finish(body);
        return summary;
    }

    /// The mean centre of rows that have no block.
    bool put_point(Merged const& feature) const {
        if (!feature.tally) return false;
        auto const& tally = *feature.tally;
        GridPoint const mean{std::int32_t(tally.x / tally.count),
                             std::int32_t(tally.y / tally.count)};
        auto at = TileFrame{m_tile}.unit(mean);
        // Rounding may bring it onto the next tile's first unit.
        at.x = std::min(at.x, std::int32_t(tile_extent) - 1);
        at.y = std::min(at.y, std::int32_t(tile_extent) - 1);
        m_bench.geometry.points({&at, 1});
        return true;
    }

    [[nodiscard]] std::size_t values_a_feature() const noexcept { return 3 + m_plan.sums.size(); }

    void add_value(std::string_view value) {
        m_bench.tags.push_back(m_bench.values.number(value).first);
    }

    void add_values(Merged const& feature) {
        constexpr double square_centimetres = 1e4;
        Tally const nothing{feature.key, 0, 0, 0, 0, std::vector<std::int64_t>(m_plan.sums.size())};
        auto const& tally = feature.tally ? *feature.tally : nothing;
        add_value(m_pyramid.keys()[feature.key].class_value);
        add_value(mvt::encode_value(tally.count));
        add_value(mvt::encode_value(double(tally.area_cm2) / square_centimetres));
        for (std::size_t i = 0; i < m_plan.sums.size(); ++i)
            add_value(mvt::encode_value(double(tally.sums[i]) * m_plan.sums[i].unit));
    }

    void write_tags(std::size_t place, Merged const& feature) {
        auto& writer = m_bench.writer;
        auto const values =
            std::span{m_bench.tags}.subspan(place * values_a_feature(), values_a_feature());
        writer.begin_feature();
        bool const has_class = !m_pyramid.keys()[feature.key].class_value.empty();
        if (has_class && m_classes_seen && !m_plan.class_field.empty())
            writer.tag(0, m_plan.class_field, 0, values[0]);
        writer.tag(1, "count", 0, values[1]);
        if (!m_points) writer.tag(2, "area_m2", 0, values[2]);
        for (std::uint32_t i = 0; i < m_plan.sums.size(); ++i)
            if (m_policy.sees_field(m_plan.sums[i].name))
                writer.tag(3 + i, m_plan.sums[i].name, 0, values[3 + i]);
    }

    Pyramid const& m_pyramid;
    Plan const& m_plan;
    TileId m_tile;
    CutQuestion const& m_question;
    geo::Policy const& m_policy;
    Workbench& m_bench;
    std::vector<bool> m_seen; // by key
    bool m_classes_seen;
    bool m_points;
    bool m_joined = false;
    std::uint32_t m_margin; // blocks of the neighbours that are drawn too
    static constexpr std::size_t middle = 4;
    std::array<Pyramid::Square const*, 9> m_squares{}; // the tile's and its neighbours', row by row
};

} // namespace

LowSummary Pyramid::cut(TileId tile, CutQuestion const& question, geo::Policy const& policy,
                        std::string& body) const {
    return LowCutter{*this, tile, question, policy}.run(body);
}

} // namespace diaban::tiles::pyramid
