// Finding parcels among a million, and giving a million new numbers after a merger.

#include "data/postgis/land_store.hpp"
#include "tests/bench/table.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <pqxx/pqxx>

#include <cstdlib>
#include <functional>
#include <random>

namespace {

using namespace diaban;
using data::model::Parcel;
using data::model::ParcelQuery;

/// A commune and certificates for all parcels, past the triggers; kept if they are there already.
void prepare(pqxx::connection& sql) {
    pqxx::work work{sql};
    work.exec("ALTER TABLE record.parcels DISABLE TRIGGER USER");
    work.exec("UPDATE record.parcels SET commune_code = 'old' WHERE commune_code IS NULL");
    work.exec("ALTER TABLE record.parcels ENABLE TRIGGER USER");
    work.exec("INSERT INTO land.use_right (fid, certificate) SELECT fid, 'BD ' || fid FROM "
              "record.parcels WHERE NOT EXISTS (SELECT FROM land.use_right)");
    work.commit();
    pqxx::nontransaction{sql}.exec("VACUUM ANALYZE land.use_right, record.parcels");
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
    line("place", [](Parcel const& parcel) {
        ParcelQuery query;
        query.at = parcel.place.positions[0];
        return query;
    });
    return EXIT_SUCCESS;
}
