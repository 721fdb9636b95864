// The tiles that a change makes stale, held against all tiles there are.

#include "tiles/dirty.hpp"

#include "tests/support/layers.hpp"
#include "tests/support/mvt_reader.hpp"
#include "tests/support/random_rows.hpp"
#include "tests/support/seed.hpp"
#include "tiles/cut.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <cstdlib>

using namespace diaban;
using tests::RandomRows;
using tiles::Cover;
using tiles::TileId;
using tiles::mirror::Layer;
using tiles::mirror::LayerBuilder;

namespace {

std::array const kinds{geo::GeometryKind::point, geo::GeometryKind::line,
                       geo::GeometryKind::polygon};

Cover cover_of(Layer const& layer, std::int64_t fid) {
    Cover cover;
    if (auto const at = layer.find(fid)) tiles::add_cover(layer, *at, {}, cover);
    cover.finish();
    return cover;
}

/// Every tile of a zoom that could show something of a layer of one row, and some beyond.
template <typename Visit>
void around(Layer const& layer, std::uint32_t zoom, Visit visit) {
    auto const bounds = layer.base().index.bounds();
    auto const shift = 31 - zoom;
    auto const last = std::int64_t{1} << zoom;
    for (auto x = (bounds.min_x >> shift) - 1; x <= (bounds.max_x >> shift) + 1; ++x)
        for (auto y = (bounds.min_y >> shift) - 1; y <= (bounds.max_y >> shift) + 1; ++y)
            if (x >= 0 && y >= 0 && x < last && y < last)
                visit(*TileId::make(zoom, std::uint32_t(x), std::uint32_t(y)));
}

/// Brute force: cuts every tile near the row and looks whether anything is in it.
void check_cover(Layer const& layer, std::uint32_t last_zoom, std::size_t& tiles) {
    auto const cover = cover_of(layer, 1);
    for (auto zoom = layer.min_zoom(); zoom <= last_zoom; ++zoom)
        around(layer, zoom, [&](TileId tile) {
            std::string body;
            tiles::cut(layer, tile, {}, geo::Policy::everything(), body);
            ++tiles;
            BOOST_REQUIRE_MESSAGE(cover.contains(tile) == !body.empty(),
                                  "tile " << tile.zoom() << "/" << tile.x() << "/" << tile.y()
                                          << (body.empty() ? " is dirty and shows nothing"
                                                           : " shows the row and is not dirty"));
        });
}

} // namespace

BOOST_AUTO_TEST_SUITE(dirty)

BOOST_DATA_TEST_CASE(the_cover_of_a_row_is_exactly_the_tiles_that_show_it,
                     boost::unit_test::data::xrange(kinds.size()), kind) {
    RandomRows made{kinds[kind], tests::seed()};
    auto const schema = made.schema();
    std::size_t const rounds = std::getenv("DIABAN_LONG") != nullptr ? 10'000 / kinds.size() : 300;
    std::size_t tiles = 0;
    for (std::size_t round = 0; round < rounds; ++round) {
        std::vector<LayerBuilder> parts;
        parts.emplace_back(schema);
        tests::append(parts.back(), made.row(1));
        auto const layer = Layer::build(std::move(parts), 1, std::uint32_t(made.below(12)));
        if (layer->size() == 0) continue;
        // Rows are up to four kilometres wide: 50 tiles at zoom 19, where all of them are looked at
        // only now and then.
        check_cover(*layer, made.one_in(10) ? TileId::max_zoom : 16, tiles);
    }
    BOOST_TEST_MESSAGE(tiles << " tiles");
    BOOST_TEST(tiles > rounds);
}

BOOST_AUTO_TEST_CASE(a_polygon_of_a_whole_country_is_covered_by_few_cells) {
    auto schema = tests::make_schema(geo::GeometryKind::polygon);
    schema.all_zooms = true;
    auto const layer = tests::make_layer(
        schema, {{1, tests::make_polygon({{{102, 8}, {110, 8}, {110, 23}, {102, 23}}}), {}}});
    auto const cover = cover_of(*layer, 1);
    BOOST_TEST(cover.contains(*TileId::make(0, 0, 0)));
    BOOST_TEST(cover.contains(*TileId::make(19, 416'000, 234'000)));
    std::size_t inner = 0;
    for (auto const& cell : cover.cells())
        if (cell.with_descendants) ++inner;
    // Along its border a cell a tile's side; within it only where the border's tiles end.
    double const side_at_19 = 360.0 / double(1U << 19U);
    double const border = 2 * (8 + 15.6) / side_at_19;
    BOOST_TEST(double(cover.cells().size()) < 4.5 * border);
    BOOST_TEST(double(inner) < 2 * border);
}

BOOST_AUTO_TEST_CASE(cells_within_others_are_dropped_and_all_stay_found) {
    Cover cover;
    cover.add(*TileId::make(12, 3301, 1840), false);
    cover.add(*TileId::make(10, 825, 460), true);
    cover.add(*TileId::make(10, 825, 460), false);
    cover.add(*TileId::make(9, 412, 230), false);
    cover.add(*TileId::make(9, 412, 230), false);
    cover.finish();
    BOOST_TEST(cover.cells().size() == 2U);
    BOOST_TEST(cover.contains(*TileId::make(12, 3301, 1840)));
    BOOST_TEST(cover.contains(*TileId::make(19, 825 << 9, 460 << 9)));
    BOOST_TEST(cover.contains(*TileId::make(9, 412, 230)));
    BOOST_TEST(!cover.contains(*TileId::make(10, 824, 460)));
    BOOST_TEST(!cover.contains(*TileId::make(8, 206, 115)));
}

BOOST_AUTO_TEST_SUITE_END()
