#include "geo/filter/nodes.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace diaban::geo::filter {

namespace {

template <typename T>
bool stands(Op op, T const& a, T const& b) noexcept {
    switch (op) {
    case Op::equal: return a == b;
    case Op::not_equal: return a != b;
    case Op::less: return a < b;
    case Op::greater: return a > b;
    case Op::at_most: return a <= b;
    default: return a >= b;
    }
}

/// Bytes as unsigned, which is the order of code points.
bool stands_text(Op op, std::string_view a, std::string_view b) noexcept {
    if (op == Op::equal || op == Op::not_equal) return (a == b) == (op == Op::equal);
    return stands(op, a.compare(b), 0); // char_traits<char> compares as unsigned char
}

/// What both scalars answer, by the way they are compared; null if either is.
template <typename Use>
Truth with_both(By by, Scalar const& left, Scalar const& right, Moment const& m, Use const& use) {
    if (by == By::number) {
        double const a = left.number(m);
        double const b = right.number(m);
        return std::isnan(a) || std::isnan(b) ? truth_null : truth_of(use(a, b));
    }
    if (by == By::order) {
        auto const a = left.order(m);
        auto const b = right.order(m);
        return a && b ? truth_of(use(*a, *b)) : truth_null;
    }
    auto const a = left.text(m);
    auto const b = right.text(m);
    return a && b ? truth_of(use(*a, *b)) : truth_null;
}

/// The table of a predicate that asks of each value only `use(value)`, which knows no null.
template <typename Get, typename Use>
void fill_by(Dictionary const& dictionary, std::span<Truth> table, Get const& get, Use const& use) {
    table[0] = truth_null;
    for (std::uint32_t code = 1; code < table.size(); ++code) {
        auto const value = get(dictionary.value(code));
        if constexpr (std::is_floating_point_v<std::decay_t<decltype(value)>>)
            table[code] = std::isnan(value) ? truth_null : truth_of(use(value));
        else
            table[code] = value ? truth_of(use(*value)) : truth_null;
    }
}

/// Calls `with` with a comparison that is fixed, so that a loop need not choose each time.
template <typename With>
void fixed(Op op, With const& with) {
    switch (op) {
    case Op::equal: return with([](auto const& a, auto const& b) { return a == b; });
    case Op::not_equal: return with([](auto const& a, auto const& b) { return a != b; });
    case Op::less: return with([](auto const& a, auto const& b) { return a < b; });
    case Op::greater: return with([](auto const& a, auto const& b) { return a > b; });
    case Op::at_most: return with([](auto const& a, auto const& b) { return a <= b; });
    default: return with([](auto const& a, auto const& b) { return a >= b; });
    }
}

struct TruthTest final : Test {
    explicit TruthTest(bool of) : value{of} {}
    Truth at(Moment const&) const override { return truth_of(value); }
    bool value;
};

struct LogicalTest final : Test {
    Truth at(Moment const& m) const override {
        auto truth = children.front()->at(m);
        if (kind == Kind::negation) return inverse(truth);
        for (std::size_t i = 1; i < children.size(); ++i) {
            if (truth == (kind == Kind::conjunction ? truth_no : truth_yes)) break;
            auto const next = children[i]->at(m);
            truth = kind == Kind::conjunction ? both(truth, next) : either(truth, next);
        }
        return truth;
    }
    void fill(Dictionary const& dictionary, std::span<Truth> table, Moment const& m,
              std::span<ValueView> values) const override {
        children.front()->fill(dictionary, table, m, values);
        if (kind == Kind::negation)
            for (auto& truth : table) truth = inverse(truth);
        std::vector<Truth> next(table.size());
        for (std::size_t i = 1; i < children.size(); ++i) {
            children[i]->fill(dictionary, next, m, values);
            for (std::size_t code = 0; code < table.size(); ++code)
                table[code] = kind == Kind::conjunction ? both(table[code], next[code])
                                                        : either(table[code], next[code]);
        }
    }
};

struct CompareTest final : Test {
    CompareTest(Op with, By how, ScalarPtr a, ScalarPtr b)
        : op{with}, by{how}, left{std::move(a)}, right{std::move(b)} {
        reads = left->reads;
        reads.add(right->reads);
    }
    Truth at(Moment const& m) const override {
        return with_both(by, *left, *right, m, [this]<typename T>(T const& a, T const& b) {
            if constexpr (std::is_same_v<T, std::string_view>)
                return stands_text(op, a, b);
            else
                return stands(op, a, b);
        });
    }
    void fill(Dictionary const& dictionary, std::span<Truth> table, Moment const& m,
              std::span<ValueView> values) const override {
        bool const plain = left->is_column() && right->reads.nothing() && !right->is_null(m);
        if (!plain) return Test::fill(dictionary, table, m, values);
        fixed(op, [&](auto const& holds) {
            auto const against = [&](auto const& constant) {
                return [&](auto const& value) { return holds(value, constant); };
            };
            if (by == By::number)
                fill_by(dictionary, table, number_in, against(right->number(m)));
            else if (by == By::order)
                fill_by(dictionary, table, order_in, against(*right->order(m)));
            else
                fill_by(dictionary, table, text_in, against(*right->text(m)));
        });
    }
    Op op;
    By by;
    ScalarPtr left;
    ScalarPtr right;
};

struct BetweenTest final : Test {
    BetweenTest(By how, ScalarPtr of, ScalarPtr from, ScalarPtr to)
        : by{how}, value{std::move(of)}, low{std::move(from)}, high{std::move(to)} {
        reads = value->reads;
        reads.add(low->reads);
        reads.add(high->reads);
    }
    Truth at(Moment const& m) const override {
        auto const at_least = [](auto const& a, auto const& b) { return a >= b; };
        auto const at_most = [](auto const& a, auto const& b) { return a <= b; };
        auto const above = with_both(by, *value, *low, m, at_least);
        auto const below = with_both(by, *value, *high, m, at_most);
        if (above == truth_null || below == truth_null) return truth_null;
        return both(above, below);
    }
    void fill(Dictionary const& dictionary, std::span<Truth> table, Moment const& m,
              std::span<ValueView> values) const override {
        bool const plain = value->is_column() && by == By::number && low->reads.nothing() &&
                           high->reads.nothing() && !low->is_null(m) && !high->is_null(m);
        if (!plain) return Test::fill(dictionary, table, m, values);
        fill_by(dictionary, table, number_in,
                [from = low->number(m), to = high->number(m)](double x) {
                    return x >= from && x <= to;
                });
    }
    By by;
    ScalarPtr value;
    ScalarPtr low;
    ScalarPtr high;
};

/// Constants are sorted once and searched; what varies is compared in turn.
struct InTest final : Test {
    InTest(By how, ScalarPtr of, std::vector<ScalarPtr> list) : by{how}, value{std::move(of)} {
        reads = value->reads;
        Moment const never;
        for (auto& item : list) {
            reads.add(item->reads);
            if (!item->reads.nothing() || item->is_null(never))
                varying.push_back(std::move(item));
            else if (by == By::number)
                numbers.push_back(item->number(never));
            else if (by == By::order)
                orders.push_back(*item->order(never));
            else
                texts.emplace_back(*item->text(never));
        }
        std::sort(numbers.begin(), numbers.end());
        std::sort(orders.begin(), orders.end());
        std::sort(texts.begin(), texts.end());
    }
    Truth at(Moment const& m) const override {
        if (value->is_null(m)) return truth_null;
        if (constant_holds(m)) return truth_yes;
        Truth truth = truth_no;
        for (auto const& item : varying)
            truth = either(truth, with_both(by, *value, *item, m,
                                            [](auto const& a, auto const& b) { return a == b; }));
        return truth;
    }
    [[nodiscard]] bool constant_holds(Moment const& m) const {
        if (by == By::number)
            return std::binary_search(numbers.begin(), numbers.end(), value->number(m));
        if (by == By::order)
            return std::binary_search(orders.begin(), orders.end(), *value->order(m));
        return std::binary_search(texts.begin(), texts.end(), *value->text(m), std::less<>{});
    }
    By by;
    ScalarPtr value;
    std::vector<double> numbers;
    std::vector<std::int64_t> orders;
    std::vector<std::string> texts;
    std::vector<ScalarPtr> varying;
};

struct LikeTest final : Test {
    LikeTest(ScalarPtr of, Pattern with) : value{std::move(of)}, pattern{std::move(with)} {
        reads = value->reads;
    }
    Truth at(Moment const& m) const override {
        auto const text = value->text(m);
        return text ? truth_of(pattern.matches(*text)) : truth_null;
    }
    ScalarPtr value;
    Pattern pattern;
};

struct NullScalarTest final : Test {
    explicit NullScalarTest(std::vector<ScalarPtr> of) : any_of{std::move(of)} {
        for (auto const& scalar : any_of) reads.add(scalar->reads);
    }
    Truth at(Moment const& m) const override {
        return truth_of(std::any_of(any_of.begin(), any_of.end(),
                                    [&](auto const& scalar) { return scalar->is_null(m); }));
    }
    std::vector<ScalarPtr> any_of;
};

struct NullTestTest final : Test {
    explicit NullTestTest(TestPtr test) : of{std::move(test)} { reads = of->reads; }
    Truth at(Moment const& m) const override {
        auto const truth = of->at(m);
        bool const may = (truth & truth_null) != 0;
        bool const may_not = (truth & (truth_yes | truth_no)) != 0;
        return Truth((may ? truth_yes : 0) | (may_not ? truth_no : 0));
    }
    TestPtr of;
};

struct NullSpanTest final : Test {
    explicit NullSpanTest(SpanPtr span) : of{std::move(span)} { reads = of->reads; }
    Truth at(Moment const& m) const override { return truth_of(!of->period(m)); }
    SpanPtr of;
};

struct NullGeometryTest final : Test {
    NullGeometryTest() { reads.geometry = true; }
    Truth at(Moment const& m) const override { return truth_of(!m.has_geometry); }
};

/// Time Ontology in OWL, section 4.2, on closed intervals.
bool stands_in_time(Op op, Period a, Period b) noexcept {
    switch (op) {
    case Op::t_after: return a.begin > b.end;
    case Op::t_before: return a.end < b.begin;
    case Op::t_disjoint: return a.begin > b.end || a.end < b.begin;
    case Op::t_intersects: return a.begin <= b.end && a.end >= b.begin;
    case Op::t_equals: return a.begin == b.begin && a.end == b.end;
    case Op::t_contains: return a.begin < b.begin && a.end > b.end;
    case Op::t_during: return a.begin > b.begin && a.end < b.end;
    case Op::t_finished_by: return a.begin < b.begin && a.end == b.end;
    case Op::t_finishes: return a.begin > b.begin && a.end == b.end;
    case Op::t_meets: return a.end == b.begin;
    case Op::t_met_by: return a.begin == b.end;
    case Op::t_overlaps: return a.begin < b.begin && a.end > b.begin && a.end < b.end;
    case Op::t_overlapped_by: return a.begin > b.begin && a.begin < b.end && a.end > b.end;
    case Op::t_started_by: return a.begin == b.begin && a.end > b.end;
    case Op::t_starts: return a.begin == b.begin && a.end < b.end;
    default: return false;
    }
}

struct TemporalTest final : Test {
    TemporalTest(Op with, SpanPtr a, SpanPtr b)
        : op{with}, left{std::move(a)}, right{std::move(b)} {
        reads = left->reads;
        reads.add(right->reads);
    }
    Truth at(Moment const& m) const override {
        auto const a = left->period(m);
        auto const b = right->period(m);
        return a && b ? truth_of(stands_in_time(op, *a, *b)) : truth_null;
    }
    Op op;
    SpanPtr left;
    SpanPtr right;
};

struct ArrayTest final : Test {
    ArrayTest(Op with, std::vector<Element> a, std::vector<Element> b)
        : op{with}, left{std::move(a)}, right{std::move(b)} {
        for (auto const* const side : {&left, &right})
            for (auto const& element : *side) reads.add(element.value->reads);
    }
    Truth at(Moment const& m) const override {
        for (auto const* const side : {&left, &right})
            for (auto const& element : *side)
                if (element.value->is_null(m)) return truth_null;
        switch (op) {
        case Op::a_contains: return truth_of(covers(left, right, m));
        case Op::a_contained_by: return truth_of(covers(right, left, m));
        case Op::a_equals: return truth_of(covers(left, right, m) && covers(right, left, m));
        default:
            return truth_of(std::any_of(left.begin(), left.end(), [&](auto const& element) {
                return holds(right, element, m);
            }));
        }
    }
    static bool holds(std::vector<Element> const& set, Element const& element, Moment const& m) {
        auto const same = [](auto const& a, auto const& b) { return a == b; };
        return std::any_of(set.begin(), set.end(), [&](Element const& other) {
            return other.type == element.type &&
                   with_both(element.by, *other.value, *element.value, m, same) == truth_yes;
        });
    }
    static bool covers(std::vector<Element> const& set, std::vector<Element> const& of,
                       Moment const& m) {
        return std::all_of(of.begin(), of.end(),
                           [&](auto const& element) { return holds(set, element, m); });
    }
    Op op;
    std::vector<Element> left;
    std::vector<Element> right;
};

Truth truth_of(ops::Certainty certainty) noexcept {
    if (certainty == ops::Certainty::doubtful) return truth_yes | truth_no;
    return filter::truth_of(certainty == ops::Certainty::yes);
}

} // namespace

void Test::fill(Dictionary const& dictionary, std::span<Truth> table, Moment const& moment,
                std::span<ValueView> values) const {
    if (reads.slots.empty()) {
        std::fill(table.begin(), table.end(), at(moment));
        return;
    }
    auto& value = values[reads.slots.front()];
    for (std::uint32_t code = 0; code < table.size(); ++code) {
        value = code == 0 ? ValueView{} : dictionary.value(code);
        table[code] = at(moment);
    }
}

SpatialTest::SpatialTest(ops::Relation named, Geometry shape)
    : relation{named}, reference{std::move(shape)} {
    kind = Kind::spatial;
    reads.geometry = true;
}

Truth SpatialTest::at(Moment const& m) const {
    if (!m.has_geometry) return truth_null;
    if (m.exact != nullptr) return filter::truth_of(reference.holds(relation, *m.exact));
    auto const by_box = reference.decide(relation, m.columns->box(m.row));
    if (by_box != ops::Certainty::doubtful) return truth_of(by_box);
    thread_local Geometry shape; // its memory is used again
    m.columns->geometry(m.row, shape);
    return truth_of(reference.decide(relation, shape, m.columns->tolerance(m.row)));
}

TestPtr make_truth(bool value) {
    return std::make_shared<TruthTest>(value);
}
TestPtr make_logical(Test::Kind kind, std::vector<TestPtr> children) {
    auto test = std::make_shared<LogicalTest>();
    test->kind = kind;
    for (auto const& child : children) test->reads.add(child->reads);
    test->children = std::move(children);
    return test;
}
TestPtr make_compare(Op op, By by, ScalarPtr left, ScalarPtr right) {
    return std::make_shared<CompareTest>(op, by, std::move(left), std::move(right));
}
TestPtr make_between(By by, ScalarPtr value, ScalarPtr low, ScalarPtr high) {
    return std::make_shared<BetweenTest>(by, std::move(value), std::move(low), std::move(high));
}
TestPtr make_in(By by, ScalarPtr value, std::vector<ScalarPtr> items) {
    return std::make_shared<InTest>(by, std::move(value), std::move(items));
}
TestPtr make_like(ScalarPtr value, Pattern pattern) {
    return std::make_shared<LikeTest>(std::move(value), std::move(pattern));
}
TestPtr make_is_null(std::vector<ScalarPtr> any_of) {
    return std::make_shared<NullScalarTest>(std::move(any_of));
}
TestPtr make_is_null(TestPtr of) {
    return std::make_shared<NullTestTest>(std::move(of));
}
TestPtr make_is_null(SpanPtr of) {
    return std::make_shared<NullSpanTest>(std::move(of));
}
TestPtr make_geometry_is_null() {
    return std::make_shared<NullGeometryTest>();
}
TestPtr make_temporal(Op op, SpanPtr left, SpanPtr right) {
    return std::make_shared<TemporalTest>(op, std::move(left), std::move(right));
}
TestPtr make_array_test(Op op, std::vector<Element> left, std::vector<Element> right) {
    return std::make_shared<ArrayTest>(op, std::move(left), std::move(right));
}

} // namespace diaban::geo::filter
