#include "tiles/mvt.hpp"
#include "tiles/pyramid/outline.hpp"
#include "tiles/pyramid/pyramid.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <tuple>

namespace diaban::tiles::pyramid {
namespace {

constexpr std::uint32_t buffer_units = CutOptions{}.buffer;

/// A merged feature of one tile: the rows of a key, or of keys whose class the policy may not know.
struct Merged {
    std::uint32_t key = 0;
    std::optional<Tally> tally;
};

/// What a thread keeps between tiles.
struct Workbench {
    std::vector<std::uint32_t> cells;
    Outlines outlines;
    mvt::Geometry geometry;
    mvt::LayerWriter writer;
    std::vector<std::string> values;
    std::map<std::string, std::uint32_t> places; // of values: each enters the layer once
    std::vector<std::uint32_t> tags;             // places of values, feature by feature
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
        : m_pyramid{pyramid}, m_plan{pyramid.plan()}, m_tile{tile},
          m_question{question}, m_policy{policy}, m_seen{pyramid.keys().seen_by(policy)},
          m_classes_seen{policy.sees_field(m_plan.class_field)}, m_margin{(buffer_units +
                                                                           m_plan.block_units - 1) /
                                                                          m_plan.block_units} {}

    LowSummary run(std::string& body) {
        auto& bench = workbench();
        lay_out(bench.cells);
        if (m_features.empty()) return {};
        number_features(bench.cells);
        auto const width = m_plan.side() + 2 * m_margin;
        auto const corner = -std::int32_t(m_margin * m_plan.block_units);
        trace(bench.cells, width, std::int32_t(m_plan.block_units), {corner, corner},
              bench.outlines);
        return write(body);
    }

private:
    /// What decides whether two keys make one feature here, and the order of features.
    using Group = std::tuple<std::string_view, std::string_view, std::uint8_t>;
    [[nodiscard]] Group group_of(std::uint32_t key) const {
        auto const& k = m_pyramid.keys()[key];
        return {m_classes_seen ? std::string_view{k.class_value} : std::string_view{}, k.scope,
                k.sensitivity};
    }
    [[nodiscard]] bool is_wanted(std::uint32_t key) const {
        if (!m_seen[key]) return false;
        if (m_question.classes.empty()) return true;
        auto const& wanted = m_question.classes;
        return m_classes_seen && std::find(wanted.begin(), wanted.end(),
                                           m_pyramid.keys()[key].class_value) != wanted.end();
    }

    /// Puts each block's key, plus one, into the cells of the buffered tile, and the features that
    /// the tile holds into their order.
    void lay_out(std::vector<std::uint32_t>& cells) {
        auto const side = std::int32_t(m_plan.side());
        auto const margin = std::int32_t(m_margin);
        auto const width = side + 2 * margin;
        cells.assign(std::size_t(width) * std::size_t(width), 0);
        for (std::int32_t dy = -1; dy <= 1; ++dy)
            for (std::int32_t dx = -1; dx <= 1; ++dx) {
                auto const* square = beside(dx, dy);
                if (square == nullptr) continue;
                if (dx == 0 && dy == 0) take_tallies(square->tallies);
                if (square->drawn.blocks.empty()) continue;
                auto const numbers = take_keys(square->drawn.keys);
                auto const first = [&](std::int32_t d) { return d < 0 ? side - margin : 0; };
                auto const last = [&](std::int32_t d) { return d > 0 ? margin : side; };
                for (auto y = first(dy); y < last(dy); ++y)
                    for (auto x = first(dx); x < last(dx); ++x) {
                        auto const place = square->drawn.blocks[std::size_t(y * side + x)];
                        cells[std::size_t((y + margin + dy * side) * width + x + margin +
                                          dx * side)] = numbers[place];
                    }
            }
    }

    [[nodiscard]] Pyramid::Square const* beside(std::int32_t dx, std::int32_t dy) const {
        auto const tile = TileId::make(m_tile.zoom(), m_tile.x() + std::uint32_t(dx),
                                       m_tile.y() + std::uint32_t(dy));
        return tile ? m_pyramid.square(*tile) : nullptr;
    }

    /// What the places of a square's blocks mean in the cells: a key that stands for the group,
    /// plus one; 0 for what is not drawn.
    std::vector<std::uint32_t> take_keys(std::vector<std::uint32_t> const& keys) {
        std::vector<std::uint32_t> numbers{0};
        for (auto const key : keys)
            numbers.push_back(
                is_wanted(key)
                    ? m_features.try_emplace(group_of(key), Merged{key, {}}).first->second.key + 1
                    : 0);
        return numbers;
    }

    void take_tallies(Tallies const& tallies) {
        for (auto const& tally : tallies) {
            if (!is_wanted(tally.key)) continue;
            auto& feature =
                m_features.try_emplace(group_of(tally.key), Merged{tally.key, {}}).first->second;
            if (feature.tally)
                feature.tally->add(tally);
            else
                feature.tally = tally;
        }
    }

    /// In the cells: from keys to the places of features in their order, plus one.
    void number_features(std::vector<std::uint32_t>& cells) const {
        thread_local std::vector<std::uint32_t> places;
        places.assign(m_pyramid.keys().size() + 1, 0);
        std::uint32_t place = 0;
        for (auto const& [group, feature] : m_features) places[feature.key + 1] = ++place;
        for (auto& cell : cells) cell = places[cell];
    }

    LowSummary write(std::string& body) {
        auto& bench = workbench();
        LowSummary summary;
        bench.values.clear();
        bench.places.clear();
        bench.tags.clear();
        for (auto const& [group, feature] : m_features) add_values(feature);
        bench.writer.begin(m_plan.layer, bench.values);
        std::size_t ring = 0;
        std::uint32_t place = 0;
        for (auto const& [group, feature] : m_features) {
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
        workbench().geometry.points({&at, 1});
        return true;
    }

    [[nodiscard]] std::size_t values_a_feature() const noexcept { return 3 + m_plan.sums.size(); }

    void add_value(std::string value) {
        auto& bench = workbench();
        auto const [entry, is_new] =
            bench.places.try_emplace(std::move(value), std::uint32_t(bench.values.size()));
        if (is_new) bench.values.push_back(entry->first);
        bench.tags.push_back(entry->second);
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
        auto& writer = workbench().writer;
        auto const values =
            std::span{workbench().tags}.subspan(place * values_a_feature(), values_a_feature());
        writer.begin_feature();
        bool const has_class = !m_pyramid.keys()[feature.key].class_value.empty();
        if (has_class && m_classes_seen && !m_plan.class_field.empty())
            writer.tag(0, m_plan.class_field, values[0]);
        writer.tag(1, "count", values[1]);
        writer.tag(2, "area_m2", values[2]);
        for (std::uint32_t i = 0; i < m_plan.sums.size(); ++i)
            if (m_policy.sees_field(m_plan.sums[i].name))
                writer.tag(3 + i, m_plan.sums[i].name, values[3 + i]);
    }

    Pyramid const& m_pyramid;
    Plan const& m_plan;
    TileId m_tile;
    CutQuestion const& m_question;
    geo::Policy const& m_policy;
    std::vector<bool> m_seen; // by key
    bool m_classes_seen;
    std::uint32_t m_margin; // blocks of the neighbours that are drawn too
    std::map<Group, Merged> m_features;
};

} // namespace

LowSummary Pyramid::cut(TileId tile, CutQuestion const& question, geo::Policy const& policy,
                        std::string& body) const {
    return LowCutter{*this, tile, question, policy}.run(body);
}

} // namespace diaban::tiles::pyramid
