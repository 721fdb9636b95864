#include "tiles/pyramid/layer_rows.hpp"

#include "tiles/mvt.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>

namespace diaban::tiles::pyramid {
namespace {

/// A code as tiles hold it: a whole number where the field is one.
std::string encoded(std::string const& code, geo::FieldType type) {
    std::int64_t number = 0;
    auto const* const end = code.data() + code.size();
    if (type == geo::FieldType::integer)
        if (auto const read = std::from_chars(code.data(), end, number);
            read.ec == std::errc{} && read.ptr == end)
            return mvt::encode_value(number);
    return mvt::encode_value(std::string_view{code});
}

/// How many of the whole numbers that are summed make one.
double parts_of(geo::Field const& field) noexcept {
    constexpr double millionths = 1e6;
    return field.type == geo::FieldType::integer ? 1 : millionths;
}

/// A value of a field in such parts; null is nothing. Beyond 10²⁵ a sum of a million would not fit.
Wide parts_in(geo::ValueView const& value, double parts) noexcept {
    if (auto const* const whole = std::get_if<std::int64_t>(&value)) return *whole;
    auto const* const number = std::get_if<double>(&value);
    if (number == nullptr || !std::isfinite(*number)) return 0;
    constexpr double most = 1e25;
    return Wide(std::nearbyint(std::clamp(*number, -most, most) * parts));
}

std::uint64_t next_number() noexcept {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
}

} // namespace

Plan plan_of(geo::Schema const& schema, std::uint32_t native_zoom) {
    Plan plan;
    plan.layer = schema.id;
    plan.geometry = schema.geometry;
    plan.class_field = schema.class_field;
    plan.finest = native_zoom - 1;
    if (schema.geometry == geo::GeometryKind::line)
        for (auto const& field : schema.fields)
            if (field.name == schema.class_field)
                for (auto const& entry : field.codes)
                    plan.classes.push_back(encoded(entry.code, field.type));
    for (auto const& field : schema.fields)
        if (field.is_summed()) plan.sums.push_back({field.name, parts_of(field)});
    constexpr std::uint32_t two_pixels = 32;
    constexpr std::uint32_t cluster = 512; // 32 pixels: a sign with its number has room
    plan.block_units = schema.geometry == geo::GeometryKind::point ? cluster : two_pixels;
    return plan;
}

bool rows_end(geo::Schema const& schema) noexcept {
    return schema.time_field == "valid_to";
}

LayerRows::LayerRows(std::shared_ptr<mirror::Layer const> layer, LayerRows const* before,
                     std::optional<std::int64_t> at)
    : m_layer{std::move(layer)}, m_number{next_number()} {
    if (rows_end(m_layer->schema())) m_at = at;
    auto const& columns = m_layer->base().columns;
    auto const& field = m_layer->schema().class_field;
    m_column = std::size_t(
        std::ranges::find_if(
            columns, [&](mirror::Column const& column) { return column.field->name == field; }) -
        columns.begin());
    auto keys =
        before != nullptr ? std::make_shared<Keys>(*before->m_keys) : std::make_shared<Keys>();
    for (auto const& live : m_layer->runs()) {
        std::shared_ptr<Table const> table;
        if (before != nullptr)
            for (auto const& source : before->m_sources)
                if (source.run == live.run) table = source.table;
        m_sources.push_back({live.run, table ? table : table_of(*live.run, *keys)});
    }
    m_keys = std::move(keys);
}

std::uint64_t LayerRows::kind_of(mirror::Run const& run, std::size_t row) const noexcept {
    std::uint64_t const code = m_column < run.columns.size() ? run.columns[m_column].codes[row] : 0;
    return std::uint64_t{run.classes[row]} << 32U | code;
}

std::shared_ptr<LayerRows::Table const> LayerRows::table_of(mirror::Run const& run,
                                                            Keys& keys) const {
    auto table = std::make_shared<Table>();
    for (std::size_t row = 0; row < run.located(); ++row) {
        auto const [entry, is_new] = table->keys.try_emplace(kind_of(run, row), 0);
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
    for (std::size_t c = 0; c < run.columns.size(); ++c) {
        auto const& column = run.columns[c];
        if (!column.field->is_summed()) continue;
        std::vector<Wide> values(column.places.size());
        for (std::size_t code = 1; code < values.size(); ++code)
            values[code] = parts_in(
                mvt::decode_value(run.tile_values[column.places[code]], column.field->type),
                parts_of(*column.field));
        table->sums.emplace_back(c, std::move(values));
    }
    return table;
}

template <typename Wanted>
void LayerRows::visit_run(std::size_t i, GridBox const& box, Wanted&& wanted,
                          std::function<void(Row const&)> const& visit) const {
    auto const& live = m_layer->runs()[i];
    auto const& run = *live.run;
    auto const& table = *m_sources[i].table;
    std::vector<Wide> sums(table.sums.size());
    run.index.search(box, [&](std::size_t row) {
        if (!live.is_alive(row) || !wanted(row)) return;
        if (m_at && !run.periods.empty() && !run.periods[row].meets({*m_at, *m_at})) return;
        auto const& around = run.boxes[row];
        Row seen;
        seen.key = table.keys.at(kind_of(run, row));
        seen.box = around;
        seen.centre = run.labels.empty()
                          ? GridPoint{std::int32_t((std::int64_t{around.min_x} + around.max_x) / 2),
                                      std::int32_t((std::int64_t{around.min_y} + around.max_y) / 2)}
                          : run.labels[row];
        seen.points = run.points;
        auto const first = run.path_begin[row];
        seen.path_begin = run.point_begin.subspan(first, run.path_begin[row + 1] - first + 1);
        seen.measure = run.measures.empty() ? 0 : run.measures[row];
        for (std::size_t k = 0; k < sums.size(); ++k)
            sums[k] = table.sums[k].second[run.columns[table.sums[k].first].codes[row]];
        seen.sums = sums;
        seen.fid = run.fids[row];
        visit(seen);
    });
}

void LayerRows::visit(GridBox const& box, std::function<void(Row const&)> const& visit) const {
    for (std::size_t i = 0; i < m_sources.size(); ++i)
        visit_run(
            i, box, [](std::size_t) { return true; }, visit);
}

GridBox LayerRows::bounds() const {
    GridBox box;
    for (auto const& live : m_layer->runs()) box.extend(live.run->index.bounds());
    return box;
}

ChosenRows::ChosenRows(std::shared_ptr<LayerRows const> rows, GridBox const& within,
                       RowChoice const& choice)
    : m_rows{std::move(rows)} {
    std::vector<std::uint32_t> asked;
    for (auto const& live : m_rows->layer().runs()) {
        auto const& run = *live.run;
        asked.clear();
        if (within.empty()) {
            for (std::uint32_t row = 0; row < run.located(); ++row)
                if (live.is_alive(row)) asked.push_back(row);
        } else {
            run.index.search(within, [&](std::size_t row) {
                if (live.is_alive(row)) asked.push_back(std::uint32_t(row));
            });
        }
        if (!asked.empty()) choice(live, asked);
        m_size += asked.size();
        auto& chosen = m_chosen.emplace_back(run.located());
        for (auto const row : asked) {
            chosen[row] = true;
            m_bounds.extend(run.boxes[row]);
        }
    }
}

std::size_t ChosenRows::count(GridBox const& box) const {
    std::size_t count = 0;
    for (std::size_t i = 0; i < m_chosen.size(); ++i)
        m_rows->layer().runs()[i].run->index.search(
            box, [&](std::size_t row) { count += m_chosen[i][row] ? 1 : 0; });
    return count;
}

std::size_t ChosenRows::bytes() const noexcept {
    std::size_t bits = 0;
    for (auto const& chosen : m_chosen) bits += chosen.capacity();
    return bits / 8;
}

void ChosenRows::visit(GridBox const& box, std::function<void(Row const&)> const& visit) const {
    for (std::size_t i = 0; i < m_chosen.size(); ++i)
        m_rows->visit_run(
            i, box, [&](std::size_t row) { return m_chosen[i][row]; }, visit);
}

} // namespace diaban::tiles::pyramid
