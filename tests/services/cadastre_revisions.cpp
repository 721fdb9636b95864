#include "data/gdal/vector_source.hpp"
#include "geo/codec/wkb.hpp"
#include "services/domain/sheet_intake.hpp"
#include "tests/services/cadastre_files.hpp"
#include "tests/services/intake_files.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

using namespace diaban;
using namespace diaban::services::domain;
using namespace diaban::tests;

namespace {

constexpr char correction[] = "replaces = { document = \"BB 12\", issued_on = 2026-03-01 }";

struct Register {
    Register() { make_commune(database); }
    SheetReport take(std::vector<PlainParcel> const& parcels, std::string const& more = {}) {
        auto const file = as_geopackage(folder.path(), parcels);
        return take_sheet(pool, read_manifest(manifest(folder.path(), file, more)).at(0), "tester",
                          true);
    }
    std::string value(std::string const& sql) const { return database.value(sql); }

    Folder folder;
    Database database;
    data::postgis::Pool pool{data::postgis::for_long_work(database.uri())};
};

/// Four hundred lots of 621.3 m² that stand apart.
std::vector<PlainParcel> lots_apart() {
    std::vector<PlainParcel> lots;
    for (int i = 0; i < 400; ++i) {
        double const x = 542600 + i % 20 * 35;
        double const y = 2028900 + i / 20 * 40;
        lots.push_back({i + 1,
                        "ONT",
                        "621,3",
                        "Nguyễn Đức Thưởng",
                        {{x, y}, {x + 21.8, y}, {x + 21.8, y + 28.5}, {x, y + 28.5}, {x, y}}});
    }
    return lots;
}

std::size_t moved(SheetReport const& report) {
    BOOST_REQUIRE(report.revised);
    return report.revised->moved;
}

} // namespace

BOOST_AUTO_TEST_SUITE(cadastre_revisions)

BOOST_AUTO_TEST_CASE(two_hundred_parcels_either_side_of_the_area_tolerance_are_judged_right) {
    Register in;
    auto lots = lots_apart();
    // Allowed at 1:1000 are 0.0004 · 1000 · √621.3 = 9.9703 m²; papers write tenths.
    char const* const papers[] = {"631,2", "611,4", "631,3", "611,3"};
    for (std::size_t i = 0; i < lots.size(); ++i) lots[i].legal_area = papers[i % 4];
    BOOST_TEST(in.take(lots).stored.correction_cases == 200U);
    BOOST_TEST(in.value("SELECT count(*) FROM land.correction_case JOIN record.parcels USING (fid) "
                        "WHERE kind = 'area' AND legal_area_m2 IN (631.3, 611.3)") == "200");
    BOOST_TEST(in.value("SELECT count(*) FROM record.parcels WHERE legal_area_m2 IN (631.2, 611.4, "
                        "631.3, 611.3)") == "400"); // the papers stand
    // The rule is data: with another one of the day they are judged otherwise.
    Register other;
    other.database.sql("UPDATE land.rule SET value = 0.0003 WHERE id = 'area-tolerance'");
    for (auto& lot : lots) lot.legal_area = "631,2";
    BOOST_TEST(other.take(lots).stored.correction_cases == 400U);
}

BOOST_AUTO_TEST_CASE(two_hundred_parcels_either_side_of_the_vertex_tolerance_are_judged_right) {
    Register in;
    auto lots = lots_apart();
    BOOST_TEST(in.take(lots).stored.correction_cases == 0U);
    // Allowed at 1:1000 are 0.15 m between the corners of two drawings.
    for (std::size_t i = 0; i < lots.size(); ++i) {
        auto& corner = lots[i].ring[2]; // north-east
        double const by = i < 200 ? 0.149 : 0.151;
        (i % 2 == 0 ? corner.x : corner.y) += by;
    }
    auto const report = in.take(lots, correction);
    BOOST_TEST(report.revised->redrawn == 200U);
    BOOST_TEST(report.revised->moved == 200U);
    BOOST_TEST(report.revised->made + report.revised->ended + report.revised->unchanged == 0U);
    BOOST_TEST(in.value("SELECT count(*) FROM land.correction_case JOIN record.parcels USING (fid) "
                        "WHERE kind = 'vertex' AND parcel_number > 200 AND moved_m > 0.15 AND "
                        "moved_m < 0.1511 AND allowed_m = 0.15") == "200");
    BOOST_TEST(in.value("SELECT count(*) FROM land.correction_case") == "200");
    BOOST_TEST(in.value("SELECT count(*) FROM record.parcels WHERE legal_area_m2 = 621.3 AND "
                        "valid_to IS NULL") == "400");
    // The rule is data: with another one of the day all are within it.
    in.database.sql(
        "UPDATE land.rule SET value = 0.2 WHERE id = 'vertex-tolerance' AND scale = 1000");
    for (auto& lot : lots) lot.ring[2].x -= 0.19;
    BOOST_TEST(moved(in.take(lots, correction)) == 0U);
}

BOOST_AUTO_TEST_CASE(a_corrected_sheet_replaces_its_earlier_delivery_and_nothing_is_lost) {
    Register in;
    auto const first = plain_sheet();
    in.take(first);
    auto const fid = [&](int number) {
        return in.value(fmt::format("SELECT fid FROM record.parcels WHERE parcel_number = {} AND "
                                    "valid_to IS NULL",
                                    number));
    };
    auto const fids = std::vector{fid(1), fid(2), fid(7), fid(15)};
    auto const identifier = in.value("SELECT geohash FROM record.parcels WHERE fid = " + fids[2]);
    auto const before = in.value("SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', "
                                 "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')");

    auto second = first;
    second[6].ring[2].x += 0.1; // corner of 7, 8, 12 and 13: within the tolerance
    second[7].ring[3].x += 0.1;
    second[11].ring[1].x += 0.1;
    second[12].ring[0].x += 0.1;
    second[12].ring[4].x += 0.1;
    second[2].land_use = "ODT";
    second[0].ring = {first[0].ring[0], first[1].ring[1], first[1].ring[2], first[0].ring[3],
                      first[0].ring[0]}; // 1 and 2 were one
    second[14].ring[1].x -= 10;          // 15 were two
    second[14].ring[2].x -= 10;
    auto part = first[14];
    part.number = 21;
    part.ring[0].x += 11.8;
    part.ring[3].x += 11.8;
    part.ring[4].x += 11.8;
    second.push_back(part);
    second.erase(second.begin() + 1);
    auto const report = in.take(second, correction);
    BOOST_REQUIRE(report.revised);
    auto const& revised = *report.revised;
    BOOST_TEST(revised.redrawn == 5U); // four corners, one use
    BOOST_TEST(revised.moved == 0U);
    BOOST_TEST(revised.ended == 3U); // 1, 2, 15
    BOOST_TEST(revised.made == 3U);  // 1, 15, 21
    BOOST_TEST(revised.unchanged == 12U);
    BOOST_TEST(in.value("SELECT count(*) FROM record.parcels WHERE valid_to IS NULL") == "20");
    BOOST_TEST(in.value("SELECT kind || ' ' || number FROM land.change c JOIN land.document d ON "
                        "d.id = c.document") == "TD BB 12");
    BOOST_TEST(in.value("SELECT string_agg(p.parcel_number || '→' || c.parcel_number, ' ' ORDER BY "
                        "p.parcel_number, c.parcel_number) FROM land.lineage JOIN record.parcels p "
                        "ON p.fid = parent JOIN record.parcels c ON c.fid = child") ==
               "1→1 2→1 15→15 15→21");
    // Who stays the same parcel keeps its name; numbers that are gone never return.
    BOOST_TEST(fid(7) == fids[2]);
    BOOST_TEST(in.value("SELECT geohash FROM record.parcels WHERE fid = " + fids[2]) == identifier);
    BOOST_TEST(in.value("SELECT string_agg(number::text, ',') FROM land.retired_number") == "2");
    BOOST_TEST(in.value("SELECT count(*) FROM land.use_right r JOIN record.parcels p USING (fid) "
                        "WHERE p.valid_to IS NULL") == "20");
    // Nothing is lost: the former delivery, and every parcel as it was.
    BOOST_TEST(in.value("SELECT count(*) FROM land.sheet_delivery") == "1");
    data::postgis::SheetStore const store{in.pool};
    auto const kept = store.sheet("18801", 12);
    BOOST_TEST(kept.parcels.size() == second.size());
    for (auto const& parcel : kept.parcels) {
        auto const delivered =
            std::ranges::find(second, parcel.number, [](auto const& one) { return one.number; });
        BOOST_REQUIRE(delivered != second.end());
        BOOST_TEST((parcel.source.positions == delivered->ring), parcel.number);
    }
    auto const rows = in.database.sql(fmt::format(
        "SELECT parcel_number, land_use, encode(ST_AsBinary(source_geom), 'hex') FROM (SELECT "
        "parcel_number, land_use, source_geom FROM record.parcels WHERE recorded_at <= '{0}' UNION "
        "ALL SELECT parcel_number, land_use, source_geom FROM record.parcels_history WHERE "
        "recorded_at <= '{0}' AND ended_at > '{0}') AS known ORDER BY 1",
        before));
    BOOST_REQUIRE(rows.size() == first.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        BOOST_TEST(rows[i][1] == first[i].land_use);
        std::vector<std::byte> bytes;
        for (std::size_t k = 0; k + 1 < rows[i][2].size(); k += 2)
            bytes.push_back(
                static_cast<std::byte>(std::stoi(rows[i][2].substr(k, 2), nullptr, 16)));
        geo::Geometry shape;
        geo::codec::read_wkb(bytes, shape);
        BOOST_TEST((shape.positions == first[i].ring));
    }
    // The same sheet once more changes nothing.
    BOOST_TEST(in.take(second, correction).revised->unchanged == 20U);
    // What ends must be free; what is not there cannot be corrected; a number does not return.
    in.database.sql("INSERT INTO land.restriction (fid, kind) VALUES (" + fid(4) + ", 'mortgage')");
    auto third = second;
    std::erase_if(third, [](auto const& one) { return one.number == 4; });
    BOOST_TEST(throws("parcel-mortgaged", [&] { in.take(third, correction); }));
    BOOST_TEST(in.value("SELECT count(*) FROM record.parcels WHERE valid_to IS NULL") == "20");
    third = second;
    third[2].number = 2;
    BOOST_TEST(throws("number-taken", [&] { in.take(third, correction); }));
    auto const file = as_geopackage(in.folder.path(), second);
    BOOST_TEST(throws("unknown-sheet", [&] {
        take_sheet(in.pool, read_manifest(manifest(in.folder.path(), file, correction, 99)).at(0),
                   "tester", true);
    }));
}

BOOST_AUTO_TEST_CASE(a_sheet_leaves_as_it_came_to_0_0_mm_axes_swapped_or_not) {
    for (bool const swapped : {false, true}) {
        Register in;
        auto plain = plain_sheet();
        if (swapped)
            for (auto& parcel : plain)
                for (auto& p : parcel.ring) std::swap(p.x, p.y);
        auto const file = as_dxf(in.folder.path(), plain);
        auto const report = take_sheet(
            in.pool,
            read_manifest(manifest(in.folder.path(), file, swapped ? "axes = \"ne\"" : "")).at(0),
            "tester", true);
        BOOST_REQUIRE(report.gate.accepted);
        data::postgis::SheetStore const store{in.pool};
        auto const out = in.folder / "out.gpkg";
        BOOST_TEST(write_sheet(store, "18801", 12, out) == plain.size());
        auto source = data::gdal::VectorSource::open(out);
        BOOST_TEST(source.layer().srid == 9209);
        data::gdal::RowBatch batch;
        std::size_t read = 0;
        while (source.read(batch))
            for (std::size_t i = 0; i < batch.size(); ++i, ++read) {
                geo::Geometry shape;
                geo::codec::read_wkb(batch.row(i).wkb, shape);
                BOOST_TEST((shape.positions == plain[read].ring)); // double for double
            }
        BOOST_TEST(read == plain.size());
    }
}

BOOST_AUTO_TEST_SUITE_END()
