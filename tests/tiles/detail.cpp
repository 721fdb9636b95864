#include "tiles/pyramid/detail.hpp"

#include "geo/ops/snap.hpp"
#include "tests/support/coverage.hpp"
#include "tests/support/seed.hpp"
#include "tiles/untangle.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <iostream>
#include <limits>
#include <optional>

using namespace diaban;
using tests::Coverage;

namespace {

/// Rings and exteriors of a row at a zoom, in tile units of the whole world, as the cutter draws
/// them: rounded, without points that fall together, made valid.
tiles::Shape drawn(Coverage const& coverage, std::size_t row, std::uint32_t zoom) {
    tiles::Shape shape;
    tiles::TileFrame const frame{*tiles::TileId::make(zoom, 0, 0)};
    bool exterior_gone = false;
    for (auto r = coverage.row_begin[row]; r < coverage.row_begin[row + 1]; ++r) {
        auto const start = shape.points.size();
        auto const begin = coverage.ring_begin[r];
        auto const end = coverage.ring_begin[r + 1];
        for (auto i = begin; i < end; ++i) {
            auto const p = frame.unit(coverage.points[i]);
            auto const size = shape.points.size() - start;
            if (size > 0 && shape.points.back() == p) continue;
            if (size > 1 && shape.points[shape.points.size() - 2] == p)
                shape.points.pop_back();
            else
                shape.points.push_back(p);
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

Coverage drawn(Coverage const& coverage, std::uint32_t zoom) {
    Coverage result;
    for (std::size_t row = 0; row < coverage.size(); ++row) {
        auto const shape = drawn(coverage, row, zoom);
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
    if (folder == nullptr) {
        std::cout << "SKIPPED (DIABAN_DATA not set): " << test << std::endl;
        return std::nullopt;
    }
    Coverage coverage;
    for (auto const& polygon : tests::read_polygons(path_of(folder, file)))
        coverage.add(polygon, [](geo::Position p) { return tiles::to_grid(p); });
    return coverage;
}

/// Every zoom of `zooms`: the simplified rows are valid, and cover each place once.
void check(Coverage const& whole, std::vector<std::uint32_t> const& zooms) {
    auto const before = tests::facts(whole);
    std::cout << "  whole: " << whole.points.size() << " points, " << before.invalid
              << " invalid, union / sum - 1 = " << before.united / before.sum - 1 << "\n";
    auto const first = tiles::pyramid::first_zooms(whole.points, whole.ring_begin, 0, 2);
    for (auto const zoom : zooms) {
        auto const simple = whole.filtered([&](std::size_t i) { return first[i] <= zoom; });
        auto const found = tests::facts(simple);
        BOOST_TEST(found.collapsed == 0U);
        BOOST_TEST(found.invalid <= before.invalid);
        BOOST_TEST(found.union_rings == before.union_rings);
        BOOST_TEST(std::abs(found.united / found.sum - 1) <=
                   std::abs(before.united / before.sum - 1) + 1e-9);
        auto const on_screen = tests::facts(drawn(simple, zoom));
        BOOST_TEST(on_screen.invalid == 0U);
        std::cout << "  z" << zoom << ": " << simple.points.size()
                  << " points, union / sum - 1 = " << found.united / found.sum - 1
                  << "; in tile units " << on_screen.united / on_screen.sum - 1 << "\n";
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(detail)

BOOST_AUTO_TEST_CASE(the_communes_of_ha_tinh_neither_gape_nor_overlap_at_any_zoom) {
    if (auto const whole = communes("/admin/hatinh_communes_2025_full.fgb",
                                    "the_communes_of_ha_tinh_neither_gape_nor_overlap_at_any_zoom"))
        check(*whole, {5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
}

BOOST_AUTO_TEST_CASE(the_communes_of_the_country_neither_gape_nor_overlap_at_any_zoom) {
    if (auto const whole =
            communes("/admin/vn_communes_2025_30m.fgb.zip",
                     "the_communes_of_the_country_neither_gape_nor_overlap_at_any_zoom"))
        check(*whole, {5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
}

BOOST_AUTO_TEST_SUITE_END()
