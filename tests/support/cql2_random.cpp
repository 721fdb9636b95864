#include "tests/support/cql2_random.hpp"

#include "geo/filter/form.hpp"

#include <array>
#include <utility>

namespace diaban::tests {

namespace {

using namespace geo;
using filter::Expression;
using filter::Op;

constexpr std::array words{"Cẩm Duệ", "cẩm duệ", "CẨM DUỆ", "Cam Due", "Thạch Hà", "thach ha",
                           "Đức Thọ", "đức thọ", "Duc Tho", "100%",    "100 %",    "a_b",
                           "axb",     R"(a\b)",  "O'Brien", "",        " ",        "Zulu",
                           "zebra",   "Ärger",   "Arger",   "日本",    "日",       "😀 x",
                           "đ",       "Đ",       "é",       "E",       "ONT",      "ont"};
constexpr std::array kinds{"ONT", "ODT", "LUC", "CLN", "RSX", "SON"};
constexpr std::array patterns{"Cẩm%",   "%Duệ",  "c_m du_", "%a%",     "_",      "%",     "",
                              "100\\%", "a\\_b", "a_b",     R"(a\\b)", "O'%",    "%''%",  "O%n",
                              "__%",    "%_đ%",  "日_",     "%r",      "%ch%Hà", "%h%h%", "ON_",
                              "_%_",    "😀%",    "%\\%%",   "đ%",      "Đ_c%",   "%é%"};

constexpr std::array exponents{0.0, 1.0, 2.0, 3.0, 0.5, -1.0};

/// 2025-06-30 as days from 1970; the borders of the tests lie about the merger of 2025-07-01.
constexpr std::int32_t some_day = 20'269;
constexpr std::int64_t day_length = 86'400'000'000;
constexpr std::int64_t utc7 = 7 * std::int64_t{3'600'000'000};

class Maker {
public:
    explicit Maker(std::mt19937_64& random) : m_random{random} {}

    std::int64_t upto(std::int64_t low, std::int64_t high) {
        return std::uniform_int_distribution<std::int64_t>{low, high}(m_random);
    }
    bool chance(double share) { return std::bernoulli_distribution{share}(m_random); }
    template <typename List>
    auto const& one_of(List const& list) {
        return list[std::size_t(upto(0, std::int64_t(std::size(list)) - 1))];
    }

    std::string word() {
        std::string made = one_of(words);
        if (chance(0.15)) made += one_of(words);
        return made;
    }
    double quarters() { return double(upto(-40, 400)) * 0.25; }
    std::int64_t serial() { return (std::int64_t{1} << 53) + upto(-2, 3); }
    Date day() { return {some_day + std::int32_t(upto(-3, 4))}; }
    Instant moment() {
        constexpr std::array<std::int64_t, 6> off{0, 1, -1, day_length / 2, 1'000'000, -500'000};
        return {day().days * day_length - utc7 + one_of(off)};
    }
    Period period() {
        if (chance(0.05)) return Period::never();
        Period made;
        auto const begin = moment().microseconds;
        if (chance(0.8)) made.begin = begin;
        if (chance(0.6)) made.end = begin + upto(0, 3) * day_length / 2;
        return made;
    }

    Position corner() { return {105 + double(upto(0, 8)) * 0.25, 18 + double(upto(0, 8)) * 0.25}; }
    Geometry shape() {
        Geometry g;
        g.srid = 4326;
        auto const a = corner();
        auto const b = corner();
        auto const kind = upto(0, 5);
        double const east = std::max(a.x, b.x) + 0.25;
        double const north = std::max(a.y, b.y) + 0.25;
        double const west = std::min(a.x, b.x);
        double const south = std::min(a.y, b.y);
        if (kind == 0) {
            g.kind = GeometryKind::point;
            g.positions = {a};
        } else if (kind == 1) {
            g.kind = GeometryKind::line;
            g.positions = {{west, south}, {east, north}};
            if (chance(0.5)) g.positions.push_back({east + 0.25, south});
            g.path_ends = {std::uint32_t(g.positions.size())};
        } else {
            g.kind = GeometryKind::polygon;
            g.positions = {{west, south}, {east, south}, {east, north}};
            if (kind > 3) g.positions.push_back({west, north});
            g.positions.push_back({west, south});
            g.path_ends = {std::uint32_t(g.positions.size())};
            g.part_ends = {1};
        }
        return g;
    }

protected:
    std::mt19937_64& m_random;
};

class Expressions : Maker {
public:
    Expressions(std::mt19937_64& random, double spatial) : Maker{random}, m_spatial{spatial} {}

    Expression boolean(int depth) {
        if (depth > 0 && chance(0.6)) {
            if (chance(0.25)) return call(Op::negation, boolean(depth - 1));
            std::vector<Expression> parts;
            for (auto n = upto(2, 3); n > 0; --n) parts.push_back(boolean(depth - 1));
            return filter::make_call(chance(0.5) ? Op::conjunction : Op::disjunction, {},
                                     std::move(parts), 0);
        }
        if (chance(m_spatial)) return spatial();
        switch (upto(0, 13)) {
        case 0:
        case 1: return call(comparison(), text(2), text(2));
        case 2: return call(comparison(), whole(), whole());
        case 3: return call(comparison(), number(2), number(2));
        case 4: return call(comparison(), date(), date());
        case 5: return call(comparison(), instant(), instant());
        case 6: return call(comparison(), truth(), truth());
        case 7: return like();
        case 8: return between();
        case 9: return in();
        case 10: return call(Op::is_null, nullable(depth));
        case 11: return array();
        default: return temporal();
        }
    }

private:
    template <typename... Arguments>
    static Expression call(Op op, Arguments... arguments) {
        std::vector<Expression> list;
        (list.push_back(std::move(arguments)), ...);
        return filter::make_call(op, {}, std::move(list), 0);
    }
    static Expression function(std::string name, Expression argument) {
        std::vector<Expression> list;
        list.push_back(std::move(argument));
        return filter::make_call(Op::function, std::move(name), std::move(list), 0);
    }
    static Expression property(std::string name) { return {filter::Property{std::move(name)}}; }

    Op comparison() { return Op(upto(std::int64_t(Op::equal), std::int64_t(Op::at_least))); }

    Expression text(int depth) {
        if (depth > 0 && chance(0.25))
            return call(chance(0.5) ? Op::casei : Op::accenti, text(depth - 1));
        switch (upto(0, 4)) {
        case 0: return property("kind");
        case 1: return {std::string{one_of(kinds)}};
        case 2: return {word()};
        default: return property("name");
        }
    }
    Expression whole() {
        switch (upto(0, 5)) {
        case 0: return property("serial");
        case 1: return {serial()};
        case 2: return {upto(-3, 12)};
        case 3: return function("length", text(1));
        default: return property("floors");
        }
    }
    /// Terms whose values are few and exact in binary, so that any order of summing gives the same.
    Expression number(int depth) {
        if (depth > 0 && chance(0.4)) return arithmetic(depth);
        switch (upto(0, 6)) {
        case 0: return {quarters()};
        case 1: return property("floors");
        case 2: return {upto(-5, 30)};
        case 3:
            return function(one_of(std::array{"abs", "ceil", "floor", "round", "sqrt"}),
                            property("area"));
        default: return property("area");
        }
    }
    Expression arithmetic(int depth) {
        switch (upto(0, 6)) {
        case 0: return call(Op::add, number(depth - 1), number(depth - 1));
        case 1: return call(Op::subtract, number(depth - 1), number(depth - 1));
        case 2: return call(Op::multiply, number(depth - 1), number(0));
        case 3: return call(Op::divide, number(0), number(0));
        case 4: return call(Op::modulo, quarter(), quarter());
        case 5: return call(Op::integer_divide, quarter(), quarter());
        default: return call(Op::power, property("floors"), Expression{one_of(exponents)});
        }
    }
    Expression quarter() {
        if (chance(0.3)) return {quarters()};
        return property(chance(0.5) ? "area" : "floors");
    }
    Expression date() { return chance(0.6) ? property("built") : Expression{day()}; }
    Expression instant() {
        if (chance(0.4)) return {moment()};
        return property(chance(0.5) ? "seen" : "gone");
    }
    Expression truth() { return chance(0.6) ? property("good") : Expression{chance(0.5)}; }

    Expression like() {
        Expression pattern{std::string{one_of(patterns)}};
        auto value = text(0);
        if (chance(0.3)) {
            auto const op = chance(0.5) ? Op::casei : Op::accenti;
            return call(Op::like, call(op, std::move(value)), call(op, std::move(pattern)));
        }
        return call(Op::like, std::move(value), std::move(pattern));
    }
    Expression between() {
        if (chance(0.4)) return call(Op::between, whole(), whole(), whole());
        return call(Op::between, number(1), number(1), number(1));
    }
    Expression in() {
        std::vector<Expression> list;
        auto const kind = upto(0, 4);
        for (auto n = upto(2, 6); n > 0; --n) {
            if (kind == 0) list.push_back(whole());
            if (kind == 1) list.push_back(number(1));
            if (kind == 2) list.push_back(date());
            if (kind == 3) list.push_back(instant());
            if (kind == 4) list.push_back(text(1));
        }
        return filter::make_call(Op::in, {}, std::move(list), 0);
    }
    Expression nullable(int depth) {
        switch (upto(0, 6)) {
        case 0: return text(1);
        case 1: return number(2);
        case 2: return date();
        case 3: return property("geometry");
        case 4: return interval(chance(0.5));
        case 5: return property("valid");
        default: return depth > 0 ? boolean(depth - 1) : property("good");
        }
    }
    Expression array() {
        auto const texts = chance(0.5);
        auto const list = [&] {
            std::vector<Expression> elements;
            for (auto n = upto(0, 3); n > 0; --n) elements.push_back(texts ? text(0) : number(0));
            return filter::make_array(std::move(elements), 0);
        };
        auto const op = Op(upto(std::int64_t(Op::a_equals), std::int64_t(Op::a_overlaps)));
        return call(op, list(), list());
    }

    Expression interval(bool days) {
        std::vector<Expression> ends;
        if (chance(0.4)) {
            ends.push_back(property(days ? "built" : "seen"));
            ends.push_back(days ? Expression{day()} : property("gone"));
        } else {
            auto const begin = day();
            auto const start = moment();
            if (days) {
                ends.push_back({begin});
                ends.push_back({Date{begin.days + std::int32_t(upto(0, 3))}});
            } else {
                ends.push_back({start});
                ends.push_back({Instant{start.microseconds + upto(0, 4) * day_length / 2}});
            }
            if (chance(0.15)) ends.front() = {filter::Open{}};
            if (chance(0.15)) ends.back() = {filter::Open{}};
        }
        return filter::make_interval(std::move(ends), 0);
    }
    Expression span() {
        if (chance(0.2)) return property("valid");
        return interval(chance(0.5));
    }
    Expression temporal() {
        constexpr std::array any{Op::t_after, Op::t_before, Op::t_disjoint, Op::t_equals,
                                 Op::t_intersects};
        if (chance(0.5)) {
            auto const operand = [&] {
                return chance(0.3) ? span() : chance(0.5) ? date() : instant();
            };
            auto left = operand();
            return call(one_of(any), std::move(left), operand());
        }
        auto const op = Op(upto(std::int64_t(Op::t_after), std::int64_t(Op::t_starts)));
        auto left = span();
        return call(op, std::move(left), span());
    }

    Expression spatial() {
        auto const op = Op(upto(std::int64_t(Op::s_intersects), std::int64_t(Op::s_contains)));
        Expression literal{filter::Shape{{shape()}, false}};
        if (chance(0.3)) {
            auto const a = corner();
            literal = {filter::Bbox{
                {a.x, a.y, a.x + double(upto(1, 5)) * 0.25, a.y + double(upto(1, 5)) * 0.25}}};
        }
        if (chance(0.3)) return call(op, std::move(literal), property("geometry"));
        return call(op, property("geometry"), std::move(literal));
    }

    double m_spatial;
};

class Rows : Maker {
public:
    using Maker::Maker;

    Value value(FieldType type, std::string const& name) {
        if (chance(0.12)) return std::monostate{};
        switch (type) {
        case FieldType::text: return name == "kind" ? std::string{one_of(kinds)} : word();
        case FieldType::integer: return name == "serial" ? serial() : upto(-3, 12);
        case FieldType::number: return quarters();
        case FieldType::boolean: return chance(0.5);
        case FieldType::date: return day();
        case FieldType::timestamp: return moment();
        }
        return {};
    }

    void fill(Cql2Rows& rows, Schema const& schema) {
        auto const count = rows.columns.rows();
        for (auto const& field : schema.fields) {
            std::vector<Value> values;
            for (std::size_t i = 0; i < count; ++i) values.push_back(value(field.type, field.name));
            rows.columns.add(field.name, values);
            rows.fields.push_back(field.name);
            rows.values.push_back(std::move(values));
        }
        for (std::size_t i = 0; i < count; ++i) {
            rows.columns.fids[i] = std::int64_t(i) + 1;
            rows.columns.periods[i] = period();
            if (!chance(0.05)) rows.columns.geometries[i] = shape();
        }
    }
};

} // namespace

Schema cql2_schema() {
    Schema schema;
    schema.id = "trials";
    schema.geometry = GeometryKind::polygon;
    auto const add = [&](std::string name, FieldType type) {
        Field field;
        field.name = std::move(name);
        field.type = type;
        field.tile = true;
        schema.fields.push_back(std::move(field));
    };
    add("name", FieldType::text);
    add("kind", FieldType::text);
    add("area", FieldType::number);
    add("floors", FieldType::integer);
    add("serial", FieldType::integer);
    add("good", FieldType::boolean);
    add("built", FieldType::date);
    add("seen", FieldType::timestamp);
    add("gone", FieldType::timestamp);
    return schema;
}

Cql2Rows cql2_rows(std::mt19937_64& random, std::size_t count) {
    Cql2Rows rows{count};
    Rows{random}.fill(rows, cql2_schema());
    return rows;
}

Expression cql2_expression(std::mt19937_64& random, double spatial) {
    return Expressions{random, spatial}.boolean(3);
}

} // namespace diaban::tests
