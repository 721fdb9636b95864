// Finding parcels among a million, and giving a million new numbers after a merger.

#include "data/postgis/land_store.hpp"
#include "data/postgis/topology_store.hpp"
#include "tests/bench/table.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <pqxx/pqxx>

#include <cstdlib>
#include <functional>
#include <random>
#include <stdexcept>

namespace {

using namespace diaban;
using data::model::Parcel;
using data::model::ParcelQuery;

/// A commune, an identifier, an area and certificates for all parcels, past the triggers; kept if
/// they are there already.
void prepare(pqxx::connection& sql) {
    pqxx::work work{sql};
    work.exec("ALTER TABLE record.parcels DISABLE TRIGGER USER");
    work.exec("UPDATE record.parcels SET commune_code = coalesce(commune_code, 'old'), geohash = "
              "coalesce(geohash, lpad(fid::text, 12, '0')), legal_area_m2 = "
              "coalesce(legal_area_m2, 100 + fid % 900000 / 1000.0) WHERE commune_code IS NULL OR "
              "geohash IS NULL OR legal_area_m2 IS NULL");
    work.exec("ALTER TABLE record.parcels ENABLE TRIGGER USER");
    work.exec("INSERT INTO land.use_right (fid, certificate) SELECT fid, 'BD ' || fid FROM "
              "record.parcels WHERE NOT EXISTS (SELECT FROM land.use_right)");
    // Of what each was divided from, and that from another, certificates are still in drawers.
    work.exec("WITH paper AS (INSERT INTO land.document (number, issued_on) SELECT 'bench', "
              "'2020-01-01' WHERE NOT EXISTS (SELECT FROM land.lineage) RETURNING id), change AS "
              "(INSERT INTO land.change (kind, document) SELECT 'TN', id FROM paper RETURNING id) "
              "INSERT INTO land.lineage (change, parent, child) SELECT c.id, p.fid + g * "
              "1000000000000, p.fid + (g - 1) * 1000000000000 FROM change c, record.parcels p, "
              "generate_series(1, 2) AS g");
    work.exec("INSERT INTO land.use_right (fid, certificate) SELECT fid + 2000000000000, 'OLD ' || "
              "fid FROM record.parcels WHERE NOT EXISTS (SELECT FROM land.use_right WHERE "
              "certificate LIKE 'OLD %')");
    work.exec("INSERT INTO land.sheet (commune_code, commune_from, number, srid, axes_swapped, "
              "datum_proved, scale, drawn_on, file, encoding) VALUES ('old', '2000-01-01', 1, "
              "9209, false, false, 1000, '2000-01-01', 'bench', 'unicode') ON CONFLICT DO NOTHING");
    work.exec("INSERT INTO land.parcel (fid, sheet, projected_area_m2, address_folded) SELECT "
              "p.fid, s.id, 1, 'so ' || p.fid || ' duong nguyen du' FROM record.parcels p, "
              "land.sheet s WHERE s.commune_code = 'old' AND NOT EXISTS (SELECT FROM land.parcel)");
    work.commit();
    pqxx::nontransaction{sql}.exec("VACUUM ANALYZE land.use_right, land.lineage, "
                                   "land.parcel, record.parcels");
}

/// Every sheet of every commune is called something else from a day on; all parcels are found so.
double renumber(pqxx::connection& sql) {
    auto const time = bench::measured(
        [] { return 0.0; },
        [&] {
            pqxx::work work{sql};
            work.exec("DELETE FROM land.sheet_alias");
            work.exec(
                "INSERT INTO land.sheet_alias (commune_code, sheet, new_commune_code, new_sheet, "
                "valid_from) SELECT commune_code, sheet, 'new', 1000000 + sheet, "
                "'2025-07-01' FROM record.parcels GROUP BY 1, 2");
            work.commit();
        });
    return time.wall / 1000;
}

/// Slowest of a hundred in a hundred, by nearest rank: the p99 of 200 questions.
double p99(data::postgis::LandStore const& land, std::vector<Parcel> const& some,
           std::function<ParcelQuery(Parcel const&)> const& query) {
    std::vector<double> times;
    for (auto const& parcel : some) {
        auto const asked = query(parcel);
        bool found = false;
        times.push_back(bench::measured([] { return 0.0; },
                                        [&] {
                                            for (auto const& one :
                                                 land.search(asked, geo::Policy::everything()))
                                                found = found || one.fid == parcel.fid;
                                        })
                            .wall);
        if (!found) {
            fmt::print(stderr, "a parcel was not found\n");
            std::exit(EXIT_FAILURE);
        }
    }
    return bench::quantile(times, 0.99);
}

/// What an edit of a parcel waits for: its faults and its neighbours', found and kept.
double look_again(pqxx::connection& sql, data::postgis::Pool& edits,
                  std::vector<Parcel> const& some) {
    pqxx::nontransaction{sql}.exec("SELECT land.open_faults()");
    data::postgis::TopologyStore const topology{edits};
    std::vector<double> times;
    for (auto const& parcel : some) {
        std::vector<std::int64_t> const fids{parcel.fid};
        times.push_back(bench::measured([] { return 0.0; },
                                        [&] {
                                            if (!topology.look_again(fids))
                                                throw std::runtime_error{"no faults are kept"};
                                        })
                            .wall);
    }
    return bench::quantile(times, 0.99);
}

std::vector<Parcel> random_parcels(pqxx::connection& sql) {
    std::vector<Parcel> some;
    for (auto const& row : pqxx::nontransaction{sql}.exec(
             "SELECT fid, sheet, parcel_number, geohash, land_use, legal_area_m2, "
             "ST_X(ST_PointOnSurface(geom)), ST_Y(ST_PointOnSurface(geom)) FROM record.parcels "
             "TABLESAMPLE SYSTEM (1) REPEATABLE (1) ORDER BY md5(fid::text) LIMIT 200")) {
        Parcel parcel;
        parcel.fid = row[0].as<std::int64_t>();
        parcel.sheet = row[1].as<std::int64_t>();
        parcel.number = row[2].as<std::int64_t>();
        parcel.identifier = row[3].is_null() ? "" : row[3].c_str();
        parcel.land_use = row[4].is_null() ? "" : row[4].c_str();
        parcel.legal_area_m2 = row[5].as<double>(0);
        parcel.place.positions = {{row[6].as<double>(), row[7].as<double>()}};
        some.push_back(std::move(parcel));
    }
    return some;
}

} // namespace

int main(int count, char** words) {
    CLI::App app{"Finding parcels among a million"};
    std::string database;
    std::string lines;
    app.add_option("--database", database, "with a million parcels")->required();
    app.add_option("--lines", lines, "file of the table");
    CLI11_PARSE(app, count, words);

    pqxx::connection sql{database};
    prepare(sql);
    auto const some = random_parcels(sql);
    data::postgis::Pool reads{{.uri = database, .role = data::postgis::Role::serve}};
    data::postgis::Pool edits{{.uri = database, .role = data::postgis::Role::edit}};
    data::postgis::LandStore const land{reads, edits};
    bench::Table table{lines};
    auto const line = [&](std::string const& what, auto const& query) {
        table.line("a parcel of a million by " + what + ", p99", p99(land, some, query), 0, "",
                   "<= 20 ms");
    };
    table.line("all sheets of a million parcels renumbered", renumber(sql), 0, "", "<= 60 s", "s");
    line("sheet and number", [](Parcel const& parcel) {
        ParcelQuery query;
        query.sheet = parcel.sheet;
        query.number = parcel.number;
        return query;
    });
    line("its sheet's new number", [](Parcel const& parcel) {
        ParcelQuery query;
        query.sheet = 1'000'000 + parcel.sheet;
        query.number = parcel.number;
        query.communes = {"new"};
        return query;
    });
    line("certificate", [](Parcel const& parcel) {
        ParcelQuery query;
        query.certificate = fmt::format("BD {}", parcel.fid);
        return query;
    });
    line("a certificate of what it came from", [](Parcel const& parcel) {
        ParcelQuery query;
        query.certificate = fmt::format("OLD {}", parcel.fid);
        return query;
    });
    line("identifier", [](Parcel const& parcel) {
        ParcelQuery query;
        query.identifier = parcel.identifier;
        return query;
    });
    line("address", [](Parcel const& parcel) {
        ParcelQuery query;
        query.address = fmt::format("{} nguyễn du", parcel.fid);
        return query;
    });
    line("use and area", [](Parcel const& parcel) {
        ParcelQuery query;
        query.land_use = parcel.land_use;
        query.area_from = *parcel.legal_area_m2 - 1e-6;
        query.area_to = *parcel.legal_area_m2 + 1e-6;
        query.limit = 100;
        return query;
    });
    line("place", [](Parcel const& parcel) {
        ParcelQuery query;
        query.at = parcel.place.positions[0];
        return query;
    });
    table.line("faults looked for again around a parcel of a million, p99",
               look_again(sql, edits, some), 0, "", "<= 100 ms");
    return EXIT_SUCCESS;
}
