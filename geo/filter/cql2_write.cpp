#include "geo/codec/rfc3339.hpp"
#include "geo/filter/cql2_json.hpp"
#include "geo/filter/cql2_shape.hpp"
#include "geo/filter/cql2_text.hpp"
#include "geo/filter/form.hpp"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <span>

namespace diaban::geo::filter {

namespace {

/// Shortest digits that read back as the same double, and as a double.
void append_number(std::string& out, double value) {
    auto const digits = fmt::format("{}", value);
    out += digits;
    if (digits.find_first_of(".e") == std::string::npos) out += ".0";
}

void append_instant_of(std::string& out, Expression::Node const& node) {
    if (auto const* const date = std::get_if<Date>(&node)) codec::append_date(out, *date);
    if (auto const* const moment = std::get_if<Instant>(&node)) codec::append_instant(out, *moment);
    if (std::holds_alternative<Open>(node)) out += "..";
}

bool is_word(std::string_view name) noexcept {
    return name == "div";
}

class TextWriter {
public:
    explicit TextWriter(std::string& out) : m_out{out} {}

    void operator()(bool value) { m_out += value ? "TRUE" : "FALSE"; }
    void operator()(std::int64_t value) { fmt::format_to(std::back_inserter(m_out), "{}", value); }
    void operator()(double value) { append_number(m_out, value); }
    void operator()(std::string const& value) { append_quoted(value); }
    void operator()(Date value) {
        m_out += "DATE('";
        codec::append_date(m_out, value);
        m_out += "')";
    }
    void operator()(Instant value) {
        m_out += "TIMESTAMP('";
        codec::append_instant(m_out, value);
        m_out += "')";
    }
    void operator()(Open) { m_out += "'..'"; }
    void operator()(Property const& property) { append_name(property.name); }
    void operator()(Shape const& shape) {
        if (shape.collection) m_out += "GEOMETRYCOLLECTION(";
        for (std::size_t i = 0; i < shape.members.size(); ++i) {
            if (i > 0) m_out += ',';
            append_shape(m_out, shape.members[i]);
        }
        if (shape.collection) m_out += ')';
    }
    void operator()(Bbox const& box) {
        m_out += "BBOX(";
        for (std::size_t i = 0; i < box.numbers.size(); ++i) {
            if (i > 0) m_out += ',';
            append_number(m_out, box.numbers[i]);
        }
        m_out += ')';
    }
    void operator()(Interval const& interval) {
        m_out += "INTERVAL(";
        append_end(interval.ends[0]);
        m_out += ',';
        append_end(interval.ends[1]);
        m_out += ')';
    }
    void operator()(Array const& array) { append_list(array.elements, 0); }
    void operator()(Call const& call) {
        auto const& arguments = call.arguments;
        switch (call.op) {
        case Op::negation:
            m_out += "NOT (";
            write(arguments[0]);
            m_out += ')';
            return;
        case Op::between:
            operand(arguments[0]);
            m_out += " BETWEEN ";
            operand(arguments[1]);
            m_out += " AND ";
            operand(arguments[2]);
            return;
        case Op::in:
            operand(arguments[0]);
            m_out += " IN ";
            append_list(arguments, 1);
            return;
        case Op::is_null:
            operand(arguments[0]);
            m_out += " IS NULL";
            return;
        case Op::function:
            m_out += call.function;
            append_list(arguments, 0);
            return;
        default: break;
        }
        bool const infix = call.op <= Op::like || is_arithmetic(call.op);
        if (!infix) {
            append_spelled(call.op);
            append_list(arguments, 0);
            return;
        }
        for (std::size_t i = 0; i < arguments.size(); ++i) {
            if (i > 0) {
                m_out += ' ';
                append_spelled(call.op);
                m_out += ' ';
            }
            operand(arguments[i]);
        }
    }

    void write(Expression const& expression) { std::visit(*this, expression.node); }

private:
    void append_spelled(Op op) {
        for (char const c : name_of(op))
            m_out += c >= 'a' && c <= 'z' && !is_word(name_of(op)) ? char(c - 'a' + 'A') : c;
    }

    /// In parentheses where it is more than one word.
    void operand(Expression const& expression) {
        bool const compound = (form_of(expression) & (form_predicate | form_arithmetic)) != 0 &&
                              !is_call_like(expression);
        if (compound) m_out += '(';
        write(expression);
        if (compound) m_out += ')';
    }

    /// Operators that are written as functions need no parentheses.
    static bool is_call_like(Expression const& expression) {
        auto const op = std::get<Call>(expression.node).op;
        return is_spatial(op) || is_temporal(op) || is_array(op);
    }

    void append_list(std::vector<Expression> const& list, std::size_t first) {
        m_out += '(';
        for (std::size_t i = first; i < list.size(); ++i) {
            if (i > first) m_out += ',';
            write(list[i]);
        }
        m_out += ')';
    }

    void append_end(Expression const& end) {
        if ((form_of(end) & (form_instant | form_open)) == 0) return write(end);
        m_out += '\'';
        append_instant_of(m_out, end.node);
        m_out += '\'';
    }

    void append_quoted(std::string_view text) {
        m_out += '\'';
        for (char const c : text) {
            if (c == '\'' || c == '\\') m_out += c;
            m_out += c;
        }
        m_out += '\'';
    }

    void append_name(std::string_view name) {
        m_out += '"';
        for (char const c : name) {
            if (c == '"') m_out += c;
            m_out += c;
        }
        m_out += '"';
    }

    std::string& m_out;
};

class JsonWriter {
public:
    explicit JsonWriter(std::string& out) : m_out{out} {}

    void operator()(bool value) { m_out += value ? "true" : "false"; }
    void operator()(std::int64_t value) { fmt::format_to(std::back_inserter(m_out), "{}", value); }
    void operator()(double value) { append_number(m_out, value); }
    void operator()(std::string const& value) { append_json_text(m_out, value); }
    void operator()(Date value) {
        m_out += R"({"date":")";
        codec::append_date(m_out, value);
        m_out += "\"}";
    }
    void operator()(Instant value) {
        m_out += R"({"timestamp":")";
        codec::append_instant(m_out, value);
        m_out += "\"}";
    }
    void operator()(Open) { m_out += "\"..\""; }
    void operator()(Property const& property) {
        m_out += R"({"property":)";
        append_json_text(m_out, property.name);
        m_out += '}';
    }
    void operator()(Shape const& shape) {
        if (!shape.collection) return append_plain(shape.members.front());
        m_out += R"({"type":"GeometryCollection","geometries":[)";
        for (std::size_t i = 0; i < shape.members.size(); ++i) {
            if (i > 0) m_out += ',';
            append_plain(shape.members[i]);
        }
        m_out += "]}";
    }
    void operator()(Bbox const& box) {
        m_out += R"({"bbox":[)";
        for (std::size_t i = 0; i < box.numbers.size(); ++i) {
            if (i > 0) m_out += ',';
            append_number(m_out, box.numbers[i]);
        }
        m_out += "]}";
    }
    void operator()(Interval const& interval) {
        m_out += R"({"interval":[)";
        append_end(interval.ends[0]);
        m_out += ',';
        append_end(interval.ends[1]);
        m_out += "]}";
    }
    void operator()(Array const& array) { append_list(array.elements, 0); }
    void operator()(Call const& call) {
        m_out += R"({"op":)";
        append_json_text(m_out, call.op == Op::function ? call.function : name_of(call.op));
        m_out += R"(,"args":)";
        if (call.op == Op::in) {
            m_out += '[';
            write(call.arguments.front());
            m_out += ',';
            append_list(call.arguments, 1);
            m_out += ']';
        } else {
            append_list(call.arguments, 0);
        }
        m_out += '}';
    }

    void write(Expression const& expression) { std::visit(*this, expression.node); }

private:
    void append_list(std::vector<Expression> const& list, std::size_t first) {
        m_out += '[';
        for (std::size_t i = first; i < list.size(); ++i) {
            if (i > first) m_out += ',';
            write(list[i]);
        }
        m_out += ']';
    }

    void append_end(Expression const& end) {
        if ((form_of(end) & form_instant) == 0) return write(end);
        m_out += '"';
        append_instant_of(m_out, end.node);
        m_out += '"';
    }

    /// As it was written, whatever the winding: codec::append_geojson turns rings as its RFC says.
    void append_plain(Geometry const& member);

    std::string& m_out;
};

void append_positions(std::string& out, std::span<Position const> path) {
    for (std::size_t i = 0; i < path.size(); ++i) {
        out += i == 0 ? "[[" : ",[";
        append_number(out, path[i].x);
        out += ',';
        append_number(out, path[i].y);
        out += ']';
    }
    out += ']';
}

void append_paths(std::string& out, Geometry const& g, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
        out += i == begin ? '[' : ',';
        append_positions(out, g.path(i));
    }
    out += ']';
}

void JsonWriter::append_plain(Geometry const& member) {
    constexpr std::array<std::string_view, 4> names{"", "Point", "LineString", "Polygon"};
    fmt::format_to(std::back_inserter(m_out), R"({{"type":"{}{}","coordinates":)",
                   member.multi ? "Multi" : "", names[std::size_t(member.kind)]);
    switch (member.kind) {
    case GeometryKind::none: break;
    case GeometryKind::point: {
        std::string positions;
        append_positions(positions, member.positions);
        m_out += member.multi ? positions : positions.substr(1, positions.size() - 2);
        break;
    }
    case GeometryKind::line:
        if (member.multi)
            append_paths(m_out, member, 0, member.path_ends.size());
        else
            append_positions(m_out, member.path(0));
        break;
    case GeometryKind::polygon:
        if (!member.multi) {
            append_paths(m_out, member, 0, member.part_ends.front());
            break;
        }
        for (std::size_t k = 0; k < member.part_ends.size(); ++k) {
            m_out += k == 0 ? '[' : ',';
            append_paths(m_out, member, k == 0 ? 0 : member.part_ends[k - 1], member.part_ends[k]);
        }
        m_out += ']';
        break;
    }
    m_out += '}';
}

} // namespace

std::string to_text(Expression const& expression) {
    std::string out;
    TextWriter{out}.write(expression);
    return out;
}

std::string to_json(Expression const& expression) {
    std::string out;
    JsonWriter{out}.write(expression);
    return out;
}

} // namespace diaban::geo::filter
