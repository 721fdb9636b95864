#pragma once

#include "geo/feature.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace diaban::geo::sta {

/// A geometry as it was written, WKT.
struct Shape {
    std::string wkt;
    friend bool operator==(Shape const&, Shape const&) = default;
};

using Literal = std::variant<std::monostate, bool, double, std::string, Instant, Shape>;

/// What `$filter` and `$orderby` say, as a tree (OData 4.0, Part 2, 5.1.1, as far as 18-088 asks
/// for it in tables 22 to 24).
///
/// `path`       of a property: relations on the way to it, then its name in its parts:
///              `Datastream`, `unitOfMeasurement`, `symbol`.
/// `name`       of a call: an operator (eq, and, not, add, negate, …) or a function.
struct Expression {
    enum class Kind : std::uint8_t { property, literal, call };
    Kind kind = Kind::literal;
    std::vector<std::string> path{};
    Literal literal{};
    std::string name{};
    std::vector<Expression> arguments{};
    std::size_t at = 0; ///< where in the text it begins, in bytes

    friend bool operator==(Expression const&, Expression const&) = default;
};

/// Bounds    4,000 bytes, nested 40 deep; more is refused.
/// Throws    Error{bad_input, "sta-syntax"} with the text from where it cannot be read on.
[[nodiscard]] Expression read_expression(std::string_view text);

/// The same of what an ordering is by: a path or a function of it.
struct Ordering {
    Expression by;
    bool descending = false;

    friend bool operator==(Ordering const&, Ordering const&) = default;
};
/// `name desc,Datastream/id`; at most 8. Throws as `read_expression`.
[[nodiscard]] std::vector<Ordering> read_orderings(std::string_view text);

} // namespace diaban::geo::sta
