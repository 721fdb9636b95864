#include "tests/support/coverage.hpp"
#include "tests/support/mvt_reader.hpp"
#include "tests/support/seed.hpp"
#include "tiles/pyramid/block_area.hpp"
#include "tiles/pyramid/diffuse.hpp"
#include "tiles/pyramid/outline.hpp"
#include "tiles/shape.hpp"

#include <boost/test/unit_test.hpp>
#include <geos_c.h>

#include <map>
#include <numeric>
#include <random>

using namespace diaban;
using tiles::GridPoint;
using namespace tiles::pyramid;

namespace {

using Areas = std::map<std::uint32_t, std::int64_t>;

Areas areas_of(tests::Coverage const& coverage, std::size_t row, BlockSquare const& square) {
    Areas areas;
    BlockArea measure{square};
    auto const first = coverage.row_begin[row];
    auto const rings = coverage.row_begin[row + 1] - first + 1;
    auto const paths = std::span{coverage.ring_begin}.subspan(first, rings);
    auto const box = tiles::box_of(
        std::span{coverage.points}.subspan(paths.front(), paths.back() - paths.front()));
    measure.add(coverage.points, paths, box,
                [&](std::uint32_t block, std::int64_t twice) { areas[block] += twice; });
    return areas;
}

/// The area of the row's first part in a box, as GEOS clips it.
double clipped(tests::Coverage const& coverage, std::size_t row, double west, double north,
               double side) {
    static GEOSContextHandle_t const g = GEOS_init_r();
    std::vector<GEOSGeometry*> rings;
    for (auto r = coverage.row_begin[row]; r < coverage.row_begin[row + 1]; ++r) {
        auto const begin = coverage.ring_begin[r];
        auto const size = coverage.ring_begin[r + 1] - begin;
        auto* const sequence = GEOSCoordSeq_create_r(g, size + 1, 2);
        for (unsigned i = 0; i <= size; ++i) {
            auto const p = coverage.points[begin + i % size];
            GEOSCoordSeq_setXY_r(g, sequence, i, p.x, p.y);
        }
        rings.push_back(GEOSGeom_createLinearRing_r(g, sequence));
    }
    auto* const shape =
        GEOSGeom_createPolygon_r(g, rings[0], rings.data() + 1, unsigned(rings.size() - 1));
    auto* const box = GEOSGeom_createRectangle_r(g, west, north, west + side, north + side);
    auto* const part = GEOSIntersection_r(g, shape, box);
    double area = 0;
    GEOSArea_r(g, part, &area);
    for (auto* const geometry : {shape, box, part}) GEOSGeom_destroy_r(g, geometry);
    return area;
}

/// A star with a star-shaped hole around (x, y).
tests::Coverage star(std::mt19937_64& random, std::int32_t x, std::int32_t y, double radius) {
    std::uniform_real_distribution<double> outer{0.55, 1.0};
    std::uniform_real_distribution<double> inner{0.1, 0.45};
    tests::Coverage coverage;
    std::size_t const size = 5 + random() % 30;
    for (bool const hole : {false, true}) {
        for (std::size_t i = 0; i < size; ++i) {
            double const angle = 6.283185307179586 * double(i) / double(size) * (hole ? -1 : 1);
            double const r = radius * (hole ? inner(random) : outer(random));
            coverage.points.push_back(
                {x + std::int32_t(r * std::cos(angle)), y + std::int32_t(r * std::sin(angle))});
        }
        coverage.ring_begin.push_back(std::uint32_t(coverage.points.size()));
    }
    coverage.row_begin.push_back(2);
    return coverage;
}

} // namespace

BOOST_AUTO_TEST_SUITE(blocks)

BOOST_AUTO_TEST_CASE(a_polygon_covers_each_block_as_geos_clips_it) {
    std::mt19937_64 random{tests::seed()};
    BlockSquare const square{1 << 20, 1 << 20, 8, 16};
    std::int64_t const block = 1 << 8;
    for (int round = 0; round < 40; ++round) {
        auto const at = [&] { return (1 << 20) - 2000 + std::int32_t(random() % 8000); };
        auto const shape = star(random, at(), at(), 100 + double(random() % 4000));
        auto const areas = areas_of(shape, 0, square);
        for (std::uint32_t b = 0; b < 256; ++b) {
            double const found = areas.contains(b) ? double(areas.at(b)) / 2 : 0;
            double const expected = clipped(shape, 0, double(square.west + block * (b % 16)),
                                            double(square.north + block * (b / 16)), double(block));
            // Half a step at each crossing, of sides no longer in a block than its diagonal.
            BOOST_REQUIRE_SMALL(found - expected, 362.0 * double(shape.points.size()));
            BOOST_REQUIRE_SMALL(found - expected, 0.02 * double(block * block));
        }
    }
}

BOOST_AUTO_TEST_CASE(what_a_block_holds_does_not_depend_on_the_square_that_asks) {
    std::mt19937_64 random{tests::seed()};
    for (int round = 0; round < 20; ++round) {
        auto const shape = star(random, 40'000, 40'000, 30'000);
        auto const large = areas_of(shape, 0, {0, 0, 9, 256});
        for (std::int64_t x = 0; x < 16; ++x)
            for (std::int64_t y = 0; y < 16; ++y) {
                auto const small = areas_of(shape, 0, {x * 16 * 512, y * 16 * 512, 9, 16});
                for (std::uint32_t b = 0; b < 256; ++b) {
                    auto const same = std::uint32_t((y * 16 + b / 16) * 256 + x * 16 + b % 16);
                    auto const of = [](Areas const& areas, std::uint32_t which) {
                        return areas.contains(which) ? areas.at(which) : 0;
                    };
                    BOOST_REQUIRE_EQUAL(of(small, b), of(large, same));
                }
            }
    }
}

BOOST_AUTO_TEST_CASE(neighbours_divide_every_block_without_rest) {
    std::mt19937_64 random{tests::seed()};
    auto const coverage = tests::random_coverage(random, 20, 4, 17);
    Areas sums;
    for (std::size_t row = 0; row < coverage.size(); ++row)
        for (auto const& [block, twice] : areas_of(coverage, row, {0, 0, 13, 128}))
            sums[block] += twice;
    std::size_t whole = 0;
    for (std::uint32_t y = 0; y < 122; ++y)
        for (std::uint32_t x = 0; x < 122; ++x) { // the coverage ends at 10^6 = 122.07 blocks
            BOOST_REQUIRE_EQUAL(sums[y * 128 + x], std::int64_t{2} << 26);
            ++whole;
        }
    BOOST_TEST(whole == 122U * 122U);
}

BOOST_AUTO_TEST_CASE(outlines_of_random_cells_are_valid_and_have_their_area) {
    std::mt19937_64 random{tests::seed()};
    for (int round = 0; round < 60; ++round) {
        std::uint32_t const width = 1 + unsigned(random() % 40);
        std::uint32_t const height = 1 + unsigned(random() % 40);
        std::uint32_t const labels = 2 + unsigned(random() % 4);
        std::vector<std::uint32_t> cells(std::size_t{width} * height);
        for (auto& cell : cells) cell = std::uint32_t(random() % labels);
        Outlines outlines;
        trace(cells, width, 8, {-16, 24}, outlines);
        std::map<std::uint32_t, tests::ReadFeature> features;
        for (std::size_t i = 0; i < outlines.labels.size(); ++i) {
            auto& path = features[outlines.labels[i]].paths.emplace_back();
            for (auto const p : outlines.shape.path(i)) path.push_back({p.x, p.y});
        }
        for (std::uint32_t label = 1; label < labels; ++label) {
            std::int64_t twice = 0;
            for (auto const& path : features[label].paths) twice += tests::twice_area(path);
            BOOST_TEST(twice == 2 * 64 * std::count(cells.begin(), cells.end(), label));
            if (!features[label].paths.empty())
                BOOST_TEST(tests::polygon_fault(features[label]) == "");
        }
        BOOST_TEST(!features.contains(0));
    }
}

BOOST_AUTO_TEST_CASE(every_class_is_drawn_within_one_block_of_its_area) {
    std::mt19937_64 random{tests::seed()};
    constexpr std::uint32_t side = 32;
    for (int round = 0; round < 30; ++round) {
        Keys keys;
        std::uint32_t const classes = 1 + unsigned(random() % 40);
        std::uint32_t const scopes = 1 + unsigned(random() % 20);
        for (std::uint32_t c = 0; c < classes; ++c)
            for (std::uint32_t s = 0; s < scopes; ++s)
                keys.number({std::to_string(c), std::to_string(s), 0});
        auto const ranks = keys.order().ranks;
        Shares shares;
        shares.begin.push_back(0);
        std::vector<double> exact(classes);
        std::uint32_t const most = 1 + unsigned(random() % 6);
        for (std::uint32_t block = 0; block < side * side; ++block) {
            std::map<std::uint32_t, std::uint32_t> parts; // by rank
            std::uint32_t rest = whole_block;
            for (auto n = random() % (most + 1); n > 0; --n) {
                auto const part = std::uint32_t(random() % (rest + 1));
                auto const key = std::uint32_t(random() % keys.size());
                parts[ranks[key]] += part;
                rest -= part;
            }
            for (std::uint32_t key = 0; key < keys.size(); ++key)
                if (parts.contains(ranks[key])) exact[key / scopes] += parts[ranks[key]];
            for (auto const& [rank, part] : parts) {
                auto const key =
                    std::uint32_t(std::find(ranks.begin(), ranks.end(), rank) - ranks.begin());
                shares.shares.push_back({key, part});
            }
            shares.begin.push_back(std::uint32_t(shares.shares.size()));
        }
        auto const result = diffuse(shares, side, keys, ranks);
        std::vector<double> found(classes);
        for (auto const block : result.blocks)
            if (block > 0) found[result.keys[block - 1] / scopes] += whole_block;
        for (std::uint32_t c = 0; c < classes; ++c)
            BOOST_TEST(std::abs(found[c] - exact[c]) <= double(whole_block));
    }
}

BOOST_AUTO_TEST_CASE(a_block_that_one_key_fills_is_drawn_for_it) {
    Keys keys;
    for (auto const* name : {"forest", "rice", "water"}) keys.number({name, "42", 0});
    Shares shares;
    shares.begin.push_back(0);
    // Rice to the west, forest to the east, between them a column of blocks that both share.
    for (std::uint32_t block = 0; block < 64; ++block) {
        auto const column = block % 8;
        if (column < 4)
            shares.shares.push_back({1, whole_block});
        else if (column == 4)
            shares.shares.insert(shares.shares.end(), {{0, whole_block / 2}, {1, whole_block / 2}});
        else
            shares.shares.push_back({0, whole_block});
        shares.begin.push_back(std::uint32_t(shares.shares.size()));
    }
    auto const drawn = diffuse(shares, 8, keys, keys.order().ranks);
    BOOST_REQUIRE_EQUAL(drawn.keys.size(), 2U);
    int rice = 0;
    for (std::uint32_t block = 0; block < 64; ++block) {
        auto const key = drawn.keys.at(drawn.blocks.at(block) - 1U);
        if (block % 8 < 4) BOOST_TEST(key == 1U);
        if (block % 8 > 4) BOOST_TEST(key == 0U);
        if (block % 8 == 4) rice += key == 1 ? 1 : 0;
    }
    BOOST_TEST(rice == 4);
}

BOOST_AUTO_TEST_SUITE_END()
