// What tiles show, held against GEOS and PostGIS: the country's real communes and generated
// parcels, every tile to z14 (with DIABAN_LONG to z16) and 20,000 random ones to z19.

#include "data/gdal/vector_source.hpp"
#include "geo/codec/wkb.hpp"
#include "geo/synthetic/parcel_grid.hpp"
#include "tests/support/database.hpp"
#include "tests/support/layers.hpp"
#include "tests/support/mvt_reader.hpp"
#include "tests/support/seed.hpp"
#include "tiles/cut.hpp"

#include <boost/test/unit_test.hpp>
#include <pqxx/pqxx>

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <random>
#include <set>
#include <sstream>
#include <thread>

using namespace diaban;
using tiles::TileId;
using tiles::mirror::Layer;

namespace {

geo::Policy const sees_all = geo::Policy::everything();

std::vector<tests::MadeRow> parcel_rows(std::uint64_t count) {
    geo::synthetic::ParcelGridPlan plan;
    plan.count = count;
    plan.box = {105.6, 18.1, 106.1, 18.6};
    geo::synthetic::ParcelGrid const grid{plan};
    std::vector<tests::MadeRow> rows;
    for (std::uint64_t i = 0; i < grid.size(); ++i) {
        geo::synthetic::Parcel parcel;
        grid.parcel(i, parcel);
        rows.push_back({std::int64_t(i) + 1, parcel.outline, {}});
    }
    return rows;
}

std::vector<tests::MadeRow> commune_rows(std::filesystem::path const& file) {
    auto source = data::gdal::VectorSource::open(file);
    data::gdal::RowBatch batch;
    std::vector<tests::MadeRow> rows;
    while (source.read(batch))
        for (std::size_t i = 0; i < batch.size(); ++i) {
            tests::MadeRow row;
            row.fid = std::int64_t(rows.size()) + 1;
            geo::codec::read_wkb(batch.row(i).wkb, row.geometry);
            row.geometry.srid = 4326;
            rows.push_back(std::move(row));
        }
    return rows;
}

std::shared_ptr<Layer const> layer_of(std::vector<tests::MadeRow> const& rows, bool all_zooms) {
    auto schema = tests::make_schema(geo::GeometryKind::polygon);
    schema.all_zooms = all_zooms;
    return tests::make_layer(schema, rows);
}

/// The tiles of one zoom that a layer's extent meets.
std::vector<TileId> tiles_over(Layer const& layer, std::uint32_t zoom) {
    auto const bounds = layer.base().index.bounds();
    auto const shift = 31 - zoom;
    auto const at = [&](std::int32_t v) { return std::uint32_t(v) >> shift; };
    std::vector<TileId> found;
    for (auto x = at(bounds.min_x); x <= at(bounds.max_x); ++x)
        for (auto y = at(bounds.min_y); y <= at(bounds.max_y); ++y)
            found.push_back(*TileId::make(zoom, x, y));
    return found;
}

/// Tiles at random vertices of the layer: where something is, borders above all.
std::vector<TileId> tiles_at_vertices(Layer const& layer, std::uint32_t from, std::size_t count) {
    std::mt19937_64 random{tests::seed()};
    std::uniform_int_distribution<std::size_t> vertex{0, layer.base().points.size() - 1};
    std::uniform_int_distribution<std::uint32_t> zoom{from, TileId::max_zoom};
    std::vector<TileId> found;
    while (found.size() < count) {
        auto const p = layer.base().points[vertex(random)];
        auto const z = zoom(random);
        found.push_back(
            *TileId::make(z, std::uint32_t(p.x) >> (31 - z), std::uint32_t(p.y) >> (31 - z)));
    }
    return found;
}

struct Verdict {
    std::atomic<std::size_t> tiles = 0;
    std::atomic<std::size_t> polygons = 0;
    std::atomic<std::size_t> invalid = 0;
    std::mutex mutex;
    std::string first_fault;
};

void judge(Layer const& layer, std::vector<TileId> const& tiles, Verdict& verdict) {
    std::atomic<std::size_t> next = 0;
    auto const work = [&] {
        std::string body;
        for (auto i = next++; i < tiles.size(); i = next++) {
            body.clear();
            tiles::cut(layer, tiles[i], {}, sees_all, body);
            if (!body.empty()) ++verdict.tiles;
            for (auto const& read : tests::read_tile(body))
                for (auto const& feature : read.features) {
                    ++verdict.polygons;
                    auto const fault = tests::polygon_fault(feature);
                    if (fault.empty()) continue;
                    ++verdict.invalid;
                    std::ostringstream where;
                    where << tiles[i].zoom() << "/" << tiles[i].x() << "/" << tiles[i].y() << " id "
                          << feature.id << ": " << fault;
                    std::lock_guard const lock{verdict.mutex};
                    if (verdict.first_fault.empty()) verdict.first_fault = where.str();
                }
        }
    };
    std::jthread other{work};
    work();
}

void require_all_valid(Layer const& layer, std::uint32_t first_zoom) {
    Verdict verdict;
    std::uint32_t const last = std::getenv("DIABAN_LONG") != nullptr ? 16 : 14;
    for (auto zoom = first_zoom; zoom <= last; ++zoom)
        judge(layer, tiles_over(layer, zoom), verdict);
    judge(layer, tiles_at_vertices(layer, last + 1, 20'000), verdict);
    BOOST_TEST_MESSAGE("all tiles to z" << last << " and random ones to z19: " << verdict.tiles
                                        << " tiles, " << verdict.polygons << " polygons, "
                                        << verdict.invalid << " invalid");
    BOOST_TEST(verdict.polygons > 1'000U);
    BOOST_TEST(verdict.invalid == 0U, verdict.first_fault);
}

/// The same rows on the other side, projected and indexed.
void load_peer(pqxx::connection& sql, std::vector<tests::MadeRow> const& rows) {
    pqxx::work work{sql};
    work.exec("create table peer (fid bigint primary key, geom geometry(geometry, 3857))");
    sql.prepare("row", "insert into peer values ($1, st_transform($2::geometry, 3857))");
    std::vector<std::byte> wkb;
    for (auto const& row : rows) {
        wkb.clear();
        geo::codec::append_ewkb(wkb, row.geometry);
        pqxx::binarystring const bytes{wkb.data(), wkb.size()};
        work.exec_prepared("row", row.fid, bytes);
    }
    work.exec("create index on peer using gist (geom)");
    work.exec("analyze peer");
    work.commit();
}

std::set<std::uint64_t> ids(std::string_view body) {
    std::set<std::uint64_t> found;
    for (auto const& layer : tests::read_tile(body))
        for (auto const& feature : layer.features) found.insert(feature.id);
    return found;
}

void require_same_ids(std::vector<tests::MadeRow> const& rows, std::size_t count) {
    tests::Database const database{tests::Database::Kind::migrated};
    pqxx::connection sql{database.uri()};
    load_peer(sql, rows);
    auto const layer = layer_of(rows, false);
    auto const tiles = tiles_at_vertices(*layer, layer->native_zoom(), count);
    pqxx::nontransaction work{sql};
    sql.prepare("tile",
                "select st_asmvt(t, 'peer', 4096, 'mvt', 'fid') from (select fid, "
                "st_asmvtgeom(geom, st_tileenvelope($1, $2, $3), 4096, 64, true) as mvt from peer "
                "where geom && st_tileenvelope($1, $2, $3, margin => 64.0 / 4096)) t "
                "where mvt is not null");
    // How widely a row meets the buffered tile, in tile units: across the widest circle inside what
    // is there, of the row as it is and of the row rounded to tile units, as both sides draw it.
    sql.prepare("reach",
                "with tile as (select st_tileenvelope($1, $2, $3) as square, st_tileenvelope($1, "
                "$2, $3, margin => 64.0 / 4096) as box, 40075016.685578488 / 4096 / 2 ^ $1 as "
                "unit), forms as (select unit, box, geom as whole, st_makevalid(st_snaptogrid("
                "geom, st_xmin(square), st_ymin(square), unit, unit)) as rounded from peer, tile "
                "where fid = $4) select (select coalesce(max((st_maximuminscribedcircle("
                "part.geom)).radius), 0) * 2 / unit from st_dump(st_collectionextract("
                "st_intersection(whole, box), 3)) part), (select coalesce(max(("
                "st_maximuminscribedcircle(part.geom)).radius), 0) * 2 / unit from st_dump("
                "st_collectionextract(st_intersection(rounded, box), 3)) part) from forms");
    std::size_t features = 0;
    std::size_t listed = 0;
    for (auto const tile : tiles) {
        std::string body;
        tiles::cut(*layer, tile, {}, sees_all, body);
        auto const ours = ids(body);
        auto const row =
            work.exec_prepared1("tile", int(tile.zoom()), int(tile.x()), int(tile.y()));
        pqxx::binarystring const bytes{row[0]};
        auto const theirs = ids({bytes.get(), bytes.size()});
        features += ours.size();
        std::vector<std::uint64_t> differing;
        std::set_symmetric_difference(ours.begin(), ours.end(), theirs.begin(), theirs.end(),
                                      std::back_inserter(differing));
        for (auto const id : differing) {
            auto const reach = work.exec_prepared1("reach", int(tile.zoom()), int(tile.x()),
                                                   int(tile.y()), std::int64_t(id));
            auto const units = reach[1].as<double>();
            BOOST_TEST_MESSAGE(tile.zoom() << "/" << tile.x() << "/" << tile.y() << " id " << id
                                           << (ours.contains(id) ? " ours alone" : " theirs alone")
                                           << ", meets the tile by " << reach[0].as<double>()
                                           << " units, rounded by " << units);
            ++listed;
            BOOST_TEST(units < 1.0);
        }
    }
    BOOST_TEST_MESSAGE(tiles.size() << " tiles from z" << layer->native_zoom() << ", " << features
                                    << " features, " << listed << " listed");
    BOOST_TEST(features > tiles.size());
}

} // namespace

BOOST_AUTO_TEST_SUITE(tile_truth)

BOOST_AUTO_TEST_CASE(no_tile_of_the_real_communes_holds_an_invalid_polygon) {
    auto const file = tests::real_data("no_tile_of_the_real_communes_holds_an_invalid_polygon",
                                       "admin/vn_communes_2025_30m.fgb.zip");
    if (!file) return;
    auto const rows = commune_rows(*file);
    BOOST_TEST(rows.size() == 3'321U);
    require_all_valid(*layer_of(rows, true), 0);
}

BOOST_AUTO_TEST_CASE(no_tile_of_generated_parcels_holds_an_invalid_polygon) {
    auto const layer = layer_of(parcel_rows(100'000), false);
    require_all_valid(*layer, layer->native_zoom());
}

BOOST_AUTO_TEST_CASE(tiles_of_the_real_communes_show_the_features_that_ST_AsMVT_shows) {
    auto const file =
        tests::real_data("tiles_of_the_real_communes_show_the_features_that_ST_AsMVT_shows",
                         "admin/vn_communes_2025_30m.fgb.zip");
    if (!file) return;
    require_same_ids(commune_rows(*file), 200);
}

BOOST_AUTO_TEST_CASE(tiles_of_generated_parcels_show_the_features_that_ST_AsMVT_shows) {
    require_same_ids(parcel_rows(20'000), 200);
}

BOOST_AUTO_TEST_CASE(Hoang_Sa_and_Truong_Sa_are_drawn) {
    auto const file =
        tests::real_data("Hoang_Sa_and_Truong_Sa_are_drawn", "admin/vn_communes_2025_30m.fgb.zip");
    if (!file) return;
    auto const layer = layer_of(commune_rows(*file), true);
    // Islands of both archipelagos: Phú Lâm (16.834 N, 112.340 E), Trường Sa (8.645 N, 111.920 E).
    for (auto const at : {geo::Position{112.340, 16.834}, geo::Position{111.920, 8.645}}) {
        auto const p = tiles::to_grid(at);
        for (std::uint32_t zoom = 3; zoom <= 12; ++zoom) {
            std::string body;
            tiles::cut(*layer,
                       *TileId::make(zoom, std::uint32_t(p.x) >> (31 - zoom),
                                     std::uint32_t(p.y) >> (31 - zoom)),
                       {}, sees_all, body);
            BOOST_TEST(!ids(body).empty());
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
