// CQL2 text and JSON: what each operator reads as, and what errors say.

#include "geo/error.hpp"
#include "geo/filter/cql2_json.hpp"
#include "geo/filter/cql2_text.hpp"
#include "tests/support/cql2_random.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>
#include <random>
#include <string>

namespace {

using namespace diaban::geo;
using filter::read_json;
using filter::read_text;

struct Twins {
    char const* text;
    char const* json;
};
std::ostream& operator<<(std::ostream& out, Twins const& twins) {
    return out << twins.text;
}

/// One expression of each operator in both encodings.
Twins const twins[] = {
    {"a = 1", R"({"op":"=","args":[{"property":"a"},1]})"},
    {"a <> 1.5", R"({"op":"<>","args":[{"property":"a"},1.5]})"},
    {"1 < a", R"({"op":"<","args":[1,{"property":"a"}]})"},
    {"a > b", R"({"op":">","args":[{"property":"a"},{"property":"b"}]})"},
    {"a<=-3", R"({"op":"<=","args":[{"property":"a"},-3]})"},
    {"a>=+3e2", R"({"op":">=","args":[{"property":"a"},3e2]})"},
    {"true", "true"},
    {"NOT a = 'x'", R"({"op":"not","args":[{"op":"=","args":[{"property":"a"},"x"]}]})"},
    {"TRUE and FALSE or TRUE", R"({"op":"or","args":[{"op":"and","args":[true,false]},true]})"},
    {"TRUE and (FALSE or TRUE)", R"({"op":"and","args":[true,{"op":"or","args":[false,true]}]})"},
    {"tên LIKE 'Cẩm%'", R"({"op":"like","args":[{"property":"tên"},"Cẩm%"]})"},
    {"a NOT LIKE '_\\%'",
     R"({"op":"not","args":[{"op":"like","args":[{"property":"a"},"_\\%"]}]})"},
    {"a BETWEEN 1 AND 2 AND TRUE",
     R"({"op":"and","args":[{"op":"between","args":[{"property":"a"},1,2]},true]})"},
    {"a IN (1, 2)", R"({"op":"in","args":[{"property":"a"},[1,2]]})"},
    {"a NOT IN ('x')", R"({"op":"not","args":[{"op":"in","args":[{"property":"a"},["x"]]}]})"},
    {"a IS NULL", R"({"op":"isNull","args":[{"property":"a"}]})"},
    {"(a > 1) IS NOT NULL",
     R"({"op":"not","args":[{"op":"isNull","args":[{"op":">","args":[{"property":"a"},1]}]}]})"},
    {"CASEI(ACCENTI(a)) = 'đ'",
     R"({"op":"=","args":[{"op":"casei","args":[{"op":"accenti","args":[{"property":"a"}]}]},"đ"]})"},
    {"S_Intersects(geometry, POINT(105.9 18.3))",
     R"({"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point","coordinates":[105.9,18.3]}]})"},
    {"S_WITHIN(geometry,MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((5 5,6 5,6 6,5 5))))",
     R"({"op":"s_within","args":[{"property":"geometry"},{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]],[[[5,5],[6,5],[6,6],[5,5]]]]}]})"},
    {"S_TOUCHES(MULTIPOINT(1 2,(3 4)),geometry)",
     R"({"op":"s_touches","args":[{"type":"MultiPoint","coordinates":[[1,2],[3,4]]},{"property":"geometry"}]})"},
    {"S_DISJOINT(geometry,BBOX(170,-10,-170,10))",
     R"({"op":"s_disjoint","args":[{"property":"geometry"},{"bbox":[170,-10,-170,10]}]})"},
    {"S_EQUALS(geometry,ENVELOPE(1,2,3,4))",
     R"({"op":"s_equals","args":[{"property":"geometry"},{"bbox":[1,2,3,4]}]})"},
    {"S_OVERLAPS(geometry,GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(1 2,3 4)))",
     R"({"op":"s_overlaps","args":[{"property":"geometry"},{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]},{"type":"LineString","coordinates":[[1,2],[3,4]]}]}]})"},
    {"T_AFTER(d, DATE('2025-07-01'))",
     R"({"op":"t_after","args":[{"property":"d"},{"date":"2025-07-01"}]})"},
    {"t_metby(INTERVAL('..',TIMESTAMP_), INTERVAL('2025-06-30T17:00:00Z','..'))",
     R"({"op":"t_metBy","args":[{"interval":["..",{"property":"TIMESTAMP_"}]},{"interval":["2025-06-30T17:00:00Z",".."]}]})"},
    {"t = TIMESTAMP('2025-07-01T00:00:00.5+07:00')",
     R"({"op":"=","args":[{"property":"t"},{"timestamp":"2025-06-30T17:00:00.500Z"}]})"},
    {"A_CONTAINS(a, ('x'))", R"({"op":"a_contains","args":[{"property":"a"},["x"]]})"},
    {"A_EQUALS((), (1,'x',TRUE,(2,3)))", R"({"op":"a_equals","args":[[],[1,"x",true,[2,3]]]})"},
    {"a + 2 * b - 6 / c = 0",
     R"({"op":"=","args":[{"op":"-","args":[{"op":"+","args":[{"property":"a"},{"op":"*","args":[2,{"property":"b"}]}]},{"op":"/","args":[6,{"property":"c"}]}]},0]})"},
    {"-a ^ 2 = b % 2 div 3",
     R"({"op":"=","args":[{"op":"^","args":[{"op":"*","args":[-1,{"property":"a"}]},2]},{"op":"div","args":[{"op":"%","args":[{"property":"b"},2]},3]}]})"},
    {"f(a, 'x', (1,2), TRUE)", R"({"op":"f","args":[{"property":"a"},"x",[1,2],true]})"},
    {R"("date" = 'a''b\'c\\d\n')", R"({"op":"=","args":[{"property":"date"},"a'b'c\\d\n"]})"},
};

struct Refusal {
    std::string filter; ///< text, or JSON where it begins with a brace or bracket
    char const* position;
    char const* value;
    char const* accepted; ///< some of it
};
std::ostream& operator<<(std::ostream& out, Refusal const& refusal) {
    return out << refusal.filter;
}

Refusal const refusals[] = {
    {"", "1", "", "property"},
    {"a = ", "5", "", "number"},
    {"a = 1 b", "7", "b", "AND, OR"},
    {"a", "1", "property", "predicate"},
    {"a + 1", "1", "arithmetic", "predicate"},
    {"địa = 'x", "9", "", "'"},
    {"a = 1 AND", "10", "", "property"},
    {"a NOT 5", "7", "5", "LIKE, BETWEEN, IN"},
    {"a LIKE b", "8", "property", "'text'"},
    {"a LIKE CASEI(b)", "8", "CASEI(), ACCENTI()", "'text'"},
    {"a IN ()", "7", ")", "property"},
    {"a IS 5", "6", "5", "NULL"},
    {"a = 5x", "6", "x", "digit"},
    {"a = 1.5e", "9", "", "digit"},
    {"a = 1e999", "5", "1e999", "number"},
    {"a BETWEEN 'x' AND 'y'", "11", "'text'", "number"},
    {"T_AFTER(d, '2025-07-01')", "12", "'text'", "DATE()"},
    {"d = DATE('2025-02-29')", "10", "'2025-02-29'", "YYYY-MM-DD"},
    {"d = TIMESTAMP('2025-07-01')", "15", "'2025-07-01'", "hh:mm:ss"},
    {"S_WITHIN(g, POLYGON((0 0,1 0,1 1)))", "13", "POLYGON", "too-few-points"},
    {"S_WITHIN(g, POLYGON((0 0,1 0,1 1,0 2)))", "13", "POLYGON", "ring-not-closed"},
    {"S_WITHIN(g, POINT(0))", "20", ")", "number"},
    {"S_WITHIN(g, BBOX(1,2,3))", "13", "BBOX of 3", "4, 6"},
    {"S_WITHIN(g)", "1", "s_within", "2 operands"},
    {"a = 1 ; DROP TABLE x", "7", ";", "operator"},
    {"date = 5", "6", "=", "("},
    {"a = '\x01'", "6", "\\u{1}", "control"},
    {"a = '\xff'", "6", "\\xff", "UTF-8"},
    {"\xe2\x80\xae"
     "a = 1",
     "1", "\\u{202e}", "property"},
    {"{", "2", "", "JSON"},
    {R"({"op":"AND","args":[true,true]})", "/op", "AND", "and"},
    {R"({"op":"=","args":[1]})", "/args", "=", "2 operands"},
    {R"({"op":"and","args":[true,{"op":"like","args":[{"property":"a"},5]}]})", "/args/1/args/1",
     "number", "'text'"},
    {R"({"op":"in","args":[{"property":"a"},[1,[2]]]})", "/args/1/1", "array", "number"},
    {R"({"op":"=","args":[{"property":5},1]})", "/args/0/property", "5", "text"},
    {R"({"op":"=","args":[{"date":"2025-13-01"},1]})", "/args/0/date", "2025-13-01", "YYYY"},
    {R"({"op":"s_within","args":[{"property":"g"},{"type":"Point","coordinates":[1]}]})", "/args/1",
     "{…}", "position"},
    {R"({"op":"=","args":[{"property":"a"},null]})", "/args/1", "null", "property"},
    {R"(["a"])", "/", "array", "predicate"},
    {R"({"op":"=","args":[{"property":"a"},1e999]})", "/", "", "number"},
};

Error error_of(std::string const& text) {
    try {
        static_cast<void>(text.starts_with('{') || text.starts_with('[') ? read_json(text)
                                                                         : read_text(text));
    } catch (Error const& error) {
        return error;
    }
    return {Code::internal, "none"};
}

std::string parameter(Error const& error, std::string_view name) {
    for (auto const& [key, value] : error.parameters())
        if (key == name) return value;
    return "(none)";
}

} // namespace

BOOST_DATA_TEST_CASE(each_operator_reads_the_same_from_text_and_json, twins) {
    auto const text = read_text(sample.text);
    BOOST_TEST((text == read_json(sample.json)), filter::to_json(text));
    BOOST_TEST((read_text(filter::to_text(text)) == text), filter::to_text(text));
    BOOST_TEST((read_json(filter::to_json(text)) == text), filter::to_json(text));
}

BOOST_DATA_TEST_CASE(a_refusal_names_position_token_and_what_was_expected, refusals) {
    auto const error = error_of(sample.filter);
    BOOST_TEST(error.type() == "bad-filter");
    BOOST_TEST(parameter(error, "position") == sample.position);
    BOOST_TEST(parameter(error, "value") == sample.value);
    auto const accepted = parameter(error, "accepted");
    BOOST_TEST(accepted.find(sample.accepted) != std::string::npos, accepted);
}

BOOST_AUTO_TEST_CASE(random_expressions_survive_both_encodings) {
    std::mt19937_64 random{diaban::tests::seed()};
    for (int i = 0; i < 3000; ++i) {
        auto const expression = diaban::tests::cql2_expression(random, 0.1);
        auto const text = filter::to_text(expression);
        BOOST_TEST((read_text(text) == expression), text);
        auto const json = filter::to_json(expression);
        BOOST_TEST((read_json(json) == expression), json);
    }
}

BOOST_AUTO_TEST_CASE(whole_numbers_stay_whole_up_to_64_bits_and_become_doubles_beyond) {
    auto const right = [](std::string const& text) {
        return std::get<filter::Call>(read_text("a = " + text).node).arguments[1].node;
    };
    BOOST_TEST(std::get<std::int64_t>(right("9223372036854775807")) == INT64_MAX);
    BOOST_TEST(std::get<std::int64_t>(right("-9223372036854775808")) == INT64_MIN);
    BOOST_TEST(std::get<double>(right("9223372036854775808")) == 9223372036854775808.0);
    BOOST_TEST(std::get<double>(right("5.")) == 5.0);
    BOOST_TEST(std::get<double>(right(".5")) == 0.5);
    BOOST_TEST(std::get<double>(right("1e-999")) == 0.0);
}

BOOST_AUTO_TEST_CASE(huge_and_deep_filters_are_refused_at_once) {
    std::string const open(10'000, '(');
    std::string json;
    for (int i = 0; i < 10'000; ++i) json += R"({"op":"not","args":[)";
    std::string chain = "a = 1";
    for (int i = 0; i < 10'000; ++i) chain += " + 1";
    std::string words = "a IN (1";
    for (int i = 0; i < 30'000; ++i) words += ",1";
    std::string nots;
    for (int i = 0; i < 10'000; ++i) nots += "CASEI(";
    for (auto const& hostile :
         {open + "a = 1" + std::string(10'000, ')'), open, json, std::string(10'000, '['), chain,
          words + ")", nots, "a = '" + std::string(10'000'000, 'x') + "'",
          "[" + std::string(10'000'000, ' ')})
        BOOST_TEST(error_of(hostile).type() == "filter-too-large", hostile.substr(0, 40));
    BOOST_TEST((error_of("a = 1e309").type() == "bad-filter"));
    BOOST_TEST((error_of("a = NaN AND a = Infinity").type() == "none")); // properties, if any
}

BOOST_AUTO_TEST_CASE(no_bytes_whatever_break_the_parsers) {
    std::mt19937_64 random{diaban::tests::seed()};
    std::uniform_int_distribution<int> byte{0, 255};
    auto const spoilt = [&](std::string text) {
        for (int n = 1 + byte(random) % 4; n > 0 && !text.empty(); --n) {
            auto const at = std::size_t(random() % text.size());
            switch (byte(random) % 4) {
            case 0: text[at] = char(byte(random)); break;
            case 1: text.erase(at, 1 + std::size_t(byte(random) % 8)); break;
            case 2: text.insert(at, text.substr(at / 2, std::size_t(byte(random) % 16))); break;
            default: text.insert(at, 1, "()'\"\\,.-%*[]{}:"[byte(random) % 15]); break;
            }
        }
        return text;
    };
    for (int i = 0; i < 20'000; ++i) {
        auto const expression = diaban::tests::cql2_expression(random, 0.2);
        for (auto const& text : {filter::to_text(expression), filter::to_json(expression)}) {
            auto const broken = spoilt(text);
            for (auto const& read : {read_text, read_json}) {
                try {
                    auto const again = read(broken);
                    BOOST_TEST((read_json(filter::to_json(again)) == again), broken);
                } catch (Error const& error) {
                    if (error.type() != "bad-filter" && error.type() != "filter-too-large")
                        BOOST_ERROR(broken << ": " << error.what());
                }
            }
        }
    }
}
