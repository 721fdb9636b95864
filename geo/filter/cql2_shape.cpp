#include "geo/filter/cql2_shape.hpp"

#include "geo/filter/form.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <iterator>

namespace diaban::geo::filter {

namespace {

struct Word {
    std::string_view word;
    GeometryKind kind;
    bool multi;
};

constexpr std::array words{
    Word{"POINT", GeometryKind::point, false},
    Word{"LINESTRING", GeometryKind::line, false},
    Word{"POLYGON", GeometryKind::polygon, false},
    Word{"MULTIPOINT", GeometryKind::point, true},
    Word{"MULTILINESTRING", GeometryKind::line, true},
    Word{"MULTIPOLYGON", GeometryKind::polygon, true},
};

Word const* simple_word(Token const& token) noexcept {
    for (auto const& word : words)
        if (token.is_word(word.word)) return &word;
    return nullptr;
}

Position read_position(Tokens& tokens) {
    Position p;
    p.x = read_signed(tokens);
    p.y = read_signed(tokens);
    if (!tokens.now().is(",") && !tokens.now().is(")"))
        static_cast<void>(read_signed(tokens)); // height
    return p;
}

/// "(" item {"," item} ")"
template <typename Read>
void read_list(Tokens& tokens, Read const& read) {
    tokens.require("(");
    do read();
    while (tokens.accept(","));
    if (!tokens.accept(")")) refuse(tokens.now().position, tokens.now().spelling, ", )");
}

void read_path(Tokens& tokens, Geometry& into) {
    read_list(tokens, [&] { into.positions.push_back(read_position(tokens)); });
    into.path_ends.push_back(std::uint32_t(into.positions.size()));
}

void read_polygon(Tokens& tokens, Geometry& into) {
    read_list(tokens, [&] { read_path(tokens, into); });
    into.part_ends.push_back(std::uint32_t(into.path_ends.size()));
}

void read_point(Tokens& tokens, Geometry& into) {
    bool const enclosed = tokens.accept("(");
    into.positions.push_back(read_position(tokens));
    if (enclosed) tokens.require(")");
}

void read_members(Tokens& tokens, Word const& word, Geometry& into) {
    auto const one = [&] {
        if (word.kind == GeometryKind::point) return read_point(tokens, into);
        if (word.kind == GeometryKind::line) return read_path(tokens, into);
        return read_polygon(tokens, into);
    };
    if (word.multi) return read_list(tokens, one);
    if (word.kind != GeometryKind::point) return one();
    tokens.require("(");
    into.positions.push_back(read_position(tokens));
    tokens.require(")");
}

Geometry read_member(Tokens& tokens) {
    auto const* const word = simple_word(tokens.now());
    auto const position = tokens.now().position;
    if (word == nullptr)
        refuse(position, tokens.now().spelling,
               "POINT, LINESTRING, POLYGON, MULTIPOINT, MULTILINESTRING, MULTIPOLYGON");
    tokens.advance();
    tokens.accept("Z");
    Geometry member;
    member.kind = word->kind;
    member.multi = word->multi;
    member.srid = 4326;
    read_members(tokens, *word, member);
    if (auto const fault = fault_of(member)) refuse(position, word->word, *fault);
    return member;
}

Expression read_bbox(Tokens& tokens) {
    auto const position = tokens.now().position;
    tokens.advance();
    Bbox box;
    read_list(tokens, [&] { box.numbers.push_back(read_signed(tokens)); });
    if (box.numbers.size() != 4 && box.numbers.size() != 6)
        refuse(position, fmt::format("BBOX of {}", box.numbers.size()), "4, 6");
    return {std::move(box), position};
}

double magnitude(Token const& token) {
    double value = 0;
    auto const text = token.spelling;
    // from_chars takes neither ".5" nor "5." amiss; out of range is what it says of 1e999 and, for
    // doubles too small to hold, of 1e-999, which is as good as nothing.
    auto const [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault == std::errc::result_out_of_range) {
        auto const e = text.find_first_of("eE");
        if (e != std::string_view::npos && e + 1 < text.size() && text[e + 1] == '-') return 0;
        refuse(token.position, token.spelling, "number < 1.8E308");
    }
    if (fault != std::errc{} || end != text.data() + text.size())
        refuse(token.position, token.spelling, "number");
    return value;
}

void append_path(std::string& out, std::span<Position const> path) {
    for (std::size_t i = 0; i < path.size(); ++i)
        fmt::format_to(std::back_inserter(out), "{}{} {}", i == 0 ? "(" : ",", path[i].x,
                       path[i].y);
    out += ')';
}

void append_polygon(std::string& out, Geometry const& g, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
        out += i == begin ? '(' : ',';
        append_path(out, g.path(i));
    }
    out += ')';
}

} // namespace

bool begins_shape(Token const& token) noexcept {
    return simple_word(token) != nullptr || token.is_word("GEOMETRYCOLLECTION") ||
           token.is_word("BBOX") || token.is_word("ENVELOPE");
}

Expression read_shape(Tokens& tokens) {
    auto const position = tokens.now().position;
    if (tokens.now().is_word("BBOX") || tokens.now().is_word("ENVELOPE")) return read_bbox(tokens);
    Shape shape;
    shape.collection = tokens.accept("GEOMETRYCOLLECTION");
    if (shape.collection) {
        tokens.accept("Z");
        read_list(tokens, [&] { shape.members.push_back(read_member(tokens)); });
    } else {
        shape.members.push_back(read_member(tokens));
    }
    return {std::move(shape), position};
}

double read_signed(Tokens& tokens) {
    bool const negative = tokens.accept("-");
    if (!negative) tokens.accept("+");
    if (tokens.now().kind != Token::Kind::number)
        refuse(tokens.now().position, tokens.now().spelling, "number");
    double const value = magnitude(tokens.now());
    tokens.advance();
    return negative ? -value : value;
}

Expression number_of(Token const& token, bool negative) {
    auto const text = token.spelling;
    if (text.find_first_of(".eE") == std::string_view::npos) {
        // With its sign, so that the lowest integer is one too.
        std::string const spelled = (negative ? "-" : "") + std::string{text};
        std::int64_t value = 0;
        auto const [end, fault] =
            std::from_chars(spelled.data(), spelled.data() + spelled.size(), value);
        if (fault == std::errc{}) return {value, token.position};
    }
    double const value = magnitude(token);
    return {negative ? -value : value, token.position};
}

void append_shape(std::string& out, Geometry const& member) {
    for (auto const& word : words)
        if (word.kind == member.kind && word.multi == member.multi) out += word.word;
    switch (member.kind) {
    case GeometryKind::none: return;
    case GeometryKind::point:
        if (!member.multi) return append_path(out, member.positions);
        for (std::size_t i = 0; i < member.positions.size(); ++i) {
            out += i == 0 ? '(' : ',';
            append_path(out, {&member.positions[i], 1});
        }
        out += ')';
        return;
    case GeometryKind::line:
        if (!member.multi) return append_path(out, member.path(0));
        return append_polygon(out, member, 0, member.path_ends.size());
    case GeometryKind::polygon:
        if (!member.multi) return append_polygon(out, member, 0, member.part_ends.front());
        for (std::size_t k = 0; k < member.part_ends.size(); ++k) {
            out += k == 0 ? '(' : ',';
            append_polygon(out, member, k == 0 ? 0 : member.part_ends[k - 1], member.part_ends[k]);
        }
        out += ')';
        return;
    }
}

} // namespace diaban::geo::filter
