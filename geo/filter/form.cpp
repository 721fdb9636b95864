#include "geo/filter/form.hpp"

#include "geo/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>

namespace diaban::geo::filter {

bool operator==(Interval const& a, Interval const& b) {
    return a.ends == b.ends;
}
bool operator==(Array const& a, Array const& b) {
    return a.elements == b.elements;
}
bool operator==(Call const& a, Call const& b) {
    return a.op == b.op && a.function == b.function && a.arguments == b.arguments;
}
bool operator==(Expression const& a, Expression const& b) {
    return a.node == b.node;
}

namespace {

constexpr std::uint16_t character_forms = form_text | form_folded | form_property | form_function;
constexpr std::uint16_t numeric_forms =
    form_number | form_arithmetic | form_property | form_function;
constexpr std::uint16_t scalar_forms =
    character_forms | numeric_forms | form_instant | form_boolean;
constexpr std::uint16_t spatial_forms = form_shape | form_property | form_function;
constexpr std::uint16_t temporal_forms =
    form_instant | form_interval | form_property | form_function;
constexpr std::uint16_t array_forms = form_array | form_property | form_function;
constexpr std::uint16_t nullable_forms =
    scalar_forms | spatial_forms | temporal_forms | form_predicate;
constexpr std::uint16_t any_forms = nullable_forms | form_array;

constexpr std::size_t many = std::numeric_limits<std::size_t>::max();

/// An operator: its JSON name, how many operands, their forms (the last one's for all further).
struct Rule {
    Op op;
    std::string_view name;
    std::size_t least;
    std::size_t most;
    std::uint16_t first;
    std::uint16_t rest;
};

constexpr Rule pair(Op op, std::string_view name, std::uint16_t forms) {
    return {op, name, 2, 2, forms, forms};
}

constexpr std::array rules{
    Rule{Op::conjunction, "and", 2, many, boolean_forms, boolean_forms},
    Rule{Op::disjunction, "or", 2, many, boolean_forms, boolean_forms},
    Rule{Op::negation, "not", 1, 1, boolean_forms, boolean_forms},
    pair(Op::equal, "=", scalar_forms),
    pair(Op::not_equal, "<>", scalar_forms),
    pair(Op::less, "<", scalar_forms),
    pair(Op::greater, ">", scalar_forms),
    pair(Op::at_most, "<=", scalar_forms),
    pair(Op::at_least, ">=", scalar_forms),
    Rule{Op::like, "like", 2, 2, character_forms, form_text | form_folded},
    Rule{Op::between, "between", 3, 3, numeric_forms, numeric_forms},
    Rule{Op::in, "in", 2, many, scalar_forms, scalar_forms},
    Rule{Op::is_null, "isNull", 1, 1, nullable_forms, nullable_forms},
    Rule{Op::casei, "casei", 1, 1, character_forms, character_forms},
    Rule{Op::accenti, "accenti", 1, 1, character_forms, character_forms},
    pair(Op::s_intersects, "s_intersects", spatial_forms),
    pair(Op::s_equals, "s_equals", spatial_forms),
    pair(Op::s_disjoint, "s_disjoint", spatial_forms),
    pair(Op::s_touches, "s_touches", spatial_forms),
    pair(Op::s_within, "s_within", spatial_forms),
    pair(Op::s_overlaps, "s_overlaps", spatial_forms),
    pair(Op::s_crosses, "s_crosses", spatial_forms),
    pair(Op::s_contains, "s_contains", spatial_forms),
    pair(Op::t_after, "t_after", temporal_forms),
    pair(Op::t_before, "t_before", temporal_forms),
    pair(Op::t_contains, "t_contains", temporal_forms),
    pair(Op::t_disjoint, "t_disjoint", temporal_forms),
    pair(Op::t_during, "t_during", temporal_forms),
    pair(Op::t_equals, "t_equals", temporal_forms),
    pair(Op::t_finished_by, "t_finishedBy", temporal_forms),
    pair(Op::t_finishes, "t_finishes", temporal_forms),
    pair(Op::t_intersects, "t_intersects", temporal_forms),
    pair(Op::t_meets, "t_meets", temporal_forms),
    pair(Op::t_met_by, "t_metBy", temporal_forms),
    pair(Op::t_overlapped_by, "t_overlappedBy", temporal_forms),
    pair(Op::t_overlaps, "t_overlaps", temporal_forms),
    pair(Op::t_started_by, "t_startedBy", temporal_forms),
    pair(Op::t_starts, "t_starts", temporal_forms),
    pair(Op::a_equals, "a_equals", array_forms),
    pair(Op::a_contains, "a_contains", array_forms),
    pair(Op::a_contained_by, "a_containedBy", array_forms),
    pair(Op::a_overlaps, "a_overlaps", array_forms),
    pair(Op::add, "+", numeric_forms),
    pair(Op::subtract, "-", numeric_forms),
    pair(Op::multiply, "*", numeric_forms),
    pair(Op::divide, "/", numeric_forms),
    pair(Op::power, "^", numeric_forms),
    pair(Op::modulo, "%", numeric_forms),
    pair(Op::integer_divide, "div", numeric_forms),
    Rule{Op::function, "", 0, many, any_forms, any_forms},
};

constexpr bool rules_follow_the_operators() {
    for (std::size_t i = 0; i < rules.size(); ++i)
        if (std::size_t(rules[i].op) != i) return false;
    return true;
}
static_assert(rules_follow_the_operators());

Rule const& rule_of(Op op) noexcept {
    return rules[std::size_t(op)];
}

constexpr char upper(char c) noexcept {
    return c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c;
}

constexpr bool same_word(std::string_view a, std::string_view b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return upper(x) == upper(y); });
}

/// Clause "CQL2 Text" of the standard, and ENVELOPE and INTERVAL, which its grammar has besides.
constexpr std::array<std::string_view, 52> keywords{
    "A_CONTAINEDBY",
    "A_CONTAINS",
    "A_EQUALS",
    "A_OVERLAPS",
    "ACCENTI",
    "AND",
    "BBOX",
    "BETWEEN",
    "CASEI",
    "DATE",
    "DIV",
    "ENVELOPE",
    "FALSE",
    "IN",
    "INTERVAL",
    "IS",
    "LIKE",
    "LINESTRING",
    "MULTIPOINT",
    "MULTIPOLYGON",
    "NOT",
    "NULL",
    "OR",
    "POINT",
    "POLYGON",
    "S_CONTAINS",
    "S_CROSSES",
    "S_DISJOINT",
    "S_EQUALS",
    "S_INTERSECTS",
    "S_OVERLAPS",
    "S_TOUCHES",
    "S_WITHIN",
    "T_AFTER",
    "T_BEFORE",
    "T_CONTAINS",
    "T_DISJOINT",
    "T_DURING",
    "T_EQUALS",
    "T_FINISHEDBY",
    "T_FINISHES",
    "T_INTERSECTS",
    "T_MEETS",
    "T_METBY",
    "T_OVERLAPS",
    "T_STARTEDBY",
    "T_STARTS",
    "T_OVERLAPPEDBY",
    "TIMESTAMP",
    "TRUE",
    "GEOMETRYCOLLECTION",
    "MULTILINESTRING",
};

struct FormWord {
    std::uint16_t form;
    std::string_view word;
};
constexpr std::array form_words{
    FormWord{form_predicate, "predicate"},
    FormWord{form_boolean, "TRUE, FALSE"},
    FormWord{form_text, "'text'"},
    FormWord{form_folded, "CASEI(), ACCENTI()"},
    FormWord{form_number, "number"},
    FormWord{form_arithmetic, "arithmetic"},
    FormWord{form_instant, "DATE(), TIMESTAMP()"},
    FormWord{form_interval, "INTERVAL()"},
    FormWord{form_shape, "geometry, BBOX()"},
    FormWord{form_array, "array"},
    FormWord{form_property, "property"},
    FormWord{form_function, "function()"},
    FormWord{form_open, "'..'"},
};

/// A pattern is a text, folded or not: nothing that changes from row to row.
bool is_pattern(Expression const& expression) noexcept {
    if (std::holds_alternative<std::string>(expression.node)) return true;
    auto const* const call = std::get_if<Call>(&expression.node);
    return call != nullptr && (call->op == Op::casei || call->op == Op::accenti) &&
           is_pattern(call->arguments.front());
}

bool invisible(char32_t c) noexcept {
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c ||
           (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || c >= 0xe0000;
}

} // namespace

std::uint16_t form_of(Expression const& expression) noexcept {
    struct Of {
        std::uint16_t operator()(bool) const { return form_boolean; }
        std::uint16_t operator()(std::int64_t) const { return form_number; }
        std::uint16_t operator()(double) const { return form_number; }
        std::uint16_t operator()(std::string const&) const { return form_text; }
        std::uint16_t operator()(Date) const { return form_instant; }
        std::uint16_t operator()(Instant) const { return form_instant; }
        std::uint16_t operator()(Open) const { return form_open; }
        std::uint16_t operator()(Property const&) const { return form_property; }
        std::uint16_t operator()(Shape const&) const { return form_shape; }
        std::uint16_t operator()(Bbox const&) const { return form_shape; }
        std::uint16_t operator()(Interval const&) const { return form_interval; }
        std::uint16_t operator()(Array const&) const { return form_array; }
        std::uint16_t operator()(Call const& call) const {
            if (call.op == Op::function) return form_function;
            if (call.op == Op::casei || call.op == Op::accenti) return form_folded;
            return is_arithmetic(call.op) ? form_arithmetic : form_predicate;
        }
    };
    return std::visit(Of{}, expression.node);
}

std::string_view name_of(Op op) noexcept {
    return rule_of(op).name;
}

std::optional<Op> op_named(std::string_view name) noexcept {
    for (auto const& rule : rules)
        if (rule.name == name && rule.op != Op::function) return rule.op;
    return std::nullopt;
}

std::optional<Op> op_spelled(std::string_view word) noexcept {
    for (auto const& rule : rules)
        if (rule.op != Op::function && same_word(rule.name, word)) return rule.op;
    return std::nullopt;
}

bool is_spatial(Op op) noexcept {
    return op >= Op::s_intersects && op <= Op::s_contains;
}
bool is_temporal(Op op) noexcept {
    return op >= Op::t_after && op <= Op::t_starts;
}
bool is_array(Op op) noexcept {
    return op >= Op::a_equals && op <= Op::a_overlaps;
}
bool is_arithmetic(Op op) noexcept {
    return op >= Op::add && op <= Op::integer_divide;
}
bool is_comparison(Op op) noexcept {
    return op >= Op::equal && op <= Op::at_least;
}

std::string_view keyword(std::string_view word) noexcept {
    if (word.empty()) return {};
    for (auto const known : keywords)
        if (same_word(known, word)) return known;
    return {};
}

std::string words_of(std::uint16_t forms) {
    std::string words;
    for (auto const& [form, word] : form_words) {
        if ((forms & form) == 0) continue;
        if (!words.empty()) words += ", ";
        words += word;
    }
    return words;
}

namespace {

/// The depth of what holds `parts`, within the bound.
std::uint32_t depth_above(std::vector<Expression> const& parts) {
    std::uint32_t depth = 0;
    for (auto const& part : parts) depth = std::max(depth, part.depth);
    if (depth >= max_depth) refuse_size(depth + 1, max_depth, "levels");
    return depth + 1;
}

} // namespace

Expression make_interval(std::vector<Expression> ends, std::uint32_t position) {
    constexpr std::uint16_t allowed = form_instant | form_open | form_property | form_function;
    if (ends.size() != 2) throw FormError{ends.size(), position, "2 ends"};
    for (std::size_t i = 0; i < 2; ++i)
        if ((form_of(ends[i]) & allowed) == 0)
            throw FormError{i, ends[i].position, words_of(allowed)};
    auto const depth = depth_above(ends);
    return {Interval{std::move(ends)}, position, depth};
}

Expression make_array(std::vector<Expression> elements, std::uint32_t position) {
    auto const depth = depth_above(elements);
    return {Array{std::move(elements)}, position, depth};
}

std::optional<std::string_view> fault_of(Geometry const& member) noexcept {
    if (member.positions.empty()) return "empty";
    for (auto const p : member.positions)
        if (!std::isfinite(p.x) || !std::isfinite(p.y)) return "non-finite-coordinate";
    std::size_t const least = member.kind == GeometryKind::polygon ? 4 : 2;
    for (std::size_t i = 0; i < member.path_ends.size(); ++i) {
        auto const path = member.path(i);
        if (path.size() < least) return "too-few-points";
        if (least == 4 && path.front() != path.back()) return "ring-not-closed";
    }
    return std::nullopt;
}

Expression make_call(Op op, std::string function, std::vector<Expression> arguments,
                     std::uint32_t position) {
    auto const& rule = rule_of(op);
    if (arguments.size() < rule.least || arguments.size() > rule.most)
        throw FormError{
            arguments.size(), position,
            fmt::format("{}{} operands", rule.least, rule.most == rule.least ? "" : " or more")};
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        auto const allowed = i == 0 ? rule.first : rule.rest;
        bool const fits = (form_of(arguments[i]) & allowed) != 0 &&
                          (op != Op::like || i == 0 || is_pattern(arguments[i]));
        if (!fits) throw FormError{i, arguments[i].position, words_of(allowed)};
    }
    auto const depth = depth_above(arguments);
    return {Call{op, std::move(function), std::move(arguments)}, position, depth};
}

void refuse_size(std::size_t got, std::size_t most, std::string_view of) {
    throw Error{
        Code::too_large,
        "filter-too-large",
        {{"value", fmt::format("{} {}", got, of)}, {"accepted", fmt::format("{} {}", most, of)}}};
}

std::optional<CodePoint> next_code_point(std::string_view text) noexcept {
    auto const byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if (text.empty()) return std::nullopt;
    unsigned const first = byte(0);
    if (first < 0x80) return CodePoint{first, 1};
    std::size_t const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < length) return std::nullopt;
    char32_t value = first & (0x7fU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0U) != 0x80U) return std::nullopt;
        value = value << 6 | (byte(i) & 0x3fU);
    }
    constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
    if (value < least[length] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return std::nullopt;
    return CodePoint{value, length};
}

std::string shown(std::string_view text) {
    constexpr int most = 40;
    std::string result;
    for (int i = 0; !text.empty(); ++i) {
        if (i == most) return result + "…";
        auto const next = next_code_point(text);
        if (!next)
            result += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
        else if (invisible(next->value))
            result += fmt::format("\\u{{{:x}}}", std::uint32_t(next->value));
        else
            result += text.substr(0, next->bytes);
        text.remove_prefix(next ? next->bytes : 1);
    }
    return result;
}

} // namespace diaban::geo::filter
