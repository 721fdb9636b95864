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

std::string encoded_sum(Wide sum, double parts) {
    bool const whole = parts == 1 && sum >= INT64_MIN && sum <= INT64_MAX;
    return whole ? mvt::encode_value(std::int64_t(sum)) : mvt::encode_value(double(sum) / parts);
}

/// What a thread keeps between tiles.
struct Workbench {
    std::vector<std::uint32_t> cells;
    std::vector<std::uint32_t> places; // by group: of the feature, plus one
    std::vector<Merged> features;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> paths; // of lines: feature and path
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
          m_lines{m_plan.geometry == geo::GeometryKind::line}, m_margin{(buffer_units +
                                                                         m_plan.block_units - 1) /
                                                                        m_plan.block_units} {
        for (std::int32_t place = 0; place < 9; ++place)
            if (auto const beside =
                    TileId::make(tile.zoom(), tile.x() + std::uint32_t(place % 3 - 1),
                                 tile.y() + std::uint32_t(place / 3 - 1)))
                m_squares[std::size_t(place)] = pyramid.square(*beside);
    }

    LowSummary run(std::string& body) {
        find_features();
        if (m_bench.features.empty()) return {};
        m_bench.outlines.labels.clear();
        if (m_points) return write(body);
        if (m_lines) {
            collect_lines();
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
            collect_by_key();
    }

    /// The paths of the tile by feature.
    void collect_lines() {
        auto& paths = m_bench.paths;
        paths.clear();
        if (m_squares[middle] == nullptr) return;
        auto const& lines = m_squares[middle]->lines;
        for (std::uint32_t i = 0; i < lines.size(); ++i)
            if (auto const key = lines.paths[i].key; is_wanted(key))
                paths.emplace_back(m_bench.places[group_of(key)], i);
        std::sort(paths.begin(), paths.end());
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
                features.push_back({group, cluster.tally.key, in_units(cluster.tally)});
            else
                same->tally->add(in_units(cluster.tally));
        }
    }

    void collect_by_key() {
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
            if (i == middle) {
                for (auto const& path : m_squares[i]->lines.paths)
                    if (is_wanted(path.key)) feature_of(path.key);
                for (auto const& tally : m_squares[i]->tallies) {
                    if (!is_wanted(tally.key)) continue;
                    auto& feature = feature_of(tally.key);
                    if (feature.tally)
                        feature.tally->add(in_units(tally));
                    else
                        feature.tally = in_units(tally);
                }
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
        std::size_t part = 0;
        std::uint32_t place = 0;
        for (auto const& feature : bench.features) {
            ++place;
            bench.geometry.clear();
            bool const drawn = m_lines ? put_lines(place, part) : put_rings(place, part);
            if (!drawn && !put_point(feature)) continue;
            write_tags(place - 1, feature);
            bench.writer.end_feature(0,
                                     !drawn    ? mvt::GeomType::point
                                     : m_lines ? mvt::GeomType::linestring
                                               : mvt::GeomType::polygon,
                                     bench.geometry);
            ++summary.features;
            if (!feature.tally) continue;
            summary.merged += feature.tally->count;
            summary.drawn += feature.tally->drawn;
        }
        bench.writer.finish(body);
        return summary;
    }

    /// The rings of a feature, `ring` being the first of them; false if there are none.
    bool put_rings(std::uint32_t place, std::size_t& ring) const {
        auto const& outlines = m_bench.outlines;
        auto const first = ring;
        for (; ring < outlines.labels.size() && outlines.labels[ring] == place; ++ring)
            m_bench.geometry.ring(outlines.shape.path(ring));
        return ring > first;
    }
    /// Likewise the paths of a feature.
    bool put_lines(std::uint32_t place, std::size_t& path) const {
        auto const first = path;
        for (; path < m_bench.paths.size() && m_bench.paths[path].first == place; ++path)
            m_bench.geometry.line(m_squares[middle]->lines.path(m_bench.paths[path].second));
        return path > first;
    }

    /// The mean centre of rows of which nothing is drawn; of several keys, the mean of what each
    /// would show alone, so that a tile changes only if it does for one of them.
    bool put_point(Merged const& feature) const {
        if (!feature.tally) return false;
        auto const& tally = *feature.tally;
        GridPoint const mean{std::int32_t(tally.x / tally.count),
                             std::int32_t(tally.y / tally.count)};
        m_bench.geometry.points({&mean, 1});
        return true;
    }
    /// A tally whose centres are summed in tile units, each at the mean.
    [[nodiscard]] Tally in_units(Tally tally) const {
        auto const mean = mean_unit(tally, m_tile);
        tally.x = mean.x * tally.count;
        tally.y = mean.y * tally.count;
        return tally;
    }

    [[nodiscard]] std::size_t values_a_feature() const noexcept {
        return first_sum + m_plan.sums.size();
    }

    void add_value(std::string_view value) {
        m_bench.tags.push_back(m_bench.values.number(value).first);
    }

    void add_values(Merged const& feature) {
        double const units = m_lines ? 1e2 : 1e4; // centimetres, square centimetres
        Tally const nothing{feature.key, 0, 0, 0, 0, std::vector<Wide>(m_plan.sums.size())};
        auto const& tally = feature.tally ? *feature.tally : nothing;
        add_value(m_pyramid.keys()[feature.key].class_value);
        add_value(mvt::encode_value(tally.count));
        add_value(mvt::encode_value(double(tally.measure) / units));
        add_value(mvt::encode_value(tally.drawn));
        for (std::size_t i = 0; i < m_plan.sums.size(); ++i)
            add_value(encoded_sum(tally.sums[i], m_plan.sums[i].parts));
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
        if (!m_points) writer.tag(2, m_lines ? "length_m" : "area_m2", 0, values[2]);
        if (m_lines) writer.tag(3, "drawn", 0, values[3]);
        for (std::uint32_t i = 0; i < m_plan.sums.size(); ++i)
            if (m_policy.sees_field(m_plan.sums[i].name))
                writer.tag(first_sum + i, m_plan.sums[i].name, 0, values[first_sum + i]);
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
    bool m_lines;
    bool m_joined = false;
    std::uint32_t m_margin; // blocks of the neighbours that are drawn too
    static constexpr std::size_t middle = 4;
    static constexpr std::uint32_t first_sum = 4;      // the column behind what all features carry
    std::array<Pyramid::Square const*, 9> m_squares{}; // the tile's and its neighbours', row by row
};

} // namespace

GridPoint mean_unit(Tally const& tally, TileId tile) noexcept {
    GridPoint const mean{std::int32_t(tally.x / tally.count), std::int32_t(tally.y / tally.count)};
    auto at = TileFrame{tile}.unit(mean);
    // Rounding may bring it onto the next tile's first unit.
    at.x = std::min(at.x, std::int32_t(tile_extent) - 1);
    at.y = std::min(at.y, std::int32_t(tile_extent) - 1);
    return at;
}

LowSummary Pyramid::cut(TileId tile, CutQuestion const& question, geo::Policy const& policy,
                        std::string& body) const {
    return LowCutter{*this, tile, question, policy}.run(body);
}

} // namespace diaban::tiles::pyramid
