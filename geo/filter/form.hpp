#pragma once

#include "geo/filter/expression.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::geo::filter {

/// What an expression is by its form alone, before any type is known; a set of bits.
enum Form : std::uint16_t {
    form_predicate = 1 << 0, ///< logical, comparison, spatial, temporal and array operators
    form_boolean = 1 << 1,   ///< TRUE, FALSE
    form_text = 1 << 2,
    form_folded = 1 << 3, ///< CASEI, ACCENTI
    form_number = 1 << 4,
    form_arithmetic = 1 << 5,
    form_instant = 1 << 6,
    form_interval = 1 << 7,
    form_shape = 1 << 8,
    form_array = 1 << 9,
    form_property = 1 << 10,
    form_function = 1 << 11,
    form_open = 1 << 12,
};

/// What a filter as a whole may be (rule booleanExpression).
constexpr std::uint16_t boolean_forms = form_predicate | form_boolean | form_function;

[[nodiscard]] std::uint16_t form_of(Expression const& expression) noexcept;

/// The name of an operator in CQL2 JSON, which are its letters in CQL2 text too, but for case.
[[nodiscard]] std::string_view name_of(Op op) noexcept;
/// Exact, as JSON has it; nothing for a name that is no operator.
[[nodiscard]] std::optional<Op> op_named(std::string_view name) noexcept;
/// Without regard to ASCII case, as text has it.
[[nodiscard]] std::optional<Op> op_spelled(std::string_view word) noexcept;

[[nodiscard]] bool is_spatial(Op op) noexcept;
[[nodiscard]] bool is_temporal(Op op) noexcept;
[[nodiscard]] bool is_array(Op op) noexcept;
[[nodiscard]] bool is_arithmetic(Op op) noexcept;
[[nodiscard]] bool is_comparison(Op op) noexcept; ///< = <> < > <= >=

/// A word that CQL2 text keeps for itself, in capitals; empty if `word` is none.
[[nodiscard]] std::string_view keyword(std::string_view word) noexcept;

/// Words for a set of forms, as an error's `accepted`.
[[nodiscard]] std::string words_of(std::uint16_t forms);

/// An operand that the grammar does not allow there. The parsers say where.
struct FormError {
    std::size_t operand = 0;    ///< which; the count of operands if their number is wrong
    std::uint32_t position = 0; ///< of the operand
    std::string accepted;
};

/// Makes the call, holding each operand to what the grammar allows there.
///
/// Throws    FormError when there are too many or too few operands, or one of a form that the
///           operator does not take; Error{too_large, "filter-too-large"} beyond max_depth.
Expression make_call(Op op, std::string function, std::vector<Expression> arguments,
                     std::uint32_t position);

/// Two ends; throws as make_call.
Expression make_interval(std::vector<Expression> ends, std::uint32_t position);
/// Elements of any form; throws as make_call.
Expression make_array(std::vector<Expression> elements, std::uint32_t position);

/// Whether a shape's member can be a literal, whatever its CRS: finite numbers, closed rings of
/// four positions, lines of two. Gives the fault, or nothing.
[[nodiscard]] std::optional<std::string_view> fault_of(Geometry const& member) noexcept;

/// Error{too_large, "filter-too-large"}.
[[noreturn]] void refuse_size(std::size_t got, std::size_t most, std::string_view of);

/// `text` as an error may show it: at most 40 characters; control, bidi and other invisible
/// characters, and bytes that are not UTF-8, as \u{…}.
[[nodiscard]] std::string shown(std::string_view text);

/// The next code point of UTF-8 and its length in bytes; nothing where the bytes are none.
struct CodePoint {
    char32_t value = 0;
    std::size_t bytes = 0;
};
[[nodiscard]] std::optional<CodePoint> next_code_point(std::string_view text) noexcept;

} // namespace diaban::geo::filter
