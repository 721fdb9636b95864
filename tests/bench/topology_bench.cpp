// All faults of a million parcels, beside ST_Overlaps of the same parcels with each other.

#include "geo/cadastre/parcel_index.hpp"
#include "geo/cadastre/topology.hpp"
#include "geo/codec/wkb.hpp"
#include "tests/bench/table.hpp"
#include "tests/support/planted_parcels.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <pqxx/pqxx>

#include <cstdlib>
#include <vector>

namespace {

using namespace diaban;

std::string hexadecimal(geo::Geometry const& shape) {
    std::vector<std::byte> bytes;
    geo::codec::append_ewkb(bytes, shape);
    std::string text;
    for (auto const byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned>(byte));
    return text;
}

/// The parcels as a table with an index, all that the other side needs.
void load(pqxx::connection& sql, geo::cadastre::ParcelSet const& parcels) {
    pqxx::work work{sql};
    work.exec("create schema if not exists bench");
    work.exec("drop table if exists bench.topology");
    work.exec("create table bench.topology (id integer, geom geometry)");
    pqxx::stream_to rows{work, "bench.topology"};
    geo::Geometry shape;
    for (std::size_t i = 0; i < parcels.size(); ++i) {
        parcels.geometry(i, shape);
        rows << std::tuple{static_cast<int>(i), hexadecimal(shape)};
    }
    rows.complete();
    work.exec("create index on bench.topology using gist (geom)");
    work.commit();
    pqxx::nontransaction{sql}.exec("vacuum analyze bench.topology");
}

double overlaps_by_postgis(pqxx::connection& sql, std::size_t& pairs) {
    auto const time = bench::measured(
        [] { return 0.0; },
        [&] {
            pqxx::nontransaction work{sql};
            pairs = work.exec1("select count(*) from bench.topology a join bench.topology b "
                               "on a.id < b.id and st_overlaps(a.geom, b.geom)")[0]
                        .as<std::size_t>();
        });
    return time.wall / 1000;
}

/// Checks again around each of some edits; the slowest of 100, with finding its neighbours.
double worst_edit(tests::PlantedParcels const& planted) {
    geo::cadastre::ParcelIndex const index{planted.parcels};
    double worst = 0;
    for (std::size_t i = 0; i < planted.faults.size(); i += planted.faults.size() / 100) {
        auto const time = bench::measured(
            [] { return 0.0; },
            [&] {
                auto box = planted.parcels.box(planted.faults[i].parcel);
                box = {box.min_x - 50, box.min_y - 50, box.max_x + 50, box.max_y + 50};
                geo::cadastre::ParcelSet near;
                geo::Geometry shape;
                for (auto const parcel : index.meeting(box)) {
                    planted.parcels.geometry(parcel, shape);
                    near.add(shape, planted.parcels.sheet[parcel], planted.parcels.number[parcel],
                             planted.parcels.label[parcel]);
                }
                auto const found = geo::cadastre::check_topology(near, {.window = box});
                if (found.size() > 10) std::abort();
            });
        worst = std::max(worst, time.wall);
    }
    return worst;
}

} // namespace

int main(int count, char** words) {
    CLI::App app{"All faults of a million parcels"};
    std::string database;
    std::string lines;
    std::uint64_t parcels = 1'000'000;
    std::uint32_t of_each = 1000;
    app.add_option("--database", database, "for the other side");
    app.add_option("--lines", lines, "file of the table");
    app.add_option("--count", parcels);
    app.add_option("--of-each", of_each);
    CLI11_PARSE(app, count, words);

    auto const planted = tests::planted_parcels(parcels, of_each, 1);
    std::vector<geo::cadastre::TopologyFinding> found;
    auto const time = bench::measured(bench::process_time, [&] {
        found = geo::cadastre::check_topology(planted.parcels, {.threads = 2});
    });
    if (auto const wrong = tests::differences(planted, found); !wrong.empty()) {
        fmt::print(stderr, "the check is wrong: {}\n", wrong);
        return EXIT_FAILURE;
    }
    double theirs = 0;
    if (!database.empty()) {
        pqxx::connection sql{database};
        load(sql, planted.parcels);
        std::size_t pairs = 0;
        theirs = overlaps_by_postgis(sql, pairs);
        fmt::print(stderr, "ST_Overlaps found {} pairs\n", pairs);
    }
    bench::Table table{lines};
    table.line(fmt::format("8 kinds of faults among {} parcels, all {} found", parcels,
                           planted.faults.size()),
               time.wall / 1000, theirs, "ST_Overlaps with itself", "<= 20 s", "s");
    table.line("the same, processor time", time.cpu / 1000, 0, "", "", "s");
    table.line("around one edit, slowest of 100", worst_edit(planted), 0, "", "<= 100 ms");
    return EXIT_SUCCESS;
}
