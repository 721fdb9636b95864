#include "geo/error.hpp"
#include "geo/filter/bind.hpp"
#include "geo/filter/cql2_text.hpp"
#include "geo/filter/filter.hpp"
#include "geo/filter/form.hpp"
#include "geo/filter/nodes.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace diaban::geo::filter {

Filter Filter::make(Expression expression, Schema const& schema, Policy const& policy) {
    Binder binder{schema, policy};
    auto bound = binder.predicate(expression);
    if (binder.cost > max_cost)
        throw Error{
            Code::bad_input,
            "filter-too-costly",
            {{"value", std::to_string(binder.cost)}, {"accepted", std::to_string(max_cost)}}};
    Filter filter;
    filter.m_expression = std::make_shared<Expression const>(std::move(expression));
    filter.m_test = std::move(bound.test);
    filter.m_fields = std::move(binder.fields);
    filter.m_texts = binder.texts;
    filter.m_cost = binder.cost;
    filter.m_bounds = bound.box;
    return filter;
}

std::string Filter::key() const {
    return to_text(*m_expression);
}

bool Filter::asks_only(std::string_view field) const noexcept {
    auto const& reads = m_test->reads;
    return !reads.fid && !reads.valid && !reads.geometry &&
           std::all_of(m_fields.begin(), m_fields.end(),
                       [&](std::string const& named) { return named == field; });
}

bool Filter::spatial() const noexcept {
    return m_test->reads.geometry;
}

namespace {

/// Rows that are looked at together: their truths, and the codes read for them, stay in the nearest
/// cache.
constexpr std::size_t block_rows = 2048;
using Truths = std::array<Truth, block_rows>;

/// What a step finds in its output for a row that is decided already: it may leave there what it
/// likes, for whatever is joined to a decided truth leaves it as it is.
constexpr Truth not_wanted = 0;
static_assert(both(truth_no, not_wanted) == truth_no && either(truth_yes, not_wanted) == truth_yes);

/// Some rows: named, or `count` from `first` on.
struct Block {
    std::size_t first = 0;
    std::uint32_t const* named = nullptr;
    std::size_t count = 0;

    [[nodiscard]] std::size_t row(std::size_t i) const noexcept {
        return named != nullptr ? named[i] : first + i;
    }
};

/// How a predicate is answered on these columns.
struct Step {
    enum class Kind : std::uint8_t { constant, table, rows, spatial, all, any, inverse };
    Kind kind = Kind::rows;
    Test const* test = nullptr;
    Truth constant = truth_no;
    std::span<std::uint32_t const> codes; // of a table
    std::vector<Truth> table;             // by code
    std::vector<Step> steps;
};

} // namespace

struct Evaluation::State {
    State(Filter of, Columns const& on, std::size_t rows)
        : filter{std::move(of)}, columns{on}, expected{rows} {
        for (auto const& field : filter.m_fields) slots.push_back(columns.column(field));
        top = step(filter.m_test);
    }

    /// Whether going through a whole dictionary is less work than through the rows.
    [[nodiscard]] bool pays(Column const& column) const noexcept {
        return column.dictionary->size() <= 2 * expected + 64;
    }

    Step step(TestPtr const& test);
    Step table_of(TestPtr const& test);
    Step logical(Test const& test);

    void run(Step const& step, Block const& block, bool positive, Truth* out) const;
    void run_rows(Step const& step, Block const& block, Truth* out) const;
    void run_spatial(Step const& step, Block const& block, Truth* out) const;
    void run_logical(Step const& step, Block const& block, bool positive, Truth* out) const;
    void answer(Block const& block, Answer* answers) const;

    /// A moment with room for what its nodes need.
    struct Room {
        explicit Room(State const& state)
            : values(state.slots.size()), texts(state.filter.m_texts) {
            moment.values = values;
            moment.texts = texts;
            moment.columns = &state.columns;
        }
        std::vector<ValueView> values;
        std::vector<std::string> texts;
        Moment moment;
    };
    void look_at(std::size_t row, Reads const& reads, Room& room) const;

    Filter filter;
    Columns const& columns;
    std::size_t expected;
    std::vector<Column> slots;
    std::vector<TestPtr> made; // groups of predicates that only this evaluation knows
    Step top;
};

Step Evaluation::State::step(TestPtr const& test) {
    auto const& reads = test->reads;
    if (reads.nothing()) {
        Room room{*this};
        Step constant;
        constant.kind = Step::Kind::constant;
        constant.constant = test->at(room.moment);
        return constant;
    }
    if (reads.one_slot() && pays(slots[reads.slots.front()])) return table_of(test);
    bool const compound = test->kind == Test::Kind::conjunction ||
                          test->kind == Test::Kind::disjunction ||
                          test->kind == Test::Kind::negation;
    if (compound && !reads.one_slot()) return logical(*test);
    Step step;
    step.kind = test->kind == Test::Kind::spatial ? Step::Kind::spatial : Step::Kind::rows;
    step.test = test.get();
    return step;
}

Step Evaluation::State::table_of(TestPtr const& test) {
    auto const at = test->reads.slots.front();
    auto const& column = slots[at];
    Step step;
    step.kind = Step::Kind::table;
    step.codes = column.codes;
    step.table.resize(std::max<std::size_t>(1, column.dictionary->size()));
    Room room{*this};
    test->fill(*column.dictionary, step.table, room.moment, room.values);
    return step;
}

/// Predicates on one column become one table; what asks for geometry comes last.
Step Evaluation::State::logical(Test const& test) {
    Step step;
    step.kind = test.kind == Test::Kind::conjunction   ? Step::Kind::all
                : test.kind == Test::Kind::disjunction ? Step::Kind::any
                                                       : Step::Kind::inverse;
    std::vector<std::vector<TestPtr>> of_slot(slots.size());
    std::vector<TestPtr> others;
    for (auto const& child : test.children)
        (child->reads.one_slot() ? of_slot[child->reads.slots.front()] : others).push_back(child);
    for (auto& children : of_slot) {
        if (children.empty()) continue;
        bool const several = children.size() > 1;
        auto group = several ? make_logical(test.kind, std::move(children)) : children.front();
        made.push_back(group);
        step.steps.push_back(this->step(group));
    }
    std::stable_sort(others.begin(), others.end(), [](TestPtr const& a, TestPtr const& b) {
        return a->reads.geometry < b->reads.geometry;
    });
    for (auto const& child : others) step.steps.push_back(this->step(child));
    return step;
}

void Evaluation::State::look_at(std::size_t row, Reads const& reads, Room& room) const {
    for (auto const at : reads.slots) {
        auto const code = slots[at].codes[row];
        room.values[at] = code == 0 ? ValueView{} : slots[at].dictionary->value(code);
    }
    room.moment.row = row;
    if (reads.fid) room.moment.fid = columns.fid(row);
    if (reads.valid) room.moment.valid = columns.valid(row);
    if (reads.geometry) room.moment.has_geometry = columns.has_geometry(row);
}

void Evaluation::State::run_rows(Step const& step, Block const& block, Truth* out) const {
    Room room{*this};
    for (std::size_t i = 0; i < block.count; ++i) {
        if (out[i] == not_wanted) continue;
        look_at(block.row(i), step.test->reads, room);
        out[i] = step.test->at(room.moment);
    }
}

void Evaluation::State::run_spatial(Step const& step, Block const& block, Truth* out) const {
    auto const& spatial = static_cast<SpatialTest const&>(*step.test);
    std::array<std::uint32_t, block_rows> rows{};
    std::array<std::uint32_t, block_rows> places{};
    std::array<Nearness, block_rows> near{};
    std::size_t asked = 0;
    for (std::size_t i = 0; i < block.count; ++i) {
        if (out[i] == not_wanted) continue;
        rows[asked] = std::uint32_t(block.row(i));
        places[asked++] = std::uint32_t(i);
    }
    if (asked == 0) return;
    columns.near(spatial.reference.box(), {rows.data(), asked}, {near.data(), asked});
    Room room{*this};
    Truth const apart = truth_of(spatial.relation == ops::Relation::disjoint);
    for (std::size_t k = 0; k < asked; ++k) {
        room.moment.row = rows[k];
        out[places[k]] = near[k] == Nearness::none  ? truth_null
                         : near[k] == Nearness::far ? apart
                                                    : step.test->at(room.moment);
    }
}

void Evaluation::State::run_logical(Step const& step, Block const& block, bool positive,
                                    Truth* out) const {
    if (step.kind == Step::Kind::inverse) {
        run(step.steps.front(), block, false, out);
        for (std::size_t i = 0; i < block.count; ++i) out[i] = inverse(out[i]);
        return;
    }
    bool const all = step.kind == Step::Kind::all;
    // Where only true matters, null and false are alike.
    Truth const decided = all ? truth_no : truth_yes;
    run(step.steps.front(), block, positive, out);
    Truths next;
    for (std::size_t s = 1; s < step.steps.size(); ++s) {
        bool open = false;
        for (std::size_t i = 0; i < block.count; ++i) {
            if (positive && all && (out[i] & truth_yes) == 0) out[i] = truth_no;
            open = open || out[i] != decided;
        }
        if (!open) return;
        for (std::size_t i = 0; i < block.count; ++i)
            next[i] = out[i] == decided ? not_wanted : truth_yes;
        run(step.steps[s], block, positive, next.data());
        if (all)
            for (std::size_t i = 0; i < block.count; ++i) out[i] = both(out[i], next[i]);
        else
            for (std::size_t i = 0; i < block.count; ++i) out[i] = either(out[i], next[i]);
    }
}

void Evaluation::State::run(Step const& step, Block const& block, bool positive, Truth* out) const {
    switch (step.kind) {
    case Step::Kind::constant: std::fill_n(out, block.count, step.constant); return;
    case Step::Kind::table:
        if (block.named != nullptr)
            for (std::size_t i = 0; i < block.count; ++i)
                out[i] = step.table[step.codes[block.named[i]]];
        else
            for (std::size_t i = 0; i < block.count; ++i)
                out[i] = step.table[step.codes[block.first + i]];
        return;
    case Step::Kind::rows: return run_rows(step, block, out);
    case Step::Kind::spatial: return run_spatial(step, block, out);
    case Step::Kind::all:
    case Step::Kind::any:
    case Step::Kind::inverse: return run_logical(step, block, positive, out);
    }
}

void Evaluation::State::answer(Block const& block, Answer* answers) const {
    Truths truths;
    truths.fill(truth_yes); // nothing is decided yet
    run(top, block, true, truths.data());
    for (std::size_t i = 0; i < block.count; ++i)
        answers[i] = (truths[i] & truth_yes) == 0 ? Answer::no
                     : truths[i] == truth_yes     ? Answer::yes
                                                  : Answer::doubtful;
}

Evaluation::Evaluation(Filter filter, Columns const& columns, std::size_t expected)
    : m_state{std::make_unique<State>(std::move(filter), columns, expected)} {}
Evaluation::~Evaluation() = default;
Evaluation::Evaluation(Evaluation&&) noexcept = default;

void Evaluation::range(std::size_t first, std::span<Answer> answers) const {
    for (std::size_t done = 0; done < answers.size(); done += block_rows) {
        auto const count = std::min(block_rows, answers.size() - done);
        m_state->answer({first + done, nullptr, count}, answers.data() + done);
    }
}

void Evaluation::rows(std::span<std::uint32_t const> rows, std::span<Answer> answers) const {
    for (std::size_t done = 0; done < rows.size(); done += block_rows) {
        auto const count = std::min(block_rows, rows.size() - done);
        m_state->answer({0, rows.data() + done, count}, answers.data() + done);
    }
}

bool Evaluation::exact(std::size_t row, Geometry const& geometry) const {
    State::Room room{*m_state};
    auto const& test = *m_state->filter.m_test;
    m_state->look_at(row, test.reads, room);
    room.moment.has_geometry = !geometry.empty();
    room.moment.exact = &geometry;
    return test.at(room.moment) == truth_yes;
}

} // namespace diaban::geo::filter
