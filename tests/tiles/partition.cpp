#include "tiles/mirror/partition.hpp"

#include "tests/support/layers.hpp"
#include "tests/support/seed.hpp"
#include "tiles/shape.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <numbers>
#include <random>

using namespace diaban;
using tiles::GridPoint;
using tiles::mirror::Areas;
using tiles::mirror::Cells;
using tiles::mirror::Partition;

namespace {

/// A star-shaped polygon of `corners` positions about a middle.
geo::Geometry star(std::mt19937_64& random, geo::Position middle, double radius, int corners) {
    std::uniform_real_distribution<double> share{0.3, 1};
    geo::Geometry made;
    made.kind = geo::GeometryKind::polygon;
    made.srid = 4326;
    for (int i = 0; i < corners; ++i) {
        double const turn = 2 * std::numbers::pi * i / corners;
        double const r = radius * share(random);
        made.positions.push_back({middle.x + r * std::cos(turn), middle.y + r * std::sin(turn)});
    }
    made.positions.push_back(made.positions.front());
    made.path_ends = {std::uint32_t(made.positions.size())};
    made.part_ends = {1};
    return made;
}

std::shared_ptr<tiles::mirror::Layer const> stars(std::mt19937_64& random, std::size_t count,
                                                  double radius, int corners) {
    std::uniform_real_distribution<double> lon{105, 106};
    std::uniform_real_distribution<double> lat{18, 19};
    std::vector<tests::MadeRow> rows;
    for (std::size_t i = 0; i < count; ++i) {
        tests::MadeRow row;
        row.fid = std::int64_t(i) + 1;
        row.geometry = star(random, {lon(random), lat(random)}, radius, corners);
        rows.push_back(std::move(row));
    }
    return tests::make_layer(tests::make_schema(geo::GeometryKind::polygon), rows);
}

std::vector<tiles::mirror::Layer::At> all_rows(tiles::mirror::Layer const& layer) {
    std::vector<tiles::mirror::Layer::At> rows;
    for (std::uint32_t row = 0; row < layer.base().located(); ++row)
        rows.push_back({&layer.base(), row});
    return rows;
}

/// The first row whose rings, each asked by a winding of its own, hold the point.
std::uint32_t first_holding(tiles::mirror::Run const& run, GridPoint p) {
    for (std::uint32_t row = 0; row < run.located(); ++row)
        if (tiles::is_inside(p, run.path(run.path_begin[row]))) return row;
    return Partition::nowhere;
}

} // namespace

BOOST_AUTO_TEST_SUITE(partition)

BOOST_AUTO_TEST_CASE(
    a_point_is_in_the_first_area_that_holds_it_and_a_box_is_whole_only_if_all_of_it_is) {
    std::mt19937_64 random{tests::seed()};
    auto const layer = stars(random, 40, 0.15, 300);
    auto const& run = layer->base();
    Areas const areas{layer, all_rows(*layer)};
    std::uniform_int_distribution<int> step{0, 1 << 23};
    auto const corner = tiles::to_grid({105, 19});
    std::size_t wholes = 0;
    for (int i = 0; i < 3000; ++i) {
        GridPoint const p{corner.x + step(random), corner.y + step(random)};
        auto const holder = first_holding(run, p);
        BOOST_TEST(areas.holding(p) == holder);
        int const size = 1 << (i % 18);
        auto const whole = areas.whole({p.x, p.y, p.x + size, p.y + size});
        if (!whole) continue;
        ++wholes;
        for (auto const& [dx, dy] : {std::pair{0, 0},
                                     {size, 0},
                                     {0, size},
                                     {size, size},
                                     {size / 2, size / 2},
                                     {size / 3, size / 5}})
            BOOST_TEST(first_holding(run, {p.x + dx, p.y + dy}) == *whole);
    }
    BOOST_TEST(wholes > 1000U);
}

BOOST_AUTO_TEST_CASE(rows_told_in_stretches_are_where_each_one_is_told_by_itself) {
    std::mt19937_64 random{tests::seed()};
    auto const areas_of = stars(random, 40, 0.2, 200);
    Areas const areas{areas_of, all_rows(*areas_of)};
    Cells const cells{12};
    auto const layer = stars(random, 20'000, 0.0005, 7);
    auto const& run = layer->base();
    std::vector<std::uint32_t> rows;
    for (std::uint32_t row = 0; row < run.size(); ++row)
        if (random() % 3 != 0) rows.push_back(row);
    for (Partition const* const parts :
         {static_cast<Partition const*>(&areas), static_cast<Partition const*>(&cells)}) {
        auto const told = tiles::mirror::parts_of(run, rows, *parts, 2);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            std::uint32_t const one[] = {rows[i]};
            BOOST_REQUIRE(told[i] == tiles::mirror::parts_of(run, one, *parts)[0]);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
