#pragma once

#include "geo/feature.hpp"
#include "geo/geometry.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace diaban::geo::filter {

/// The operators of CQL2 (OGC 21-065r2), and `function` for a function by name.
enum class Op : std::uint8_t {
    conjunction,
    disjunction,
    negation,
    equal,
    not_equal,
    less,
    greater,
    at_most,
    at_least,
    like,
    between,
    in,
    is_null,
    casei,
    accenti,
    s_intersects,
    s_equals,
    s_disjoint,
    s_touches,
    s_within,
    s_overlaps,
    s_crosses,
    s_contains,
    t_after,
    t_before,
    t_contains,
    t_disjoint,
    t_during,
    t_equals,
    t_finished_by,
    t_finishes,
    t_intersects,
    t_meets,
    t_met_by,
    t_overlapped_by,
    t_overlaps,
    t_started_by,
    t_starts,
    a_equals,
    a_contains,
    a_contained_by,
    a_overlaps,
    add,
    subtract,
    multiply,
    divide,
    power,
    modulo,
    integer_divide,
    function,
};

struct Expression;

/// A queryable by its name.
struct Property {
    std::string name;
    friend bool operator==(Property const&, Property const&) = default;
};

/// A geometry as it was written; heights are read and dropped. `collection` says that it was a
/// GEOMETRYCOLLECTION; else there is one member.
struct Shape {
    std::vector<Geometry> members;
    bool collection = false;
    friend bool operator==(Shape const&, Shape const&) = default;
};

/// BBOX with its four or six numbers, as written. West beyond east spans the antimeridian.
struct Bbox {
    std::vector<double> numbers;
    friend bool operator==(Bbox const&, Bbox const&) = default;
};

/// The open end of an interval, written "..".
struct Open {
    friend bool operator==(Open const&, Open const&) = default;
};

/// Two ends, closed: each a Date, an Instant, Open, a Property or a function.
struct Interval {
    std::vector<Expression> ends;
};

struct Array {
    std::vector<Expression> elements;
};

/// An operator with its operands. `in` has the value first, then the list's items; NOT LIKE,
/// NOT BETWEEN, NOT IN and IS NOT NULL are a negation of the plain one.
struct Call {
    Op op = Op::function;
    std::string function; ///< its name; empty for an operator
    std::vector<Expression> arguments;
};

/// A CQL2 expression, whichever encoding it came in: a plain value.
///
/// Equality  compares what is said, not where it stood.
struct Expression {
    using Node = std::variant<bool, std::int64_t, double, std::string, Date, Instant, Open,
                              Property, Shape, Bbox, Interval, Array, Call>;
    Node node;
    std::uint32_t position = 0; ///< character of the text, from 1; 0: unknown
    std::uint32_t depth = 1;    ///< 1 for a leaf, one more than the deepest operand for the rest

    friend bool operator==(Expression const& a, Expression const& b);
};

/// What an expression may be at most; parsers refuse more with Error{too_large, "filter-too-large"}
/// before it costs memory or time.
constexpr std::size_t max_bytes = std::size_t{1} << 20; ///< of text or JSON
constexpr std::uint32_t max_depth = 100;
constexpr std::size_t max_nodes = 20'000;

} // namespace diaban::geo::filter
