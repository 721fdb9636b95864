// Filters held to a schema, and what the evaluator answers. PostGIS is asked in tests/data.

#include "geo/error.hpp"
#include "geo/filter/cql2_text.hpp"
#include "geo/filter/filter.hpp"
#include "tests/support/cql2_random.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <map>
#include <numeric>
#include <ostream>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace diaban;
using geo::Value;
using geo::filter::Answer;
using geo::filter::Evaluation;
using geo::filter::Filter;

Filter filter_of(std::string const& text, geo::Policy const& policy = geo::Policy::everything()) {
    return Filter::make(geo::filter::read_text(text), tests::cql2_schema(), policy);
}

std::map<std::string, std::string> refusal(std::string const& text, geo::Policy const& policy) {
    try {
        static_cast<void>(filter_of(text, policy));
    } catch (geo::Error const& error) {
        std::map<std::string, std::string> parts{error.parameters().begin(),
                                                 error.parameters().end()};
        parts["type"] = error.type();
        return parts;
    }
    return {{"type", "none"}};
}

geo::Geometry point(double x, double y) {
    geo::Geometry g;
    g.kind = geo::GeometryKind::point;
    g.srid = 4326;
    g.positions = {{x, y}};
    return g;
}

/// Rows without anything but what a case adds; all fields null.
struct Table {
    explicit Table(std::size_t rows) : columns{rows} {
        for (auto const& field : tests::cql2_schema().fields)
            values[field.name] = std::vector<Value>(rows);
    }
    void ready() {
        for (auto const& [name, list] : values) columns.add(name, list);
    }
    /// One letter a row: y, n, or ? for in doubt.
    [[nodiscard]] std::string answers(std::string const& text) const {
        Evaluation const evaluation{filter_of(text), columns, columns.rows()};
        std::vector<Answer> given(columns.rows());
        evaluation.range(0, given);
        std::string letters;
        for (auto const answer : given) letters += "ny?"[int(answer)];
        return letters;
    }
    std::map<std::string, std::vector<Value>> values;
    tests::PlainColumns columns;
};

struct Case {
    char const* filter;
    char const* answers;
};
std::ostream& operator<<(std::ostream& out, Case const& sample) {
    return out << sample.filter;
}

/// Rows: 0 "Cẩm Duệ", 12.5 m², 3 floors, true; 1 all null; 2 "cam due", 0 m², 0 floors, false.
Table three_rows() {
    Table table{3};
    table.values["name"] = {std::string{"Cẩm Duệ"}, {}, std::string{"cam due"}};
    table.values["area"] = {12.5, {}, 0.0};
    table.values["floors"] = {std::int64_t{3}, {}, std::int64_t{0}};
    table.values["good"] = {true, {}, false};
    table.values["built"] = {geo::Date{20'270}, {}, geo::Date{20'271}}; // 2025-07-01, 07-02
    // 2025-06-30T17:00:00Z, midnight of 1 July in Viet Nam; a microsecond before the 2nd ends.
    table.values["seen"] = {
        geo::Instant{1'751'302'800'000'000}, {}, geo::Instant{1'751'475'599'999'999}};
    table.ready();
    return table;
}

Case const cases[] = {
    {"name = 'Cẩm Duệ'", "ynn"},
    {"name = 'Ca\u0302\u0309m Due\u0323\u0302'", "ynn"}, // decomposed, as macOS types it
    {"NOT name = 'Cẩm Duệ'", "nny"},
    {"name = 'x' OR name IS NULL", "nyn"},
    {"name = 'x' OR NOT name = 'x'", "yny"},
    {"(name = 'x') IS NULL", "nyn"},
    {"ACCENTI(CASEI(name)) = ACCENTI(CASEI('CẨM DUỆ'))", "yny"},
    {"ACCENTI(name) LIKE ACCENTI('%Dụe')", "ynn"},
    {"CASEI(name) IN (CASEI('CẨM DUỆ'), 'x')", "ynn"},
    {"name > 'C' AND name < 'D'", "ynn"},
    {"length(name) = 7", "yny"},
    {"upper(name) = 'CAM DUE'", "nny"},
    {"area / floors > 4", "ynn"}, // 0 / 0 is null
    {"NOT area / floors > 4", "nnn"},
    {"area % 5 = 2.5", "ynn"},
    {"area div 5 = 2", "ynn"},
    {"-7 div 2 = -3 AND -7 % 2 = -1", "yyy"},
    {"floors ^ 2 = 9", "ynn"},
    {"2 / 4 = 0.5", "yyy"},
    {"area BETWEEN floors AND 13", "yny"},
    {"NOT floors BETWEEN 1 AND area", "nny"},
    {"NOT 5 BETWEEN 6 AND floors", "yny"}, // null where the standard says so, unlike SQL
    {"floors IN (1, 3.0)", "ynn"},
    {"5 NOT IN (floors, 1)", "yny"},
    {"good = TRUE", "ynn"},
    {"good <> TRUE", "nny"},
    {"TRUE", "yyy"},
    {"FALSE OR NOT TRUE", "nnn"},
    {"built = DATE('2025-07-01')", "ynn"},
    {"T_BEFORE(built, DATE('2025-07-02'))", "ynn"},
    {"T_INTERSECTS(seen, DATE('2025-07-01'))", "ynn"},
    {"T_INTERSECTS(seen, DATE('2025-07-02'))", "nny"},
    {"T_AFTER(seen, DATE('2025-06-30'))", "yny"},
    {"T_BEFORE(seen, DATE('2025-07-03'))", "yny"},
    {"T_INTERSECTS(seen, INTERVAL('2025-07-01','2025-07-02'))", "yny"},
    {"T_DURING(INTERVAL(seen,seen), INTERVAL('..','2025-07-02'))", "ynn"}, // ends with the day
    {"T_MEETS(INTERVAL(built,built), INTERVAL('2025-07-01','..'))", "ynn"},
    {"seen = TIMESTAMP('2025-07-01T00:00:00+07:00')", "ynn"},
    {"T_INTERSECTS(valid, DATE('2025-07-01'))", "yyy"},
    {"A_CONTAINS((name,'x'), ('x'))", "yny"},
    {"A_OVERLAPS((floors,'a'), (3,4))", "ynn"},
    {"A_EQUALS((1,2,2), (2.0,1))", "yyy"},
    {"A_CONTAINEDBY((), (1))", "yyy"},
    {"geometry IS NULL", "yyy"},
    {"S_INTERSECTS(geometry, POINT(1 2)) OR TRUE", "yyy"},
    {"NOT S_INTERSECTS(geometry, POINT(1 2))", "nnn"},
    {"S_WITHIN(POINT(1 1), BBOX(0,0,2,2))", "yyy"},
    {"S_CROSSES(LINESTRING(0 0,4 4), POLYGON((1 1,2 1,2 2,1 2,1 1)))", "yyy"},
    {"id = 1", "nyn"},
    {"id IN (0, 2)", "yny"},
};

struct Refused {
    char const* filter;
    char const* type;
    char const* value;
    char const* other;
};
std::ostream& operator<<(std::ostream& out, Refused const& sample) {
    return out << sample.filter;
}

Refused const refused[] = {
    {"name = 5", "filter-type", "\"name\" (text)", "5 (integer)"},
    {"floors = 'x'", "filter-type", "\"floors\" (integer)", "'x' (text)"},
    {"built = TIMESTAMP('2025-07-01T00:00:00Z')", "filter-type", "\"built\" (date)",
     "TIMESTAMP('2025-07-01T00:00:00Z') (timestamp)"},
    {"floors LIKE 'x'", "filter-type", "\"floors\" (integer)", "text"},
    {"CASEI(floors) = 'x'", "filter-type", "\"floors\" (integer)", "text"},
    {"name + 1 = 2", "filter-type", "\"name\" (text)", "number"},
    {"geometry = 'x'", "filter-type", "\"geometry\" (geometry)",
     "text, number, boolean, date, timestamp"},
    {"S_WITHIN(name, POINT(1 2))", "filter-type", "\"name\" (text)", "geometry"},
    {"T_AFTER(name, DATE('2025-07-01'))", "filter-type", "\"name\" (text)",
     "date, timestamp, interval"},
    {"T_DURING(seen, INTERVAL('..','2025-07-01'))", "filter-type", "\"seen\" (timestamp)",
     "interval"},
    {"A_EQUALS(name, ('x'))", "filter-type", "\"name\" (text)", "array"},
    {"length(floors) = 1", "filter-type", "\"floors\" (integer)", "text"},
    {"length(name, name) = 1", "filter-type", "length(\"name\",\"name\") (2 arguments)", "1"},
    {"length(name)", "filter-type", "length(\"name\") (integer)", "boolean"},
    {"Buffer(geometry) = 1", "unknown-function", "Buffer", ""},
    {"height = 1", "unknown-queryable", "height", ""},
    {"name LIKE 'x\\\\'", "bad-filter", "x\\", ""},
    {"S_WITHIN(geometry, POLYGON((0 0,1 1,1 0,0 1,0 0)))", "bad-filter-geometry", "", ""},
    {"T_MEETS(valid, INTERVAL('2025-07-02','2025-07-01'))", "bad-filter",
     "DATE('2025-07-02') (begin), DATE('2025-07-01') (end)", ""},
    {"S_WITHIN(geometry, BBOX(0,5,1,4))", "bad-filter-geometry", "", ""},
    {"S_WITHIN(geometry, geometry)", "filter-unsupported", "\"geometry\" (geometry)", ""},
    {"A_EQUALS((1,(2,3)), (1))", "filter-unsupported", "(2,3) (array)", ""},
};

} // namespace

BOOST_DATA_TEST_CASE(rows_match_as_cql2_and_sql_say, cases) {
    static Table const table = three_rows();
    BOOST_TEST(table.answers(sample.filter) == sample.answers);
}

BOOST_DATA_TEST_CASE(what_does_not_fit_the_schema_is_refused_with_both_sides_named, refused) {
    auto parts = refusal(sample.filter, geo::Policy::everything());
    BOOST_TEST(parts["type"] == sample.type);
    BOOST_TEST(parts["value"] == sample.value);
    BOOST_TEST(parts["other"] == sample.other);
}

BOOST_AUTO_TEST_CASE(a_masked_field_is_refused_as_one_that_never_was) {
    auto const policy = geo::Policy::limited({"42"}, 0, {"area", "valid"});
    auto masked = refusal("area > 1", policy);
    auto unknown = refusal("areb > 1", policy);
    BOOST_TEST(masked["type"] == "unknown-queryable");
    BOOST_TEST(masked["accepted"] == unknown["accepted"]);
    BOOST_TEST(masked["accepted"] == "name, kind, floors, serial, good, built, seen, gone, id, "
                                     "valid, geometry");
    BOOST_TEST(masked.size() == unknown.size());
}

BOOST_AUTO_TEST_CASE(fields_outside_the_mirror_and_personal_ones_are_not_queryable) {
    auto schema = tests::cql2_schema();
    schema.fields[0].tile = false;
    schema.fields[1].personal = true;
    schema.geometry = geo::GeometryKind::none;
    std::string names;
    for (auto const& known : geo::filter::queryables(schema, geo::Policy::everything()))
        names += known.name + ' ';
    BOOST_TEST(names == "area floors serial good built seen gone id valid ");
}

BOOST_AUTO_TEST_CASE(a_filter_that_costs_too_much_is_refused_with_the_bound) {
    std::string text = "area > floors";
    for (int i = 0; i < 120; ++i) text += " OR area > floors + " + std::to_string(i);
    auto parts = refusal(text, geo::Policy::everything());
    BOOST_TEST(parts["type"] == "filter-too-costly");
    BOOST_TEST(parts["accepted"] == "400");
    std::string list = "floors IN (0";
    for (int i = 1; i < 10'000; ++i) list += "," + std::to_string(i);
    BOOST_TEST(filter_of(list + ")").cost() == 1U);
}

BOOST_AUTO_TEST_CASE(a_box_beyond_the_antimeridian_is_two) {
    Table table{4};
    table.columns.geometries = {point(179, 0), point(-179, 0), point(0, 0), point(180, 5)};
    table.ready();
    BOOST_TEST(table.answers("S_INTERSECTS(geometry, BBOX(170,-10,-170,10))") == "yyny");
    BOOST_TEST(table.answers("S_WITHIN(geometry, BBOX(170,-10,-170,10))") == "yynn");
    BOOST_TEST(table.answers("S_INTERSECTS(geometry, BBOX(180,-10,-170,10))") == "nyny");
    BOOST_TEST(table.answers("S_INTERSECTS(geometry, BBOX(0,0,0,0))") == "nnyn");
}

BOOST_AUTO_TEST_CASE(a_row_that_never_holds_good_has_no_period) {
    Table table{2};
    table.columns.periods[1] = geo::Period::never();
    table.ready();
    BOOST_TEST(table.answers("valid IS NULL") == "ny");
    BOOST_TEST(table.answers("T_DISJOINT(valid, DATE('2025-07-01'))") == "nn");
    BOOST_TEST(table.answers("NOT T_DISJOINT(valid, DATE('2025-07-01'))") == "yn");
}

BOOST_AUTO_TEST_CASE(collections_are_asked_member_by_member) {
    Table table{3};
    table.columns.geometries = {point(1, 1), point(5, 5), point(9, 9)};
    table.ready();
    std::string const both = "GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(4 4,6 6))";
    BOOST_TEST(table.answers("S_INTERSECTS(geometry, " + both + ")") == "yyn");
    BOOST_TEST(table.answers("S_DISJOINT(geometry, " + both + ")") == "nny");
    BOOST_TEST(refusal("S_WITHIN(geometry, " + both + ")", geo::Policy::everything())["type"] ==
               "filter-unsupported");
}

BOOST_AUTO_TEST_CASE(only_what_hangs_on_a_near_border_is_in_doubt) {
    Table table{4};
    table.columns.geometries = {point(0.5, 0.5), point(1, 0.5), point(2, 2), {}};
    table.columns.jitter = 1e-6;
    table.values["floors"] = {std::int64_t{1}, std::int64_t{1}, std::int64_t{1}, std::int64_t{1}};
    table.ready();
    std::string const near = "S_INTERSECTS(geometry, BBOX(0,0,1,1))";
    BOOST_TEST(table.answers(near) == "y?nn");
    BOOST_TEST(table.answers("NOT " + near) == "n?yn");
    BOOST_TEST(table.answers(near + " AND floors = 1") == "y?nn");
    BOOST_TEST(table.answers(near + " AND floors = 2") == "nnnn");
    BOOST_TEST(table.answers(near + " OR floors = 1") == "yyyy");
    BOOST_TEST(table.answers("(" + near + ") IS NULL") == "nnny");
    auto const filter = filter_of(near);
    Evaluation const evaluation{filter, table.columns, 4};
    BOOST_TEST(evaluation.exact(1, point(1, 0.5)));
    BOOST_TEST(!evaluation.exact(1, point(1.0000001, 0.5)));
    BOOST_TEST(!evaluation.exact(1, {}));
}

BOOST_AUTO_TEST_CASE(bounds_hold_every_row_that_matches) {
    BOOST_TEST(!filter_of("floors = 1").bounds());
    BOOST_TEST(!filter_of("NOT S_WITHIN(geometry, BBOX(0,0,1,1))").bounds());
    BOOST_TEST(!filter_of("S_DISJOINT(geometry, BBOX(0,0,1,1))").bounds());
    auto const both = filter_of("S_WITHIN(geometry, BBOX(0,0,4,4)) AND floors = 1 AND "
                                "S_INTERSECTS(geometry, BBOX(2,2,9,9))");
    BOOST_TEST((both.bounds() == geo::Box{2, 2, 4, 4}));
    auto const either = filter_of("S_WITHIN(geometry, BBOX(0,0,1,1)) OR "
                                  "S_CONTAINS(geometry, POINT(9 9))");
    BOOST_TEST((either.bounds() == geo::Box{0, 0, 9, 9}));
    BOOST_TEST(!filter_of("S_WITHIN(geometry, BBOX(0,0,1,1)) OR floors = 1").bounds());
}

BOOST_AUTO_TEST_CASE(literals_are_moved_and_boxes_become_polygons_for_it) {
    auto const text = "S_WITHIN(geometry, BBOX(0,0,1,1)) AND S_CONTAINS(geometry, POINT(2 3))";
    auto const swapped =
        geo::filter::moved(geo::filter::read_text(text), [](std::span<geo::Position> positions) {
            for (auto& p : positions) p = {p.y + 10, p.x};
        });
    auto const filter = Filter::make(swapped, tests::cql2_schema(), geo::Policy::everything());
    BOOST_TEST(filter.key().find("POINT(13 2)") != std::string::npos, filter.key());
    BOOST_TEST(filter.key().find("POLYGON((10 0") != std::string::npos, filter.key());
}

BOOST_AUTO_TEST_CASE(what_a_row_costs_grows_with_the_values_it_takes) {
    BOOST_TEST(filter_of("floors = 1").cost() == 1U);
    BOOST_TEST(filter_of("floors = 1 AND name LIKE 'x%'").cost() == 2U);
    BOOST_TEST(filter_of("area > floors").cost() == 4U);
    std::string list = "floors IN (floors + 1";
    for (int i = 0; i < 300; ++i) list += ", floors + " + std::to_string(i);
    BOOST_TEST(refusal(list + ")", geo::Policy::everything())["type"] == "filter-too-costly");
    std::string const pattern(50'000, '_');
    BOOST_TEST(refusal("name LIKE '" + pattern + "'", geo::Policy::everything())["type"] ==
               "filter-too-costly");
}

BOOST_AUTO_TEST_CASE(many_threads_may_ask_one_evaluation) {
    std::mt19937_64 random{tests::seed()};
    auto rows = tests::cql2_rows(random, 4000);
    rows.columns.jitter = 1e-7;
    Evaluation const evaluation{
        filter_of("(S_TOUCHES(geometry, BBOX(105.5,18.5,106.5,19.5)) OR "
                  "S_WITHIN(geometry, POLYGON((105 18,107 18,106 19.5,105 18)))) AND "
                  "ACCENTI(name) LIKE '%u%'"),
        rows.columns, 4000};
    std::vector<std::vector<Answer>> answers(4, std::vector<Answer>(4000));
    std::vector<std::thread> threads;
    for (auto& mine : answers)
        threads.emplace_back([&evaluation, &mine] { evaluation.range(0, mine); });
    for (auto& thread : threads) thread.join();
    for (auto const& mine : answers) BOOST_TEST((mine == answers.front()));
}

BOOST_AUTO_TEST_CASE(a_list_of_rows_a_range_and_each_row_alone_answer_alike) {
    std::mt19937_64 random{tests::seed()};
    std::size_t const count = 5000;
    auto rows = tests::cql2_rows(random, count);
    rows.columns.jitter = 1e-7;
    for (int i = 0; i < 60; ++i) {
        auto const expression = tests::cql2_expression(random, 0.1);
        auto const filter =
            Filter::make(expression, tests::cql2_schema(), geo::Policy::everything());
        Evaluation const whole{filter, rows.columns, count};
        Evaluation const few{filter, rows.columns, 0}; // never goes through a dictionary
        std::vector<Answer> range(count);
        whole.range(0, range);
        std::vector<std::uint32_t> list(3000);
        for (auto& row : list) row = std::uint32_t(random() % count);
        std::vector<Answer> named(list.size());
        std::vector<Answer> named_few(list.size());
        whole.rows(list, named);
        few.rows(list, named_few);
        for (std::size_t k = 0; k < list.size(); ++k) {
            auto const row = list[k];
            BOOST_TEST((named[k] == range[row] && named_few[k] == range[row]),
                       geo::filter::to_text(expression));
            if (range[row] == Answer::doubtful || k % 10 != 0) continue;
            BOOST_TEST(whole.exact(row, rows.columns.geometries[row]) ==
                       (range[row] == Answer::yes));
        }
        std::vector<Answer> tail(10);
        whole.range(count - 10, tail);
        BOOST_TEST((tail == std::vector<Answer>(range.end() - 10, range.end())));
    }
}
