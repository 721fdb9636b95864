#include "tiles/pyramid/layer_rows.hpp"

#include <algorithm>

namespace diaban::tiles::pyramid {

Plan plan_of(geo::Schema const& schema, std::uint32_t native_zoom) {
    Plan plan;
    plan.layer = schema.id;
    plan.geometry = schema.geometry;
    plan.class_field = schema.class_field;
    plan.finest = native_zoom - 1;
    constexpr std::uint32_t two_pixels = 32;
    constexpr std::uint32_t cluster = 512; // 32 pixels: a sign with its number has room
    plan.block_units = schema.geometry == geo::GeometryKind::point ? cluster : two_pixels;
    return plan;
}

LayerRows::LayerRows(std::shared_ptr<mirror::Layer const> layer, LayerRows const* before)
    : m_layer{std::move(layer)} {
    auto const& columns = m_layer->base().columns;
    auto const& field = m_layer->schema().class_field;
    m_column = std::size_t(
        std::ranges::find_if(
            columns, [&](mirror::Column const& column) { return column.field->name == field; }) -
        columns.begin());
    auto keys =
        before != nullptr ? std::make_shared<Keys>(*before->m_keys) : std::make_shared<Keys>();
    for (auto const& live : m_layer->runs()) {
        std::shared_ptr<KeyTable const> table;
        if (before != nullptr)
            for (auto const& source : before->m_sources)
                if (source.run == live.run) table = source.keys;
        m_sources.push_back({live.run, table ? table : table_of(*live.run, *keys)});
    }
    m_keys = std::move(keys);
}

std::uint64_t LayerRows::kind_of(mirror::Run const& run, std::size_t row) const noexcept {
    std::uint64_t const code = m_column < run.columns.size() ? run.columns[m_column].codes[row] : 0;
    return std::uint64_t{run.classes[row]} << 32U | code;
}

std::shared_ptr<LayerRows::KeyTable const> LayerRows::table_of(mirror::Run const& run,
                                                               Keys& keys) const {
    auto table = std::make_shared<KeyTable>();
    for (std::size_t row = 0; row < run.located(); ++row) {
        auto const [entry, is_new] = table->try_emplace(kind_of(run, row), 0);
        if (!is_new) continue;
        auto const& holder = run.class_table[run.classes[row]];
        Key key{{}, holder.scope, holder.sensitivity};
        if (m_column < run.columns.size()) {
            auto const& column = run.columns[m_column];
            if (auto const code = column.codes[row]; code != 0)
                key.class_value = run.tile_values[column.places[code]];
        }
        entry->second = keys.number(key);
    }
    return table;
}

void LayerRows::visit(GridBox const& box, std::function<void(Row const&)> const& visit) const {
    for (std::size_t i = 0; i < m_sources.size(); ++i) {
        auto const& live = m_layer->runs()[i];
        auto const& run = *live.run;
        run.index.search(box, [&](std::size_t row) {
            if (!live.is_alive(row)) return;
            auto const& around = run.boxes[row];
            Row seen;
            seen.key = m_sources[i].keys->at(kind_of(run, row));
            seen.box = around;
            seen.centre =
                run.labels.empty()
                    ? GridPoint{std::int32_t((std::int64_t{around.min_x} + around.max_x) / 2),
                                std::int32_t((std::int64_t{around.min_y} + around.max_y) / 2)}
                    : run.labels[row];
            seen.points = run.points;
            auto const first = run.path_begin[row];
            seen.path_begin = run.point_begin.subspan(first, run.path_begin[row + 1] - first + 1);
            seen.area_m2 = run.areas.empty() ? 0 : run.areas[row];
            visit(seen);
        });
    }
}

GridBox LayerRows::bounds() const {
    GridBox box;
    for (auto const& live : m_layer->runs()) box.extend(live.run->index.bounds());
    return box;
}

} // namespace diaban::tiles::pyramid
