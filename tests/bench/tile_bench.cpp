// Cold tiles of a collection from the mirror, paired with ST_AsMVT on a projected, indexed column
// in the same database; and the mirror's own load. Prints one table: by the clock, and by the time
// the processor spent, ours in this thread, the other side's in its own process.

#include "data/postgis/collections.hpp"
#include "data/postgis/pool.hpp"
#include "services/domain/loader.hpp"
#include "services/http/content_coding.hpp"
#include "tests/bench/peer.hpp"
#include "tests/bench/table.hpp"
#include "tiles/cut.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <pqxx/pqxx>

#include <algorithm>
#include <array>
#include <fstream>
#include <iostream>
#include <random>
#include <set>
#include <string>
#include <vector>

using namespace diaban;
using bench::measured;
using bench::quantile;
using bench::Table;
using bench::thread_time;
using bench::Time;
using tiles::TileId;

namespace {

struct Times {
    std::vector<double> wall;
    std::vector<double> cpu;

    void add(Time time) {
        wall.push_back(time.wall);
        cpu.push_back(time.cpu);
    }
};

struct Figures {
    Times ours;
    Times theirs;
    std::array<std::vector<double>, 3> coded; // gzip, brotli, zstd: cut and encoded, of the thread
    std::size_t features = 0;
    std::size_t largest = 0;
    std::size_t largest_peer = 0;
};

constexpr std::array codings{services::http::Encoding::gzip, services::http::Encoding::brotli,
                             services::http::Encoding::zstd};

Figures measure(tiles::mirror::Layer const& layer, std::vector<TileId> const& tiles,
                pqxx::connection& sql) {
    auto const everything = geo::Policy::everything();
    Figures figures;
    pqxx::nontransaction work{sql};
    auto const backend = [process = sql.backendpid()] { return bench::process_time(process); };
    for (auto const tile : tiles) {
        std::string body;
        figures.ours.add(measured(thread_time, [&] {
            std::string cold;
            figures.features += tiles::cut(layer, tile, {}, everything, cold).shown;
            body = std::move(cold);
        }));
        figures.largest = std::max(figures.largest, body.size());
        for (std::size_t c = 0; c < codings.size(); ++c)
            figures.coded[c].push_back(figures.ours.cpu.back() +
                                       measured(thread_time, [&] {
                                           static_cast<void>(
                                               services::http::encode(body, codings[c]));
                                       }).cpu);
        pqxx::result answer;
        figures.theirs.add(measured(backend, [&] {
            answer = work.exec_prepared("peer", int(tile.zoom()), int(tile.x()), int(tile.y()));
        }));
        // The text form of a bytea has two digits a byte behind \x.
        figures.largest_peer = std::max(figures.largest_peer, (answer[0][0].size() - 2) / 2);
    }
    return figures;
}

/// What must be reached at a zoom: the ratio of medians; 0: no bar.
int bar_of(std::uint32_t zoom) {
    return zoom == 12 ? 100 : zoom == 13 ? 50 : zoom == 14 ? 20 : 0;
}

void report(Table& table, std::uint32_t zoom, Figures const& f, std::size_t tiles) {
    auto const bar = bar_of(zoom);
    auto const wanted = bar > 0 ? fmt::format(">= {}", bar) : "";
    auto const what = fmt::format("z{} cold tile", zoom);
    table.line(fmt::format("{}, median of {}", what, tiles), quantile(f.ours.wall, 0.5),
               quantile(f.theirs.wall, 0.5), "ST_AsMVT", wanted);
    table.line(what + ", median, processor time", quantile(f.ours.cpu, 0.5),
               quantile(f.theirs.cpu, 0.5), "ST_AsMVT", wanted);
    table.line(what + ", p99", quantile(f.ours.wall, 0.99), quantile(f.theirs.wall, 0.99),
               "ST_AsMVT", "<= 5 ms");
    table.line(what + ", p99, processor time", quantile(f.ours.cpu, 0.99),
               quantile(f.theirs.cpu, 0.99), "ST_AsMVT", "<= 5 ms");
    std::cout << fmt::format(
        "  {:.0f} features a tile; largest {:.1f} KB, ST_AsMVT's {:.1f} KB; cut "
        "and coded, median ms of processor: gzip {:.3f}, brotli {:.3f}, zstd {:.3f}\n",
        double(f.features) / double(tiles), double(f.largest) / 1000.0,
        double(f.largest_peer) / 1000.0, quantile(f.coded[0], 0.5), quantile(f.coded[1], 0.5),
        quantile(f.coded[2], 0.5));
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"Cold tiles beside ST_AsMVT, and the load of the mirror"};
    std::string database;
    std::string collection = "parcels";
    std::size_t count = 200;
    std::uint64_t seed = 1;
    unsigned threads = 2;
    std::string lines;
    app.add_option("--database", database, "URI of a superuser")->required();
    app.add_option("--collection", collection, "A collection of the record")->capture_default_str();
    app.add_option("--tiles", count, "Tiles a zoom")->capture_default_str();
    app.add_option("--seed", seed, "Which tiles")->capture_default_str();
    app.add_option("--threads", threads, "Threads that load")->capture_default_str();
    app.add_option("--lines", lines, "A file that the lines of the table are added to");
    CLI11_PARSE(app, argc, argv);

    data::postgis::PoolOptions options;
    options.uri = database;
    options.role = data::postgis::Role::feed;
    data::postgis::Pool pool{options};
    auto const described = data::postgis::Collections{pool}.get(collection);
    services::domain::Copied copied;
    data::postgis::CopyLine line{database};
    double const load = measured(thread_time, [&] {
                            copied = services::domain::copy_collection(line, described, threads);
                        }).wall;
    auto const& layer = *copied.layer;
    Table table{lines};
    table.line(fmt::format("mirror of {} parcels from PostGIS", layer.size()), load, 0, "",
               "<= 10000 ms");
    std::cout << fmt::format("  {:.0f} bytes a row, native zoom {}\n",
                             double(layer.bytes()) / double(layer.size()), layer.native_zoom());

    pqxx::connection sql{database};
    bench::prepare_peer(sql, described.schema);
    std::cout << "Cold tiles, cache off, identity, one thread, seed " << seed
              << "; ST_AsMVT on a projected, clustered, indexed column of the same database\n";
    std::mt19937_64 random{seed};
    for (auto zoom = layer.native_zoom(); zoom <= TileId::max_zoom; ++zoom) {
        auto const tiles = bench::random_tiles(layer.base(), zoom, count, random);
        measure(layer,
                {tiles.begin(), tiles.begin() + std::min<std::ptrdiff_t>(5, std::ssize(tiles))},
                sql); // both sides warm
        report(table, zoom, measure(layer, tiles, sql), tiles.size());
    }
    pqxx::nontransaction{sql}.exec("drop table bench.peer");
    return 0;
}
