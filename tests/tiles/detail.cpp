#include "tiles/pyramid/detail.hpp"

#include "geo/ops/snap.hpp"
#include "tests/support/coverage.hpp"
#include "tests/support/seed.hpp"
#include "tiles/pyramid/bends.hpp"
#include "tiles/untangle.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <iostream>
#include <limits>
#include <optional>
#include <random>

using namespace diaban;
using tests::Coverage;
using tiles::pyramid::Bends;

namespace {

/// Rings and exteriors of a row at a zoom, in tile units of the whole world, as the cutter draws
/// them: rounded, without points that fall together, made valid.
tiles::Shape drawn(Coverage const& coverage, std::size_t row, std::uint32_t zoom,
                   std::vector<std::uint8_t> const& first, Bends const& bends) {
    tiles::Shape shape;
    tiles::TileFrame const frame{*tiles::TileId::make(zoom, 0, 0)};
    bool exterior_gone = false;
    for (auto r = coverage.row_begin[row]; r < coverage.row_begin[row + 1]; ++r) {
        auto const start = shape.points.size();
        auto const begin = coverage.ring_begin[r];
        auto const end = coverage.ring_begin[r + 1];
        auto const add = [&](tiles::GridPoint point) {
            auto const p = frame.unit(point);
            auto const size = shape.points.size() - start;
            if (size > 0 && shape.points.back() == p) return;
            if (size > 1 && shape.points[shape.points.size() - 2] == p)
                shape.points.pop_back();
            else
                shape.points.push_back(p);
        };
        for (auto i = begin; i < end; ++i) {
            if (first[i] > zoom) continue;
            add(coverage.points[i]);
            for (auto const& bend : bends.of(zoom, i, i + 1)) add(bend.through);
        }
        while (shape.points.size() > start + 1 && shape.points.back() == shape.points[start])
            shape.points.pop_back();
        bool const exterior =
            tiles::twice_area(std::span{coverage.points}.subspan(begin, end - begin)) > 0;
        auto const area = tiles::twice_area(std::span{shape.points}.subspan(start));
        bool const keep = exterior ? area > 0 : area < 0 && !exterior_gone;
        if (exterior) exterior_gone = !keep;
        if (keep)
            shape.close_path();
        else
            shape.points.resize(start);
    }
    if (!shape.empty() && !tiles::is_clean(shape) && !tiles::untangle(shape)) {
        constexpr double all = 1e10;
        auto const snapped =
            geo::ops::snap_to_units(tiles::to_polygon(shape), {-all, -all, all, all});
        shape.clear();
        tiles::from_polygon(snapped, shape);
    }
    return shape;
}

Coverage drawn(Coverage const& coverage, std::uint32_t zoom, std::vector<std::uint8_t> const& first,
               Bends const& bends) {
    Coverage result;
    for (std::size_t row = 0; row < coverage.size(); ++row) {
        auto const shape = drawn(coverage, row, zoom, first, bends);
        for (std::size_t i = 0; i < shape.path_ends.size(); ++i) {
            auto const path = shape.path(i);
            result.points.insert(result.points.end(), path.begin(), path.end());
            result.ring_begin.push_back(std::uint32_t(result.points.size()));
        }
        result.row_begin.push_back(std::uint32_t(result.ring_begin.size() - 1));
    }
    return result;
}

/// GDAL opens a file within an archive by its path there.
std::string path_of(std::string const& folder, std::string const& file) {
    return (file.ends_with(".zip") ? "/vsizip/" : "") + folder + file;
}

std::optional<Coverage> communes(char const* file, char const* test) {
    char const* const folder = std::getenv("DIABAN_DATA");
    if (folder == nullptr || *folder == '\0') {
        std::cout << "SKIPPED (DIABAN_DATA not set): " << test << std::endl;
        return std::nullopt;
    }
    Coverage coverage;
    for (auto const& polygon : tests::read_polygons(path_of(folder, file)))
        coverage.add(polygon, [](geo::Position p) { return tiles::to_grid(p); });
    return coverage;
}

/// Every zoom of `zooms`, rising: the simplified rows are valid and cover each place once, on the
/// grid and in tile units.
void check(Coverage const& whole, std::vector<std::uint32_t> const& zooms) {
    auto const before = tests::facts(whole);
    auto const off = std::abs(before.united / before.sum - 1);
    BOOST_TEST_MESSAGE(whole.points.size() << " points, " << before.invalid
                                           << " invalid rows, union / sum off by " << off);
    auto const detail = tiles::pyramid::detail_of(whole.points, whole.ring_begin, whole.row_begin,
                                                  zooms.front(), true, 2);
    auto const& first = detail.first_zooms;
    auto const& bends = detail.bends;
    for (auto const zoom : zooms) {
        auto const simple = whole.filtered([&](std::size_t i) { return first[i] <= zoom; });
        auto const found = tests::facts(simple);
        BOOST_TEST(found.collapsed == 0U);
        BOOST_TEST(found.invalid <= before.invalid);
        BOOST_TEST(found.union_rings == before.union_rings);
        BOOST_TEST(std::abs(found.united / found.sum - 1) <= off + 1e-9);
        auto const on_screen = tests::facts(drawn(whole, zoom, first, bends));
        auto const on_screen_off = std::abs(on_screen.united / on_screen.sum - 1);
        BOOST_TEST(on_screen.invalid == 0U);
        // What overlaps in the source may be some times as large in units.
        BOOST_TEST(on_screen_off <= 10 * off + 1e-9);
        BOOST_TEST_MESSAGE("z" << zoom << ": " << simple.points.size() << " points, "
                               << bends.of(zoom, 0, UINT32_MAX).size()
                               << " bends, union / sum in tile units off by " << on_screen_off);
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(detail)

BOOST_AUTO_TEST_CASE(random_coverages_neither_gape_nor_overlap_in_tile_units) {
    std::mt19937_64 random{tests::seed()};
    for (int round = 0; round < 6; ++round)
        // A million steps across: from 4 to 500 units.
        check(tests::random_coverage(random, 6 + unsigned(random() % 24),
                                     1 + unsigned(random() % 5), 5 + 2 * unsigned(random() % 30)),
              {1, 2, 3, 4, 5, 6, 8});
}

BOOST_AUTO_TEST_CASE(points_that_only_one_neighbour_has_open_nothing_in_tile_units) {
    std::mt19937_64 random{tests::seed()};
    for (int round = 0; round < 3; ++round) {
        auto const made = tests::random_coverage(random, 6 + unsigned(random() % 12), 4, 9);
        Coverage apart; // twice as large, so that sides have a middle: half of the rings have it
        apart.row_begin = made.row_begin;
        for (std::size_t ring = 0; ring + 1 < made.ring_begin.size(); ++ring) {
            auto const begin = made.ring_begin[ring];
            auto const end = made.ring_begin[ring + 1];
            for (auto i = begin; i < end; ++i) {
                auto const a = made.points[i];
                auto const b = made.points[i + 1 == end ? begin : i + 1];
                apart.points.push_back({2 * a.x, 2 * a.y});
                if (random() % 2 == 0) apart.points.push_back({a.x + b.x, a.y + b.y});
            }
            apart.ring_begin.push_back(std::uint32_t(apart.points.size()));
        }
        check(apart, {1, 2, 3, 4, 5, 6, 8, 12});
    }
}

BOOST_AUTO_TEST_CASE(a_side_goes_through_the_unit_of_a_point_that_only_its_neighbour_has) {
    // The western square has no vertex where the two eastern ones part, which lies half a step
    // beside its side: at z16 (8 steps a unit) both draw the same.
    Coverage whole;
    for (auto const& ring : std::vector<std::vector<tiles::GridPoint>>{
             {{0, 0}, {801, 0}, {1603, 2400}, {0, 2400}},
             {{801, 0}, {2400, 0}, {2400, 1001}, {1135, 1001}},
             {{1135, 1001}, {2400, 1001}, {2400, 2400}, {1603, 2400}}}) {
        whole.points.insert(whole.points.end(), ring.begin(), ring.end());
        whole.ring_begin.push_back(std::uint32_t(whole.points.size()));
        whole.row_begin.push_back(std::uint32_t(whole.ring_begin.size() - 1));
    }
    auto const arcs = geo::coverage::find_arcs(whole.rings(), 1);
    std::vector<std::uint8_t> const all(arcs.points.size(), 0);
    auto const bends =
        tiles::pyramid::find_bends(whole.rings(), whole.row_begin, arcs, all, {16, 16}, true, 1);
    BOOST_REQUIRE_EQUAL(bends.all().size(), 1U);
    BOOST_TEST(bends.all()[0].point == 1U);
    // By hand: (1135 + 4) / 8 and (1001 + 4) / 8, rounded down, are the unit (142, 125).
    BOOST_TEST((bends.all()[0].through == tiles::GridPoint{142 * 8, 125 * 8}));
    auto const straight = tests::facts(drawn(whole, 16, all, {}));
    auto const bent = tests::facts(drawn(whole, 16, all, bends));
    BOOST_TEST(straight.union_rings == 2U); // a gap along the side
    BOOST_TEST(bent.united == bent.sum);
    BOOST_TEST(bent.union_rings == 1U);
}

BOOST_AUTO_TEST_CASE(the_rows_around_a_row_are_enough_to_know_its_detail) {
    std::mt19937_64 random{tests::seed()};
    auto const whole = tests::random_coverage(random, 24, 100'000, 25);
    constexpr std::uint32_t lowest = 4; // a unit is 2^15 steps, a cell of the coverage 41,000
    auto const detail =
        tiles::pyramid::detail_of(whole.points, whole.ring_begin, whole.row_begin, lowest, true, 2);
    std::vector<tiles::GridBox> boxes;
    for (std::size_t row = 0; row < whole.size(); ++row) {
        auto const begin = whole.ring_begin[whole.row_begin[row]];
        auto const end = whole.ring_begin[whole.row_begin[row + 1]];
        boxes.push_back(tiles::box_of(std::span{whole.points}.subspan(begin, end - begin)));
    }
    auto const around = [&](std::vector<bool> const& rows, std::int32_t margin) {
        std::vector<bool> found(whole.size());
        for (std::size_t row = 0; row < whole.size(); ++row) {
            if (!rows[row]) continue;
            auto const& box = boxes[row];
            tiles::GridBox const grown{box.min_x - margin, box.min_y - margin, box.max_x + margin,
                                       box.max_y + margin};
            for (std::size_t other = 0; other < whole.size(); ++other)
                if (grown.intersects(boxes[other])) found[other] = true;
        }
        return found;
    };
    std::size_t left_out = 0;
    for (int round = 0; round < 40; ++round) {
        auto const asked = random() % whole.size();
        std::vector<bool> alone(whole.size());
        alone[asked] = true;
        auto const context = around(around(alone, 1 << 15), 0);
        left_out += std::size_t(std::count(context.begin(), context.end(), false));
        Coverage near;
        std::size_t place = 0; // of the asked row's points
        for (std::size_t row = 0; row < whole.size(); ++row) {
            if (!context[row]) continue;
            if (row == asked) place = near.points.size();
            for (auto r = whole.row_begin[row]; r < whole.row_begin[row + 1]; ++r) {
                near.points.insert(near.points.end(), whole.points.begin() + whole.ring_begin[r],
                                   whole.points.begin() + whole.ring_begin[r + 1]);
                near.ring_begin.push_back(std::uint32_t(near.points.size()));
            }
            near.row_begin.push_back(std::uint32_t(near.ring_begin.size() - 1));
        }
        auto const found = tiles::pyramid::detail_of(near.points, near.ring_begin, near.row_begin,
                                                     lowest, true, 1);
        auto const origin = whole.ring_begin[whole.row_begin[asked]];
        auto const size = whole.ring_begin[whole.row_begin[asked + 1]] - origin;
        BOOST_TEST(std::equal(found.first_zooms.begin() + std::ptrdiff_t(place),
                              found.first_zooms.begin() + std::ptrdiff_t(place + size),
                              detail.first_zooms.begin() + origin));
        for (auto zoom = lowest; zoom < 10; ++zoom) {
            auto const here =
                found.bends.of(zoom, std::uint32_t(place), std::uint32_t(place + size));
            auto const there = detail.bends.of(zoom, origin, origin + size);
            BOOST_TEST(std::equal(here.begin(), here.end(), there.begin(), there.end(),
                                  [&](auto const& a, auto const& b) {
                                      return a.point - place == b.point - origin &&
                                             a.through == b.through;
                                  }));
        }
    }
    BOOST_TEST(left_out > 0U);
}

BOOST_AUTO_TEST_CASE(the_communes_of_ha_tinh_neither_gape_nor_overlap_at_any_zoom) {
    if (auto const whole = communes("/admin/hatinh_communes_2025_full.fgb",
                                    "the_communes_of_ha_tinh_neither_gape_nor_overlap_at_any_zoom"))
        check(*whole, {5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18});
}

BOOST_AUTO_TEST_CASE(the_communes_of_the_country_neither_gape_nor_overlap_at_low_zooms) {
    if (auto const whole =
            communes("/admin/vn_communes_2025_30m.fgb.zip",
                     "the_communes_of_the_country_neither_gape_nor_overlap_at_low_zooms"))
        check(*whole, {5, 6, 8});
}

BOOST_AUTO_TEST_SUITE_END()
