// Neighbours side by side in tiles, as the cutter writes them, held against GEOS: each place is
// drawn once, nothing is drawn invalid, and nothing gapes where the source does not.

#include "geo/synthetic/parcel_grid.hpp"
#include "tests/support/coverage.hpp"
#include "tests/support/drawn_area.hpp"
#include "tests/support/layers.hpp"
#include "tests/support/mvt_reader.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/tile_shapes.hpp"
#include "tiles/cut.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <sstream>
#include <thread>

using namespace diaban;
using tests::TileShapes;
using tiles::TileId;
using tiles::mirror::Layer;

namespace {

std::shared_ptr<Layer const> layer_of(std::vector<geo::Geometry> polygons, bool all_zooms) {
    auto schema = tests::make_schema(geo::GeometryKind::polygon);
    schema.all_zooms = all_zooms;
    std::vector<tests::MadeRow> rows;
    for (auto& polygon : polygons) {
        polygon.srid = 4326;
        rows.push_back({std::int64_t(rows.size()) + 1, std::move(polygon), {}});
    }
    return tests::make_layer(schema, rows);
}

tests::Coverage coverage_of(std::vector<geo::Geometry> const& polygons) {
    tests::Coverage coverage;
    for (auto const& polygon : polygons)
        coverage.add(polygon, [](geo::Position p) { return tiles::to_grid(p); });
    return coverage;
}

/// What a source says of its ground: where something is, and where it lies twice already.
struct Source {
    tests::Ground ground;
    std::optional<tests::Ground> twice; ///< none: nowhere
};

std::vector<TileId> tiles_over(Layer const& layer, std::uint32_t zoom) {
    auto const bounds = layer.base().index.bounds();
    auto const at = [&](std::int32_t v) { return std::uint32_t(v) >> (31 - zoom); };
    std::vector<TileId> found;
    for (auto x = at(bounds.min_x); x <= at(bounds.max_x); ++x)
        for (auto y = at(bounds.min_y); y <= at(bounds.max_y); ++y)
            found.push_back(*TileId::make(zoom, x, y));
    return found;
}

/// Tiles of a zoom at random vertices, each once: along borders.
std::vector<TileId> tiles_at_borders(Layer const& layer, std::uint32_t zoom, std::size_t count) {
    std::mt19937_64 random{tests::seed()};
    auto const points = layer.base().points;
    std::set<TileId> found;
    for (std::size_t tries = 0; tries < 4 * count && found.size() < count; ++tries) {
        auto const p = points[random() % points.size()];
        found.insert(*TileId::make(zoom, std::uint32_t(p.x) >> (31 - zoom),
                                   std::uint32_t(p.y) >> (31 - zoom)));
    }
    return {found.begin(), found.end()};
}

struct Verdict {
    std::size_t tiles = 0;
    std::size_t polygons = 0;
    std::size_t invalid = 0;
    double off = 0; ///< the greatest |1 - area(union) / Σ area| of a tile
    std::vector<std::pair<TileId, tests::TileRing>> holes;
    std::vector<std::pair<TileId, tests::TileRing>> overlaps;
    std::string first_fault;
};

/// Cuts the tiles on two threads and asks GEOS about each.
Verdict judge(Layer const& layer, std::vector<TileId> const& tiles) {
    Verdict verdict;
    std::mutex mutex;
    std::atomic<std::size_t> next = 0;
    auto const work = [&] {
        std::string body;
        for (auto i = next++; i < tiles.size(); i = next++) {
            body.clear();
            tiles::cut(layer, tiles[i], {}, geo::Policy::everything(), body);
            if (body.empty()) continue;
            TileShapes const shapes{tests::read_tile(body)};
            std::lock_guard const lock{mutex};
            ++verdict.tiles;
            verdict.polygons += shapes.polygons();
            verdict.invalid += shapes.invalid();
            double const off = std::abs(1 - shapes.united() / shapes.sum());
            if (verdict.first_fault.empty() && (off > 1e-9 || shapes.invalid() > 0)) {
                std::ostringstream where;
                where << tiles[i].zoom() << "/" << tiles[i].x() << "/" << tiles[i].y()
                      << ": off by " << off << ", " << shapes.invalid() << " invalid";
                verdict.first_fault = where.str();
            }
            verdict.off = std::max(verdict.off, off);
            for (auto const& hole : shapes.holes()) verdict.holes.emplace_back(tiles[i], hole);
            for (auto const& ring : shapes.overlaps())
                verdict.overlaps.emplace_back(tiles[i], ring);
        }
    };
    std::jthread other{work};
    work();
    return verdict;
}

/// Every tile of the zooms up to `all_to`, and random ones along borders above.
void require_each_place_once(Layer const& layer, Source const& source, std::uint32_t lowest,
                             std::uint32_t all_to, std::uint32_t highest) {
    for (auto zoom = lowest; zoom <= highest; ++zoom) {
        auto const verdict = judge(layer, zoom <= all_to ? tiles_over(layer, zoom)
                                                         : tiles_at_borders(layer, zoom, 500));
        std::size_t gaps = 0;
        for (auto const& [tile, hole] : verdict.holes)
            gaps += source.ground.covers(tile, hole) ? 1 : 0;
        std::size_t added = 0; // overlaps that the source does not have there
        for (auto const& [tile, ring] : verdict.overlaps)
            added += source.twice && source.twice->is_near(tile, ring, 1) ? 0 : 1;
        BOOST_TEST_MESSAGE("z" << zoom << ": " << verdict.tiles << " tiles, " << verdict.polygons
                               << " polygons; union / sum off by " << verdict.off << ", "
                               << verdict.overlaps.size() << " overlaps, of which the source lacks "
                               << added << "; " << verdict.holes.size()
                               << " holes, of which it lacks " << gaps);
        BOOST_TEST(verdict.polygons > 0U);
        BOOST_TEST(verdict.invalid == 0U, verdict.first_fault);
        if (!source.twice) BOOST_TEST(verdict.off <= 1e-9, verdict.first_fault);
        BOOST_TEST(added == 0U, verdict.first_fault);
        BOOST_TEST(gaps == 0U);
    }
}

/// The rows' area within a tile, in its square units.
double exact_area(Layer const& layer, TileId tile) {
    double const side = double(1U << (31 - tile.zoom()));
    double const unit = side / tiles::tile_extent;
    std::array const box{tile.x() * side, tile.y() * side, (tile.x() + 1) * side,
                         (tile.y() + 1) * side};
    auto const& run = layer.base();
    double area = 0;
    run.index.search(tiles::TileFrame{tile}.box(0), [&](std::size_t row) {
        for (auto p = run.path_begin[row]; p < run.path_begin[row + 1]; ++p)
            area += tests::area_within(run.path(p), box);
    });
    return area / (unit * unit);
}

/// Every tile of the zooms draws the area it has, within a hundredth and a block.
void require_true_areas(Layer const& layer, std::uint32_t lowest, std::uint32_t highest) {
    constexpr double block = 32 * 32;
    for (auto zoom = lowest; zoom <= highest; ++zoom) {
        double most = 0;
        double sum = 0;
        double off = 0;
        std::size_t largest = 0;
        for (auto const tile : tiles_over(layer, zoom)) {
            std::string body;
            tiles::cut(layer, tile, {}, geo::Policy::everything(), body);
            largest = std::max(largest, body.size());
            double drawn = 0;
            for (auto const& read : tests::read_tile(body))
                for (auto const& feature : read.features) drawn += tests::drawn_within(feature);
            auto const exact = exact_area(layer, tile);
            most = std::max(most, std::abs(drawn - exact) / (0.01 * exact + block));
            sum += exact;
            off += drawn - exact;
        }
        BOOST_TEST_MESSAGE("z" << zoom << ": area off by " << off / sum << " in all, in a tile by "
                               << most << " of what is allowed; largest tile " << largest / 1000
                               << " KB");
        BOOST_TEST(most <= 1.0);
        BOOST_TEST(largest <= 500'000U);
    }
}

/// Of a file of the real data; empty, with a word why, where there is none.
std::vector<geo::Geometry> communes(std::string const& file, char const* test) {
    char const* const folder = std::getenv("DIABAN_DATA");
    if (folder == nullptr || *folder == '\0') {
        std::cout << "SKIPPED (DIABAN_DATA not set): " << test << std::endl;
        return {};
    }
    return tests::read_polygons((file.ends_with(".zip") ? "/vsizip/" : "") + std::string{folder} +
                                file);
}

std::vector<geo::Geometry> parcels(std::uint64_t count, geo::Box const& box) {
    geo::synthetic::ParcelGridPlan plan;
    plan.count = count;
    plan.box = box;
    geo::synthetic::ParcelGrid const grid{plan};
    std::vector<geo::Geometry> found;
    geo::synthetic::Parcel parcel;
    for (std::uint64_t i = 0; i < grid.size(); ++i) {
        grid.parcel(i, parcel);
        found.push_back(parcel.outline);
    }
    return found;
}

} // namespace

BOOST_AUTO_TEST_SUITE(neighbours)

BOOST_AUTO_TEST_CASE(the_communes_of_ha_tinh_are_drawn_side_by_side_in_every_tile) {
    auto const polygons = communes("/admin/hatinh_communes_2025_full.fgb",
                                   "the_communes_of_ha_tinh_are_drawn_side_by_side_in_every_tile");
    if (polygons.empty()) return;
    auto const coverage = coverage_of(polygons);
    auto const twice = tests::overlaps(coverage);
    BOOST_TEST_MESSAGE("the source overlaps itself in " << twice.part_ends.size() << " places");
    require_each_place_once(*layer_of(polygons, true),
                            {tests::Ground{tests::dissolved(coverage)}, tests::Ground{twice}}, 5,
                            16, 18);
}

BOOST_AUTO_TEST_CASE(every_tile_of_the_communes_draws_the_area_it_has) {
    auto const* const test = "every_tile_of_the_communes_draws_the_area_it_has";
    auto const province = communes("/admin/hatinh_communes_2025_full.fgb", test);
    if (province.empty()) return;
    require_true_areas(*layer_of(province, true), 5, 16);
    require_true_areas(*layer_of(communes("/admin/vn_communes_2025_30m.fgb.zip", test), true), 5,
                       12);
}

BOOST_AUTO_TEST_CASE(the_communes_of_the_country_are_drawn_side_by_side_at_every_zoom) {
    auto const polygons =
        communes("/admin/vn_communes_2025_30m.fgb.zip",
                 "the_communes_of_the_country_are_drawn_side_by_side_at_every_zoom");
    if (polygons.empty()) return;
    auto const layer = layer_of(polygons, true);
    BOOST_TEST_MESSAGE("native zoom " << layer->native_zoom());
    require_each_place_once(*layer, {tests::Ground{tests::dissolved(coverage_of(polygons))}, {}}, 5,
                            12, 18);
}

BOOST_AUTO_TEST_CASE(generated_parcels_are_drawn_side_by_side_from_their_native_zoom_up) {
    // As dense as a million in a province.
    auto const polygons = parcels(40'000, {105.8, 18.2, 106.04, 18.44});
    auto const layer = layer_of(polygons, false);
    BOOST_TEST_MESSAGE("native zoom " << layer->native_zoom());
    require_each_place_once(*layer, {tests::Ground{tests::dissolved(coverage_of(polygons))}, {}},
                            layer->native_zoom(), 16, 18);
}

BOOST_AUTO_TEST_SUITE_END()
