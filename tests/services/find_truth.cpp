// What the mirror finds in a box, held against PostGIS on the record's own doubles: real tracks,
// whose sides are tens to hundreds of kilometres long.

#include "data/gdal/dateline.hpp"
#include "data/gdal/vector_source.hpp"
#include "geo/codec/wkb.hpp"
#include "tests/support/database.hpp"
#include "tests/support/layers.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>
#include <pqxx/pqxx>

#include <algorithm>
#include <cmath>
#include <random>

using namespace diaban;

namespace {

geo::Policy const everything = geo::Policy::everything();

std::vector<tests::MadeRow> line_rows(std::filesystem::path const& file) {
    auto source = data::gdal::VectorSource::open(file);
    data::gdal::RowBatch batch;
    std::vector<tests::MadeRow> rows;
    while (source.read(batch))
        for (std::size_t i = 0; i < batch.size(); ++i) {
            tests::MadeRow row;
            row.fid = std::int64_t(rows.size()) + 1;
            geo::codec::read_wkb(batch.row(i).wkb, row.geometry);
            row.geometry.srid = 4326;
            data::gdal::split_at_antimeridian(row.geometry); // as an import does
            rows.push_back(std::move(row));
        }
    return rows;
}

void load_record(pqxx::connection& sql, std::vector<tests::MadeRow> const& rows) {
    pqxx::work work{sql};
    work.exec("create table tracks (fid bigint primary key, geom geometry(geometry, 4326))");
    sql.prepare("row", "insert into tracks values ($1, $2::geometry)");
    sql.prepare("meets", "select fid from tracks where st_intersects(geom, "
                         "st_makeenvelope($1, $2, $3, $4, 4326)) order by fid");
    std::vector<std::byte> wkb;
    for (auto const& row : rows) {
        wkb.clear();
        geo::codec::append_ewkb(wkb, row.geometry);
        pqxx::binarystring const bytes{wkb.data(), wkb.size()};
        work.exec_prepared("row", row.fid, bytes);
    }
    work.commit();
}

} // namespace

BOOST_AUTO_TEST_SUITE(find_truth)

BOOST_AUTO_TEST_CASE(real_cyclone_tracks_are_found_in_the_boxes_where_PostGIS_finds_them) {
    auto const file =
        tests::real_data("real_cyclone_tracks_are_found_in_the_boxes_where_PostGIS_finds_them",
                         "cyclones/jtwc_tracks_east_sea_1945_2021.fgb");
    if (!file) return;
    auto const rows = line_rows(*file);
    BOOST_TEST(rows.size() == 859U);
    auto const layer = tests::make_layer(tests::make_schema(geo::GeometryKind::line), rows);
    tests::Database const database{tests::Database::Kind::migrated};
    pqxx::connection sql{database.uri()};
    load_record(sql, rows);

    std::mt19937_64 random{tests::seed()};
    std::uniform_real_distribution<double> lon{95.0, 180.0};
    std::uniform_real_distribution<double> lat{0.0, 55.0};
    std::uniform_real_distribution<double> size{-3.0, 1.0};
    pqxx::nontransaction work{sql};
    std::size_t met = 0;
    std::size_t doubted = 0;
    constexpr int boxes = 2'000;
    for (int i = 0; i < boxes; ++i) {
        double const west = lon(random);
        double const south = lat(random);
        geo::Box const box{west, south, std::min(180.0, west + std::pow(10.0, size(random))),
                           south + std::pow(10.0, size(random))};
        std::vector<std::int64_t> theirs;
        for (auto const& row :
             work.exec_prepared("meets", box.min_x, box.min_y, box.max_x, box.max_y))
            theirs.push_back(row[0].as<std::int64_t>());
        auto const found = layer->find(box, everything);
        auto ours = found.matched;
        for (auto const fid : found.doubtful)
            if (std::binary_search(theirs.begin(), theirs.end(), fid)) ours.push_back(fid);
        std::sort(ours.begin(), ours.end());
        met += theirs.size();
        doubted += found.doubtful.size();
        BOOST_TEST(ours == theirs,
                   "box " << box.min_x << "," << box.min_y << "," << box.max_x << "," << box.max_y);
    }
    BOOST_TEST_MESSAGE(boxes << " boxes meet " << met << " tracks; " << doubted
                             << " were left to the record");
    BOOST_TEST(met > 1'000U);
    BOOST_TEST(doubted < 20U);
}

BOOST_AUTO_TEST_SUITE_END()
