// A run as filters see it, held against the rows it was made of.

#include "tiles/mirror/run_columns.hpp"

#include "tests/support/random_rows.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace diaban;
using geo::filter::Nearness;
using tiles::mirror::RunColumns;

namespace {

/// The least distance of a position from those of another geometry, in degrees.
double off(geo::Position p, geo::Geometry const& other) {
    double least = INFINITY;
    for (auto const& q : other.positions) least = std::min(least, std::hypot(p.x - q.x, p.y - q.y));
    return least;
}

bool holds(geo::Box const& outer, geo::Box const& inner) {
    return outer.min_x <= inner.min_x && inner.max_x <= outer.max_x && outer.min_y <= inner.min_y &&
           inner.max_y <= outer.max_y;
}

geo::GeometryKind const kinds[] = {geo::GeometryKind::point, geo::GeometryKind::line,
                                   geo::GeometryKind::polygon};

} // namespace

BOOST_AUTO_TEST_SUITE(run_columns)

BOOST_AUTO_TEST_CASE(values_boxes_and_shapes_are_those_of_the_rows) {
    for (auto const kind : kinds) {
        tests::RandomRows source{kind, tests::seed()};
        std::vector<tests::MadeRow> rows;
        for (std::int64_t fid = 0; fid < 600; ++fid) rows.push_back(source.row(fid));
        auto const schema = source.schema();
        auto const layer = tests::make_layer(schema, rows);
        RunColumns const columns{layer->runs().front().run};
        BOOST_REQUIRE(columns.rows() == rows.size());
        std::size_t near = 0;
        for (std::size_t i = 0; i < columns.rows(); ++i) {
            auto const& row = rows[std::size_t(columns.fid(i))];
            for (std::size_t f = 0; f < schema.fields.size(); ++f) {
                auto const column = columns.column(schema.fields[f].name);
                auto const code = column.codes[i];
                BOOST_REQUIRE(code < column.dictionary->size());
                auto const value = code == 0 ? geo::ValueView{} : column.dictionary->value(code);
                BOOST_REQUIRE((value == row.values[f]));
            }
            BOOST_TEST((columns.valid(i) == geo::Period{}));
            BOOST_REQUIRE(columns.has_geometry(i) == !row.geometry.empty());
            if (row.geometry.empty()) continue;
            BOOST_REQUIRE(holds(columns.box(i), row.geometry.box()));
            geo::Geometry shape;
            columns.geometry(i, shape);
            BOOST_REQUIRE(shape.kind == kind);
            auto const tolerance = columns.tolerance(i);
            for (auto const& p : row.geometry.positions) BOOST_REQUIRE(off(p, shape) <= tolerance);
            if (tolerance < 3e-7) ++near;
        }
        BOOST_TEST(near > 500U);
    }
}

BOOST_AUTO_TEST_CASE(parts_and_holes_are_nested_as_they_came) {
    auto shape = tests::make_polygon({{{105, 18}, {106, 18}, {106, 19}, {105, 19}},
                                      {{105.2, 18.2}, {105.2, 18.4}, {105.4, 18.4}}});
    auto const island = tests::make_polygon({{{107, 18}, {108, 18}, {108, 19}}});
    auto const before = std::uint32_t(shape.positions.size());
    shape.multi = true;
    shape.positions.insert(shape.positions.end(), island.positions.begin(), island.positions.end());
    shape.path_ends.push_back(before + island.path_ends.front());
    shape.part_ends.push_back(3);
    auto const layer =
        tests::make_layer(tests::make_schema(geo::GeometryKind::polygon), {{1, shape, {}}});
    RunColumns const columns{layer->runs().front().run};
    geo::Geometry read;
    for (int again = 0; again < 2; ++again) columns.geometry(0, read); // its memory is used again
    BOOST_TEST(read.path_ends == shape.path_ends);
    BOOST_TEST(read.part_ends == shape.part_ends);
    BOOST_TEST(read.multi);
}

BOOST_AUTO_TEST_CASE(a_row_is_far_only_from_boxes_that_the_record_misses) {
    tests::RandomRows source{geo::GeometryKind::line, tests::seed()};
    std::vector<tests::MadeRow> rows;
    for (std::int64_t fid = 0; fid < 300; ++fid) rows.push_back(source.row(fid));
    auto const layer = tests::make_layer(source.schema(), rows);
    RunColumns const columns{layer->runs().front().run};
    std::vector<std::uint32_t> every(rows.size());
    std::iota(every.begin(), every.end(), 0U);
    std::vector<Nearness> answers(rows.size());
    std::size_t far = 0;
    for (auto const& asked : rows) {
        if (asked.geometry.empty()) continue;
        auto const box = asked.geometry.box(); // shares its borders with the row's
        columns.near(box, every, answers);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            auto const& row = rows[std::size_t(columns.fid(i))];
            BOOST_REQUIRE((answers[i] == Nearness::none) == row.geometry.empty());
            if (answers[i] != Nearness::far) continue;
            BOOST_REQUIRE(!box.intersects(row.geometry.box()));
            ++far;
        }
    }
    BOOST_TEST(far > 1000U);
}

BOOST_AUTO_TEST_CASE(what_the_grid_loses_or_closes_stays_within_what_is_said) {
    double const step = 360.0 / tiles::grid_side;
    std::vector<geo::Position> const square{{105, 18}, {105.1, 18}, {105.1, 18.1}, {105, 18.1}};
    auto const pinhole = [&](double x, double y) {
        return std::vector<geo::Position>{{x, y}, {x, y + step / 9}, {x + step / 9, y}};
    };
    // Off the square: a part of less than a step.
    auto island = tests::make_polygon({square});
    auto const speck = tests::make_polygon({pinhole(105.5, 18.5)});
    island.multi = true;
    island.positions.insert(island.positions.end(), speck.positions.begin(), speck.positions.end());
    island.path_ends.push_back(std::uint32_t(island.positions.size()));
    island.part_ends.push_back(2);
    // A needle of a third of a step in width and 0.3 degrees in length.
    auto needle = square;
    needle.insert(needle.begin() + 2, {{105.1, 18.05}, {105.4, 18.05}, {105.1, 18.05 + step / 3}});
    auto const layer =
        tests::make_layer(tests::make_schema(geo::GeometryKind::polygon),
                          {{1, tests::make_polygon({square, pinhole(105.05, 18.05)}), {}},
                           {2, island, {}},
                           {3, tests::make_polygon({needle}), {}},
                           {4, tests::make_polygon({square}), {}}});
    RunColumns const columns{layer->runs().front().run};
    geo::Box const whole[] = {{105, 18, 105.1, 18.1},
                              {105, 18, 105.5, 18.5},
                              {105, 18, 105.4, 18.1},
                              {105, 18, 105.1, 18.1}};
    for (std::size_t i = 0; i < 4; ++i) {
        auto const fid = columns.fid(i);
        BOOST_TEST(holds(columns.box(i), whole[fid - 1]), fid);
        BOOST_TEST((columns.tolerance(i) < 3e-7) == (fid == 4), fid);
        BOOST_TEST((columns.tolerance(i) > 0.1) == (fid != 4), fid);
    }
}

BOOST_AUTO_TEST_CASE(beyond_the_square_world_a_row_is_told_no_better_than_to_the_pole) {
    auto const layer =
        tests::make_layer(tests::make_schema(geo::GeometryKind::point),
                          {{1, tests::make_point(180, 89), {}}, {2, tests::make_point(0, 0), {}}});
    RunColumns const columns{layer->runs().front().run};
    for (std::size_t i = 0; i < 2; ++i) {
        bool const polar = columns.fid(i) == 1;
        BOOST_TEST(
            holds(columns.box(i), polar ? geo::Box{180, 89, 180, 89} : geo::Box{0, 0, 0, 0}));
        BOOST_TEST((columns.tolerance(i) == 5.0) == polar);
    }
    std::uint32_t const every[] = {0, 1};
    Nearness answers[2];
    columns.near({-180, 86, 180, 95}, every, answers);
    for (std::size_t i = 0; i < 2; ++i)
        BOOST_TEST((answers[i] == Nearness::near) == (columns.fid(i) == 1));
}

BOOST_AUTO_TEST_SUITE_END()
