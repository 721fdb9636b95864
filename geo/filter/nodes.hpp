#pragma once

#include "geo/feature.hpp"
#include "geo/filter/columns.hpp"
#include "geo/filter/expression.hpp"
#include "geo/filter/pattern.hpp"
#include "geo/ops/relation.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace diaban::geo::filter {

/// What a predicate may be for a row: a set of true, false and null. One bit where it is known,
/// several where the columns leave it open.
using Truth = std::uint8_t;
constexpr Truth truth_yes = 1;
constexpr Truth truth_no = 2;
constexpr Truth truth_null = 4;

[[nodiscard]] constexpr Truth truth_of(bool yes) noexcept {
    return yes ? truth_yes : truth_no;
}

/// Each result that some pair of possibilities gives (SQL's tables). Bits, no branches.
[[nodiscard]] constexpr Truth both(Truth a, Truth b) noexcept {
    unsigned const null_a = (a >> 2) & ((b & 1U) | (b >> 2));
    unsigned const null_b = (b >> 2) & ((a & 1U) | (a >> 2));
    return Truth((a & b & 1U) | ((a | b) & 2U) | ((null_a | null_b) & 1U) << 2);
}
[[nodiscard]] constexpr Truth inverse(Truth a) noexcept {
    return Truth((a & 1U) << 1 | (a >> 1 & 1U) | (a & 4U));
}
[[nodiscard]] constexpr Truth either(Truth a, Truth b) noexcept {
    return inverse(both(inverse(a), inverse(b)));
}
static_assert(both(truth_null, truth_no) == truth_no && both(truth_null, truth_yes) == truth_null);
static_assert(either(truth_null, truth_yes) == truth_yes && inverse(truth_null) == truth_null);
static_assert(both(truth_yes | truth_no, truth_null) == (truth_no | truth_null));

constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

/// What a value is for each way of comparing; NaN or nothing where it is null or of another type.
[[nodiscard]] inline double number_in(ValueView const& value) noexcept {
    if (auto const* const number = std::get_if<double>(&value)) return *number;
    if (auto const* const integer = std::get_if<std::int64_t>(&value)) return double(*integer);
    return no_number;
}

[[nodiscard]] inline std::optional<std::int64_t> order_in(ValueView const& value) noexcept {
    switch (value.index()) {
    case 1: return std::int64_t{*std::get_if<bool>(&value)};
    case 2: return *std::get_if<std::int64_t>(&value);
    case 5: return std::int64_t{std::get_if<Date>(&value)->days};
    case 6: return std::get_if<Instant>(&value)->microseconds;
    default: return std::nullopt;
    }
}
static_assert(std::is_same_v<std::variant_alternative_t<5, ValueView>, Date>);
static_assert(std::is_same_v<std::variant_alternative_t<6, ValueView>, Instant>);

[[nodiscard]] inline std::optional<std::string_view> text_in(ValueView const& value) noexcept {
    auto const* const text = std::get_if<std::string_view>(&value);
    return text != nullptr ? std::optional{*text} : std::nullopt;
}

/// One row (or one entry of a dictionary) while predicates look at it.
struct Moment {
    std::span<ValueView const> values; ///< by slot; only the slots that are read need be right
    std::int64_t fid = 0;
    Period valid;
    bool has_geometry = true;
    Columns const* columns = nullptr; ///< null: `exact` is the geometry
    std::size_t row = 0;
    Geometry const* exact = nullptr;
    std::span<std::string> texts; ///< what folding nodes write to, one each
};

/// What a node looks at.
struct Reads {
    std::vector<std::uint32_t> slots; ///< ascending, each once
    bool fid = false;
    bool valid = false;
    bool geometry = false;

    void add(Reads const& other);
    /// Whether all it needs is the value of one slot.
    [[nodiscard]] bool one_slot() const noexcept {
        return slots.size() == 1 && !fid && !valid && !geometry;
    }
    [[nodiscard]] bool nothing() const noexcept {
        return slots.empty() && !fid && !valid && !geometry;
    }
};

/// A value of a row. Each kind answers what its type has: `number` is NaN for null.
struct Scalar {
    virtual ~Scalar() = default;
    [[nodiscard]] virtual double number(Moment const& moment) const;
    /// int64 for integers; 0 and 1; days; microseconds.
    [[nodiscard]] virtual std::optional<std::int64_t> order(Moment const& moment) const;
    [[nodiscard]] virtual std::optional<std::string_view> text(Moment const& moment) const;
    [[nodiscard]] virtual bool is_null(Moment const& moment) const = 0;
    /// Whether it is the value of a slot and nothing else.
    [[nodiscard]] virtual bool is_column() const noexcept { return false; }
    Reads reads;
};
using ScalarPtr = std::unique_ptr<Scalar const>;

/// Which of a scalar's answers a comparison asks for.
enum class By : std::uint8_t { number, order, text };

ScalarPtr make_column(std::uint32_t slot);
ScalarPtr make_fid();
ScalarPtr make_constant(Value value);
ScalarPtr make_fold(Op op, ScalarPtr argument, std::size_t scratch);
ScalarPtr make_arithmetic(Op op, ScalarPtr left, ScalarPtr right);
ScalarPtr make_function(std::string_view name, ScalarPtr argument, std::size_t scratch);

/// A span of time of a row.
struct Span {
    virtual ~Span() = default;
    /// Nothing for null.
    [[nodiscard]] virtual std::optional<Period> period(Moment const& moment) const = 0;
    Reads reads;
};
using SpanPtr = std::unique_ptr<Span const>;

/// How the order of a scalar becomes a bound: dates may count as days, or as the first or last
/// microsecond of their local day.
enum class Bound : std::uint8_t { as_is, first_of_day, last_of_day };

SpanPtr make_span(ScalarPtr begin, Bound begin_bound, ScalarPtr end, Bound end_bound);
SpanPtr make_valid_span();

/// A predicate.
struct Test {
    enum class Kind : std::uint8_t { leaf, conjunction, disjunction, negation, spatial };
    virtual ~Test() = default;
    [[nodiscard]] virtual Truth at(Moment const& moment) const = 0;
    /// `at` for every code of the one slot it reads; null at code 0. `values` are the moment's.
    /// Overridden where the plain way would be slow: columns may have as many values as rows.
    virtual void fill(Dictionary const& dictionary, std::span<Truth> table, Moment const& moment,
                      std::span<ValueView> values) const;
    Kind kind = Kind::leaf;
    Reads reads;
    std::vector<std::shared_ptr<Test const>> children;
};
using TestPtr = std::shared_ptr<Test const>;

TestPtr make_truth(bool value);
TestPtr make_logical(Test::Kind kind, std::vector<TestPtr> children);
TestPtr make_compare(Op op, By by, ScalarPtr left, ScalarPtr right);
/// Null if any of the three is, as the standard has it.
TestPtr make_between(By by, ScalarPtr value, ScalarPtr low, ScalarPtr high);
TestPtr make_in(By by, ScalarPtr value, std::vector<ScalarPtr> items);
TestPtr make_like(ScalarPtr value, Pattern pattern);
TestPtr make_is_null(std::vector<ScalarPtr> any_of);
TestPtr make_is_null(TestPtr of);
TestPtr make_is_null(SpanPtr of);
TestPtr make_geometry_is_null();
TestPtr make_temporal(Op op, SpanPtr left, SpanPtr right);

/// An element of an array: how it is compared, and its value.
struct Element {
    By by = By::number;
    std::uint8_t type = 0; ///< elements of other types are never equal
    ScalarPtr value;
};
TestPtr make_array_test(Op op, std::vector<Element> left, std::vector<Element> right);

/// "row relation reference".
struct SpatialTest final : Test {
    SpatialTest(ops::Relation named, Geometry shape);
    [[nodiscard]] Truth at(Moment const& moment) const override;
    ops::Relation relation;
    ops::Reference reference;
};

} // namespace diaban::geo::filter
