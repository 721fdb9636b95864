#include "geo/filter/nodes.hpp"

#include "geo/filter/fold.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

namespace diaban::geo::filter {

void Reads::add(Reads const& other) {
    for (auto const slot : other.slots) {
        auto const at = std::lower_bound(slots.begin(), slots.end(), slot);
        if (at == slots.end() || *at != slot) slots.insert(at, slot);
    }
    fid = fid || other.fid;
    valid = valid || other.valid;
    geometry = geometry || other.geometry;
}

double Scalar::number(Moment const& moment) const {
    auto const integer = order(moment);
    return integer ? double(*integer) : std::numeric_limits<double>::quiet_NaN();
}
std::optional<std::int64_t> Scalar::order(Moment const&) const {
    return std::nullopt;
}
std::optional<std::string_view> Scalar::text(Moment const&) const {
    return std::nullopt;
}

namespace {

bool null_in(ValueView const& value) noexcept {
    if (std::holds_alternative<std::monostate>(value)) return true;
    auto const* const number = std::get_if<double>(&value);
    return number != nullptr && std::isnan(*number);
}

struct ColumnScalar final : Scalar {
    explicit ColumnScalar(std::uint32_t of) : slot{of} { reads.slots = {of}; }
    double number(Moment const& m) const override { return number_in(m.values[slot]); }
    std::optional<std::int64_t> order(Moment const& m) const override {
        return order_in(m.values[slot]);
    }
    std::optional<std::string_view> text(Moment const& m) const override {
        return text_in(m.values[slot]);
    }
    bool is_null(Moment const& m) const override { return null_in(m.values[slot]); }
    bool is_column() const noexcept override { return true; }
    std::uint32_t slot;
};

struct FidScalar final : Scalar {
    FidScalar() { reads.fid = true; }
    std::optional<std::int64_t> order(Moment const& m) const override { return m.fid; }
    bool is_null(Moment const&) const override { return false; }
};

struct ConstantScalar final : Scalar {
    explicit ConstantScalar(Value of) : value{std::move(of)} {
        view = std::visit([](auto const& held) -> ValueView { return held; }, value);
    }
    double number(Moment const&) const override { return number_in(view); }
    std::optional<std::int64_t> order(Moment const&) const override { return order_in(view); }
    std::optional<std::string_view> text(Moment const&) const override { return text_in(view); }
    bool is_null(Moment const&) const override { return null_in(view); }
    Value value;
    ValueView view;
};

struct FoldScalar final : Scalar {
    FoldScalar(Op with, ScalarPtr of, std::size_t into)
        : op{with}, argument{std::move(of)}, scratch{into} {
        reads = argument->reads;
    }
    std::optional<std::string_view> text(Moment const& m) const override {
        auto const plain = argument->text(m);
        if (!plain) return std::nullopt;
        auto& folded = m.texts[scratch];
        op == Op::casei ? fold_case(*plain, folded) : fold_accents(*plain, folded);
        return folded;
    }
    bool is_null(Moment const& m) const override { return argument->is_null(m); }
    Op op;
    ScalarPtr argument;
    std::size_t scratch;
};

double finite(double value) noexcept {
    return std::isfinite(value) ? value : no_number;
}

struct ArithmeticScalar final : Scalar {
    ArithmeticScalar(Op with, ScalarPtr a, ScalarPtr b)
        : op{with}, left{std::move(a)}, right{std::move(b)} {
        reads = left->reads;
        reads.add(right->reads);
    }
    double number(Moment const& m) const override {
        double const a = left->number(m);
        double const b = right->number(m);
        // NaN is null, and pow(NaN, 0) would forget it.
        if (std::isnan(a) || std::isnan(b)) return no_number;
        switch (op) {
        case Op::add: return finite(a + b);
        case Op::subtract: return finite(a - b);
        case Op::multiply: return finite(a * b);
        case Op::divide: return b == 0 ? no_number : finite(a / b);
        case Op::power: return finite(std::pow(a, b));
        case Op::modulo: return b == 0 ? no_number : std::fmod(a, b);
        case Op::integer_divide: return b == 0 ? no_number : finite(std::trunc(a / b));
        default: return no_number;
        }
    }
    bool is_null(Moment const& m) const override { return std::isnan(number(m)); }
    Op op;
    ScalarPtr left;
    ScalarPtr right;
};

std::int64_t code_points(std::string_view text) noexcept {
    return std::count_if(text.begin(), text.end(),
                         [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; });
}

struct FunctionScalar final : Scalar {
    FunctionScalar(std::string_view named, ScalarPtr of, std::size_t into)
        : name{named}, argument{std::move(of)}, scratch{into} {
        reads = argument->reads;
    }
    double number(Moment const& m) const override {
        if (name == "length") return Scalar::number(m);
        double const x = argument->number(m);
        if (name == "abs") return std::abs(x);
        if (name == "ceil") return std::ceil(x);
        if (name == "floor") return std::floor(x);
        if (name == "round") return std::nearbyint(x);
        return std::sqrt(x); // NaN, which is null, of a negative number
    }
    std::optional<std::int64_t> order(Moment const& m) const override {
        if (name != "length") return std::nullopt;
        auto const text = argument->text(m);
        return text ? std::optional{code_points(*text)} : std::nullopt;
    }
    std::optional<std::string_view> text(Moment const& m) const override {
        auto const plain = argument->text(m);
        if (!plain) return std::nullopt;
        auto& changed = m.texts[scratch];
        name == "lower" ? lower_case(*plain, changed) : upper_case(*plain, changed);
        return changed;
    }
    bool is_null(Moment const& m) const override {
        return argument->is_null(m) || (name == "sqrt" && std::isnan(number(m)));
    }
    std::string_view name;
    ScalarPtr argument;
    std::size_t scratch;
};

/// 00:00 in Viet Nam, which keeps UTC+7 all year, is 17:00 UTC of the day before.
constexpr std::int64_t day_length = 86'400'000'000;
constexpr std::int64_t local_offset = 7 * std::int64_t{3'600'000'000};

std::int64_t bound_at(std::int64_t order, Bound bound) noexcept {
    if (bound == Bound::as_is) return order;
    auto const begin = order * day_length - local_offset;
    return bound == Bound::first_of_day ? begin : begin + day_length - 1;
}

struct ScalarSpan final : Span {
    ScalarSpan(ScalarPtr from, Bound from_bound, ScalarPtr to, Bound to_bound)
        : begin{std::move(from)}, begin_bound{from_bound}, end{std::move(to)}, end_bound{to_bound} {
        if (begin) reads.add(begin->reads);
        if (end) reads.add(end->reads);
    }
    std::optional<Period> period(Moment const& m) const override {
        Period period;
        if (begin) {
            auto const order = begin->order(m);
            if (!order) return std::nullopt;
            period.begin = bound_at(*order, begin_bound);
        }
        if (end) {
            auto const order = end->order(m);
            if (!order) return std::nullopt;
            period.end = bound_at(*order, end_bound);
        }
        return period;
    }
    ScalarPtr begin; // none: open
    Bound begin_bound;
    ScalarPtr end; // none: open
    Bound end_bound;
};

struct ValidSpan final : Span {
    ValidSpan() { reads.valid = true; }
    std::optional<Period> period(Moment const& m) const override {
        return m.valid == Period::never() ? std::nullopt : std::optional{m.valid};
    }
};

} // namespace

ScalarPtr make_column(std::uint32_t slot) {
    return std::make_unique<ColumnScalar>(slot);
}
ScalarPtr make_fid() {
    return std::make_unique<FidScalar>();
}
ScalarPtr make_constant(Value value) {
    return std::make_unique<ConstantScalar>(std::move(value));
}
ScalarPtr make_fold(Op op, ScalarPtr argument, std::size_t scratch) {
    return std::make_unique<FoldScalar>(op, std::move(argument), scratch);
}
ScalarPtr make_arithmetic(Op op, ScalarPtr left, ScalarPtr right) {
    return std::make_unique<ArithmeticScalar>(op, std::move(left), std::move(right));
}
ScalarPtr make_function(std::string_view name, ScalarPtr argument, std::size_t scratch) {
    return std::make_unique<FunctionScalar>(name, std::move(argument), scratch);
}
SpanPtr make_span(ScalarPtr begin, Bound begin_bound, ScalarPtr end, Bound end_bound) {
    return std::make_unique<ScalarSpan>(std::move(begin), begin_bound, std::move(end), end_bound);
}
SpanPtr make_valid_span() {
    return std::make_unique<ValidSpan>();
}

} // namespace diaban::geo::filter
