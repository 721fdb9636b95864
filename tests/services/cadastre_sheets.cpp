#include "data/gdal/vector_source.hpp"
#include "data/postgis/topology_store.hpp"
#include "services/domain/sheet_intake.hpp"
#include "services/domain/sheet_reader.hpp"
#include "tests/services/cadastre_files.hpp"
#include "tests/services/intake_files.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

using namespace diaban;
using namespace diaban::services::domain;
using namespace diaban::tests;

namespace {

struct SheetRegister {
    SheetRegister() : pool{data::postgis::for_long_work(database.uri())}, store{pool} {
        make_commune(database);
    }
    SheetReport take(std::filesystem::path const& manifest) {
        return take_sheet(pool, read_manifest(manifest).at(0), "tester", true);
    }
    Folder folder;
    Database database;
    data::postgis::Pool pool;
    data::postgis::SheetStore store;
    data::postgis::TopologyStore topology{pool};
};

} // namespace

BOOST_AUTO_TEST_SUITE(cadastre_sheets)

BOOST_AUTO_TEST_CASE(
    a_drawing_in_tcvn3_one_of_microstation_and_a_geopackage_give_the_same_parcels) {
    Folder const folder;
    auto const plain = plain_sheet();
    std::vector<ReadSheet> sheets;
    for (auto const& file : {as_geopackage(folder.path(), plain), as_dxf(folder.path(), plain),
                             as_dgn(folder.path(), plain)})
        sheets.push_back(read_sheet(read_manifest(manifest(folder.path(), file)).at(0)));
    BOOST_TEST((sheets[0].encoding.encoding == geo::cadastre::TextEncoding::unicode));
    BOOST_TEST((sheets[1].encoding.encoding == geo::cadastre::TextEncoding::tcvn3));
    BOOST_TEST((sheets[2].encoding.encoding == geo::cadastre::TextEncoding::tcvn3));
    for (auto const& sheet : sheets) {
        BOOST_REQUIRE(sheet.parcels.size() == plain.size());
        for (std::size_t i = 0; i < plain.size(); ++i) {
            auto const& parcel = sheet.parcels[i];
            BOOST_TEST(parcel.number == plain[i].number);
            BOOST_TEST(parcel.land_use == plain[i].land_use);
            BOOST_TEST(parcel.holder == plain[i].holder);
            BOOST_TEST(parcel.legal_area_m2.value() == 621.3);
            BOOST_REQUIRE(parcel.source.positions.size() == plain[i].ring.size());
            for (std::size_t k = 0; k < plain[i].ring.size(); ++k) {
                bool const exact = &sheet != &sheets[2]; // V7 counts whole units, 0.1 mm here
                auto const p = parcel.source.positions[k];
                BOOST_TEST(std::abs(p.x - plain[i].ring[k].x) <= (exact ? 0 : 1.0001e-4));
                BOOST_TEST(std::abs(p.y - plain[i].ring[k].y) <= (exact ? 0 : 1.0001e-4));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(a_drawing_in_vni_is_recognised_and_its_names_are_read) {
    Folder const folder;
    auto plain = plain_sheet();
    // As VNI fonts write them: a letter, then its marks.
    std::string const names[] = {"Tra\xE0n Va\xEAn B\xECnh", "Nguye\xE3n \xD1\xF6\xF9\x63"};
    for (std::size_t i = 0; i < plain.size(); ++i) plain[i].holder = names[i % 2];
    auto const sheet =
        read_sheet(read_manifest(manifest(folder.path(), as_dxf(folder.path(), plain))).at(0));
    BOOST_TEST((sheet.encoding.encoding == geo::cadastre::TextEncoding::vni));
    BOOST_TEST(sheet.encoding.sure);
    BOOST_REQUIRE(sheet.parcels.size() == plain.size());
    for (std::size_t i = 0; i < plain.size(); ++i)
        BOOST_TEST(sheet.parcels[i].holder == (i % 2 == 0 ? "Trần Văn Bình" : "Nguyễn Đức"));
}

BOOST_AUTO_TEST_CASE(a_sheet_goes_in_and_comes_out_in_its_crs_to_0_0_mm) {
    SheetRegister in;
    auto const plain = plain_sheet();
    auto const report = in.take(manifest(in.folder.path(), as_dxf(in.folder.path(), plain)));
    BOOST_TEST(report.gate.accepted);
    BOOST_TEST(report.stored.parcels == 20U);
    BOOST_TEST(report.encoding.samples.at(0).after == "Nguyễn Đức Thưởng");
    auto const file = in.folder / "out.gpkg";
    BOOST_TEST(write_sheet(in.store, "18801", 12, file) == 20U);
    auto out = data::gdal::VectorSource::open(file);
    BOOST_TEST(out.layer().srid == 9209);
    auto const kept = in.store.sheet("18801", 12);
    for (std::size_t i = 0; i < plain.size(); ++i)
        BOOST_TEST((kept.parcels[i].source.positions == plain[i].ring));
    auto const rows = in.database.sql(
        "SELECT geohash, area_m2, projected_area_m2, legal_area_m2, source_srid, owner_name FROM "
        "record.parcels JOIN land.parcel USING (fid) WHERE parcel_number = 7");
    BOOST_TEST(rows[0][0].size() == 12U);
    BOOST_TEST(std::abs(std::stod(rows[0][2]) - 621.3) < 1e-6);
    BOOST_TEST(std::stod(rows[0][1]) ==
               621.4); // 1.1e-4 more on the ellipsoid: 45 km off the meridian
    BOOST_TEST(rows[0][3] == "621.3");
    BOOST_TEST(rows[0][4] == "9209");
    BOOST_TEST(in.database.value("SELECT count(DISTINCT geohash) FROM record.parcels") == "20");
}

BOOST_AUTO_TEST_CASE(a_sheet_declared_in_the_wrong_zone_is_refused_and_nothing_stored) {
    SheetRegister in;
    auto const report = in.take(manifest(
        in.folder.path(), as_geopackage(in.folder.path(), plain_sheet()), "", 12, "EPSG:5897"));
    BOOST_TEST(report.gate.fault == "wrong-zone");
    BOOST_TEST(report.gate.proposed->srid == 9209);
    BOOST_TEST(in.database.value("SELECT count(*) FROM land.sheet") == "0");
    BOOST_TEST(in.database.value("SELECT count(*) FROM record.parcels") == "0");
}

BOOST_AUTO_TEST_CASE(swapped_axes_are_named_and_come_out_as_they_came) {
    SheetRegister in;
    auto plain = plain_sheet();
    for (auto& parcel : plain)
        for (auto& p : parcel.ring) std::swap(p.x, p.y);
    auto const file = as_dxf(in.folder.path(), plain);
    BOOST_TEST(in.take(manifest(in.folder.path(), file)).gate.fault == "swapped-axes");
    auto const again = in.take(manifest(in.folder.path(), file, "axes = \"ne\""));
    BOOST_TEST(again.gate.accepted);
    write_sheet(in.store, "18801", 12, in.folder / "out.gpkg");
    auto const kept = in.store.sheet("18801", 12);
    BOOST_TEST((kept.parcels[0].source.positions[0] == geo::Position{542600, 2028900}));
}

BOOST_AUTO_TEST_CASE(the_sheet_beside_proves_the_datum) {
    SheetRegister in;
    in.take(manifest(in.folder.path(), as_geopackage(in.folder.path(), plain_sheet())));
    auto beside = plain_sheet();
    for (auto& parcel : beside)
        for (auto& p : parcel.ring) p.x = std::round((p.x + 5 * 21.8) * 1000) / 1000;
    auto const report =
        in.take(manifest(in.folder.path(), as_dxf(in.folder.path(), beside), "", 13));
    BOOST_TEST(report.gate.accepted);
    BOOST_TEST(report.gate.datum_proved);
    BOOST_TEST(report.gate.corners_met >= 5U);
    auto const coverage = in.topology.coverage("18801");
    BOOST_TEST(coverage.fids.size() == 40U);
    auto const faults = geo::cadastre::check_topology(coverage.parcels, {});
    BOOST_TEST(faults.empty());
}

BOOST_AUTO_TEST_CASE(areas_beyond_the_tolerance_open_a_case_and_the_papers_stand) {
    SheetRegister in;
    auto plain = plain_sheet();
    plain[2].legal_area = "640,0"; // allowed are 0.0004 · 1000 · √621.3 = 9.97 m²
    plain[3].legal_area = "631,2"; // 9.9 m² more
    auto const report = in.take(manifest(in.folder.path(), as_geopackage(in.folder.path(), plain)));
    BOOST_TEST(report.stored.correction_cases == 1U);
    BOOST_TEST(in.database.value("SELECT legal_area_m2 FROM record.parcels JOIN "
                                 "land.correction_case USING (fid)") == "640");
}

BOOST_AUTO_TEST_CASE(a_sheet_twice_and_what_cannot_be_read_is_refused_with_the_reason) {
    SheetRegister in;
    auto const plain = plain_sheet();
    in.take(manifest(in.folder.path(), as_geopackage(in.folder.path(), plain)));
    BOOST_TEST(throws("identifier-taken", [&] {
        in.take(manifest(in.folder.path(), as_geopackage(in.folder.path(), plain)));
    }));
    auto twice = plain;
    twice[1].number = 1;
    BOOST_TEST(throws("sheet-parcel", [&] {
        in.take(manifest(in.folder.path(), as_geopackage(in.folder.path(), twice), "", 14));
    }));
    auto const v8 = write(in.folder / "new.dgn", std::string{"\xD0\xCF\x11\xE0"} + "rest");
    BOOST_TEST(throws("dgn-v8", [&] { in.take(manifest(in.folder.path(), v8)); }));
    BOOST_TEST(throws("bad-plan", [&] {
        in.take(manifest(in.folder.path(), in.folder / "sheet.gpkg", "colour = \"red\""));
    }));
    BOOST_TEST(throws("bad-plan", [&] {
        in.take(manifest(in.folder.path(), in.folder / "sheet.gpkg", "", 15, "EPSG:4326"));
    }));
}

BOOST_AUTO_TEST_CASE(faults_of_a_commune_are_features_of_a_collection) {
    SheetRegister in;
    auto plain = plain_sheet();
    plain[6].ring[2].x += 0.7; // into lot 8, out of lot 12's corner
    in.take(manifest(in.folder.path(), as_geopackage(in.folder.path(), plain)));
    auto const coverage = in.topology.coverage("18801");
    auto const faults = geo::cadastre::check_topology(
        coverage.parcels, {.tolerance = geo::cadastre::tolerance_at(coverage.scale)});
    BOOST_REQUIRE(!faults.empty());
    in.topology.keep("18801", coverage, faults);
    in.topology.keep("18801", coverage, faults); // again: replaced
    BOOST_TEST(in.database.value("SELECT count(*) FROM record.topology_faults") ==
               std::to_string(faults.size()));
    BOOST_TEST(in.database.value("SELECT count(*) > 0 FROM record.topology_faults WHERE kind = "
                                 "'overlap' AND parcels LIKE '%12/7%'") == "t");
}

BOOST_AUTO_TEST_SUITE_END()
