#include "services/domain/filtered_low.hpp"

#include "geo/error.hpp"
#include "services/domain/filtered.hpp"
#include "tiles/mirror/run_columns.hpp"
#include "tiles/mvt.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace diaban::services::domain {

namespace {

using geo::filter::Answer;
using geo::filter::Filter;
using tiles::pyramid::ChosenRows;
using tiles::pyramid::CutQuestion;
using tiles::pyramid::Keys;
using tiles::pyramid::LowSummary;
using tiles::pyramid::Plan;
using tiles::pyramid::Pyramid;

constexpr unsigned threads = 2;

/// The keys of a pyramid as rows with one column, their class.
class KeyColumns final : public geo::filter::Columns {
public:
    KeyColumns(Keys const& keys, geo::FieldType type) : m_classes{keys, type} {
        for (std::uint32_t key = 0; key < keys.size(); ++key)
            m_codes.push_back(keys[key].class_value.empty() ? 0 : key + 1);
    }
    [[nodiscard]] std::size_t rows() const noexcept override { return m_codes.size(); }
    [[nodiscard]] geo::filter::Column column(std::string_view) const override {
        return {m_codes, &m_classes};
    }
    [[nodiscard]] std::int64_t fid(std::size_t) const override { return 0; }
    [[nodiscard]] geo::Period valid(std::size_t) const override { return {}; }
    [[nodiscard]] bool has_geometry(std::size_t) const override { return false; }
    void near(geo::Box const&, std::span<std::uint32_t const>,
              std::span<geo::filter::Nearness> answers) const override {
        std::ranges::fill(answers, geo::filter::Nearness::none);
    }
    [[nodiscard]] geo::Box box(std::size_t) const override { return {}; }
    void geometry(std::size_t, geo::Geometry&) const override {}
    [[nodiscard]] double tolerance(std::size_t) const noexcept override { return 0; }

private:
    struct Classes final : geo::filter::Dictionary {
        Classes(Keys const& of, geo::FieldType field_type) : keys{of}, type{field_type} {}
        [[nodiscard]] std::size_t size() const noexcept override { return keys.size() + 1; }
        [[nodiscard]] geo::ValueView value(std::uint32_t code) const noexcept override {
            return tiles::mvt::decode_value(keys[code - 1].class_value, type);
        }
        Keys const& keys;
        geo::FieldType type;
    };

    Classes m_classes;
    std::vector<std::uint32_t> m_codes;
};

/// The class field, if the filter asks for nothing else.
geo::Field const* class_asked(View const& view, Filter const& filter) {
    auto const& schema = view.layer->schema();
    if (schema.class_field.empty() || !filter.asks_only(schema.class_field)) return nullptr;
    auto const field = std::ranges::find(schema.fields, schema.class_field, &geo::Field::name);
    return field != schema.fields.end() && field->in_tiles() ? &*field : nullptr;
}

LowSummary cut_by_class(View const& view, geo::Field const& field, Filter const& filter,
                        tiles::TileId tile, geo::Policy const& policy, std::string& body) {
    auto const& keys = view.pyramid->keys();
    KeyColumns const columns{keys, field.type};
    geo::filter::Evaluation const evaluation{filter, columns, keys.size()};
    std::vector<Answer> answers(keys.size());
    evaluation.range(0, answers);
    CutQuestion question;
    for (std::uint32_t key = 0; key < keys.size(); ++key)
        if (answers[key] == Answer::yes) question.classes.push_back(keys[key].class_value);
    if (question.classes.empty()) return {}; // none asked for would be all
    std::ranges::sort(question.classes);
    auto const [first, last] = std::ranges::unique(question.classes);
    question.classes.erase(first, last);
    return view.pyramid->cut(tile, question, policy, body);
}

[[noreturn]] void refuse(View const& view, tiles::TileId tile, std::size_t rows,
                         FilteredLow::Limits const& limits) {
    auto const& field = view.layer->schema().class_field;
    auto const native = view.layer->native_zoom();
    auto accepted = fmt::format("zoom {}..{}, filters that match at most {} rows", native,
                                tiles::TileId::max_zoom, limits.rows);
    if (!field.empty()) accepted += fmt::format(", filters of {} alone", field);
    throw geo::Error{geo::Code::bad_input,
                     "filter-zoom",
                     {{"collection", view.id()},
                      {"value", std::to_string(tile.zoom())},
                      {"rows", std::to_string(rows)},
                      {"accepted", accepted}}};
}

/// The plan of a pyramid of some of the view's rows. Lines are chosen among those rows.
Plan plan_of(View const& view) {
    return tiles::pyramid::plan_of(view.layer->schema(), view.pyramid->plan().finest + 1);
}

/// Whether so many rows may be asked.
bool may_ask(std::size_t rows, Filter const& filter, FilteredLow::Limits const& limits) {
    return rows * filter.cost() <= limits.work;
}

/// Where matching rows can be; empty: anywhere.
tiles::GridBox grid_bounds(Filter const& filter) {
    return filter.bounds() ? tiles::mirror::grid_around(*filter.bounds()) : tiles::GridBox{};
}

std::size_t count_in(tiles::mirror::Layer const& layer, tiles::GridBox const& box) {
    if (box.empty()) return layer.size();
    std::size_t count = 0;
    for (auto const& live : layer.runs())
        live.run->index.search(box, [&](std::size_t) { ++count; });
    return count;
}

/// The rows of some ground.
class Around final : public tiles::pyramid::RowSource {
public:
    Around(ChosenRows const& rows, tiles::GridBox const& ground) : m_rows{rows}, m_ground{ground} {}
    void visit(tiles::GridBox const& box,
               std::function<void(tiles::pyramid::Row const&)> const& visit) const override {
        m_rows.visit(box, visit);
    }
    [[nodiscard]] tiles::GridBox bounds() const override { return m_ground; }

private:
    ChosenRows const& m_rows;
    tiles::GridBox m_ground;
};

tiles::GridBox both(tiles::GridBox const& a, tiles::GridBox const& b) {
    return {std::max(a.min_x, b.min_x), std::max(a.min_y, b.min_y), std::min(a.max_x, b.max_x),
            std::min(a.max_y, b.max_y)};
}

/// The ground of a tile and of its neighbours, whose blocks it draws in its buffer.
tiles::GridBox ground_around(tiles::TileId tile) {
    auto const shift = 31 - tile.zoom();
    auto const low = [&](std::uint32_t at) {
        return std::int32_t(std::max<std::int64_t>((std::int64_t{at} - 1) << shift, 0));
    };
    auto const high = [&](std::uint32_t at) {
        return std::int32_t(
            std::min<std::int64_t>(((std::int64_t{at} + 2) << shift) - 1, INT32_MAX));
    };
    return {low(tile.x()), low(tile.y()), high(tile.x()), high(tile.y())};
}

} // namespace

LowSummary FilteredLow::cut(View const& view, Filter const& filter, tiles::TileId tile,
                            geo::Policy const& policy, std::string& body) {
    if (auto const* const field = class_asked(view, filter))
        return cut_by_class(view, *field, filter, tile, policy, body);
    auto const kept = kept_for(view, filter);
    {
        std::lock_guard const lock{kept->making};
        if (!kept->made) make(*kept, view, filter);
    }
    tidy();
    if (kept->pyramid) return kept->pyramid->cut(tile, {}, policy, body);
    auto const ground = ground_around(tile);
    auto chosen = kept->chosen;
    if (view.layer->schema().geometry == geo::GeometryKind::line)
        refuse(view, tile, chosen ? chosen->size() : view.layer->size(), m_limits);
    if (!chosen) {
        auto const rows = count_in(view.merged->layer(), ground);
        if (!may_ask(rows, filter, m_limits)) refuse(view, tile, rows, m_limits);
        chosen = std::make_shared<ChosenRows const>(view.merged, ground, choice_of(filter));
    }
    if (chosen->size() > m_limits.rows)
        if (auto const rows = chosen->count(ground); rows > m_limits.rows)
            refuse(view, tile, rows, m_limits);
    auto const shared = both(ground, chosen->bounds());
    if (shared.empty()) return {};
    auto plan = plan_of(view);
    plan.lowest = tile.zoom();
    plan.lowest_alone = true;
    return Pyramid::build(std::move(plan), view.merged->keys(), Around{*chosen, shared}, threads)
        ->cut(tile, {}, policy, body);
}

void FilteredLow::make(Kept& kept, View const& view, Filter const& filter) const {
    auto const within = grid_bounds(filter);
    if (may_ask(count_in(view.merged->layer(), within), filter, m_limits)) {
        kept.chosen = std::make_shared<ChosenRows const>(view.merged, within, choice_of(filter));
        if (view.layer->schema().geometry == geo::GeometryKind::line &&
            kept.chosen->size() <= m_limits.rows)
            kept.pyramid =
                Pyramid::build(plan_of(view), view.merged->keys(), *kept.chosen, threads);
    }
    kept.made = true;
}

std::size_t FilteredLow::Kept::bytes() const noexcept {
    return (chosen ? chosen->bytes() : 0) + (pyramid ? pyramid->bytes() : 0);
}

std::shared_ptr<FilteredLow::Kept> FilteredLow::kept_for(View const& view, Filter const& filter) {
    auto key = filter.key();
    auto const rows = view.merged->number();
    std::lock_guard const lock{m_mutex};
    auto const found = std::ranges::find_if(
        m_kept, [&](auto const& kept) { return kept->rows == rows && kept->filter == key; });
    if (found != m_kept.end()) {
        m_kept.splice(m_kept.begin(), m_kept, found);
        return m_kept.front();
    }
    auto kept = std::make_shared<Kept>();
    kept->rows = rows;
    kept->filter = std::move(key);
    m_kept.push_front(kept);
    return kept;
}

/// Forgets what was not asked for longest, beyond what may be kept.
void FilteredLow::tidy() {
    constexpr std::size_t most_filters = 64;
    std::lock_guard const lock{m_mutex};
    std::size_t bytes = 0;
    std::size_t count = 0;
    std::erase_if(m_kept, [&](auto const& kept) {
        std::unique_lock const making{kept->making, std::try_to_lock};
        if (!making) return false; // being made
        bytes += kept->bytes();
        ++count;
        return count > 1 && (bytes > m_limits.bytes || count > most_filters);
    });
}

std::size_t FilteredLow::bytes() const {
    std::lock_guard const lock{m_mutex};
    std::size_t bytes = 0;
    for (auto const& kept : m_kept) {
        std::unique_lock const making{kept->making, std::try_to_lock};
        if (making) bytes += kept->bytes();
    }
    return bytes;
}

} // namespace diaban::services::domain
