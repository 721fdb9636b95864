#pragma once

#include "geo/filter/filter.hpp"
#include "geo/filter/nodes.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace diaban::geo::filter {

/// A value of a known type.
struct Typed {
    Queryable::Type type = Queryable::Type::text;
    ScalarPtr scalar;
};

/// A predicate and a box outside of which it is never true, if it implies one.
struct Bounded {
    TestPtr test;
    std::optional<Box> box;
};

/// Turns an expression into predicates over slots, holding every property, function and type to the
/// schema. For one use; Filter::make says what it throws.
class Binder {
public:
    Binder(Schema const& schema, Policy const& policy) : m_queryables{queryables(schema, policy)} {}

    Bounded predicate(Expression const& expression);

    std::vector<std::string> fields; ///< by slot
    std::uint32_t cost = 0;
    std::size_t texts = 0; ///< how many nodes write texts of their own

private:
    Bounded logical(Call const& call);
    TestPtr comparison(Call const& call);
    TestPtr between(Call const& call);
    TestPtr in(Call const& call);
    TestPtr like(Call const& call);
    TestPtr is_null(Expression const& operand);
    TestPtr temporal(Call const& call);
    TestPtr array(Call const& call);
    Bounded spatial(Call const& call);

    Queryable const& queryable(Expression const& expression);
    Typed scalar(Expression const& expression);
    Typed column(Queryable const& queryable, Expression const& expression);
    Typed call_scalar(Call const& call, Expression const& expression);
    ScalarPtr scalar_of(Expression const& expression, Queryable::Type wanted);
    SpanPtr span(Expression const& expression, bool days);
    SpanPtr end_span(Interval const& interval, bool days);
    bool holds_timestamp(Expression const& expression);
    bool is_interval(Expression const& expression);
    std::vector<Element> elements(Expression const& expression);
    /// How two operands are compared; refuses if they cannot be.
    By by(Typed const& a, Expression const& said_a, Typed const& b, Expression const& said_b);

    /// Adds to the cost what the values of `test` take that have been bound since the last charge.
    TestPtr charged(TestPtr test);
    /// What a scalar that reads nothing always is.
    [[nodiscard]] ScalarPtr constant(Typed const& typed) const;

    std::vector<Queryable> m_queryables;
    std::uint32_t m_varying = 0; ///< values that are no constants, since the last charge
};

/// Error{bad_input, "filter-type"}: an operand as written and what it is, and what stands against.
[[noreturn]] void refuse_type(Expression const& operand, std::string_view type,
                              std::string_view other);
/// Where it stands, as an error says it: "/", the whole, where JSON did not tell.
[[nodiscard]] std::string position_of(Expression const& expression);
/// An operand as an error shows it.
[[nodiscard]] std::string said(Expression const& expression, std::string_view type);

/// A literal geometry as parts of one kind each: one part where that is possible.
/// Throws   Error{bad_input, "bad-filter-geometry"}.
[[nodiscard]] std::vector<Geometry> parts_of(Expression const& literal);

} // namespace diaban::geo::filter
