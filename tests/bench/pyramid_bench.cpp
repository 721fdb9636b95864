// Any tile of a million parcels, cold, at every zoom from 6 to 16: how soon, how large, beside
// ST_AsMVT over the rows and over a table of the very features that the low zooms show; what the
// mirror and its pyramid take; and how soon low zooms follow an edit. Prints lines of the table of
// ./run bench.

#include "data/postgis/collections.hpp"
#include "data/postgis/pool.hpp"
#include "services/domain/loader.hpp"
#include "tests/bench/merged_peer.hpp"
#include "tests/bench/peer.hpp"
#include "tests/bench/table.hpp"
#include "tiles/cut.hpp"
#include "tiles/pyramid/layer_rows.hpp"
#include "tiles/pyramid/pyramid.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <pqxx/pqxx>

#include <algorithm>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <unordered_set>
#include <vector>

using namespace diaban;
using bench::measured;
using bench::quantile;
using bench::Table;
using bench::thread_time;
using tiles::TileId;

namespace {

constexpr std::uint32_t lowest = 6;
constexpr std::uint32_t highest = 16;

struct Options {
    std::string database;
    std::string collection = "parcels";
    std::size_t tiles = 200;
    std::size_t pairs = 5;
    std::uint64_t seed = 1;
    unsigned threads = 2;
    std::string lines;
};

/// What a node holds of the collection.
struct Held {
    std::shared_ptr<tiles::mirror::Layer const> layer;
    std::shared_ptr<tiles::pyramid::LayerRows const> rows;
    std::shared_ptr<tiles::pyramid::Pyramid const> pyramid;

    void merge(unsigned threads) {
        rows = std::make_shared<tiles::pyramid::LayerRows const>(layer, nullptr);
        pyramid = tiles::pyramid::Pyramid::build(
            tiles::pyramid::plan_of(layer->schema(), layer->native_zoom()), rows->keys(), *rows,
            threads);
    }
    void cut(TileId tile, std::string& body) const {
        auto const everything = geo::Policy::everything();
        if (tile.zoom() < layer->native_zoom())
            pyramid->cut(tile, {}, everything, body);
        else
            tiles::cut(*layer, tile, {}, everything, body);
    }
};

/// The tiles of a zoom that meet a row's box: all of them, or some at random.
std::vector<TileId> tiles_of(tiles::mirror::Run const& run, std::uint32_t zoom, std::size_t most,
                             std::mt19937_64& random) {
    std::unordered_set<std::uint64_t> numbers;
    auto const at = [&](std::int32_t v) { return std::uint64_t(std::uint32_t(v) >> (31 - zoom)); };
    for (auto const& box : run.boxes)
        for (auto x = at(box.min_x); x <= at(box.max_x); ++x)
            for (auto y = at(box.min_y); y <= at(box.max_y); ++y) numbers.insert(x << 32U | y);
    std::vector<std::uint64_t> sorted(numbers.begin(), numbers.end());
    std::sort(sorted.begin(), sorted.end());
    std::shuffle(sorted.begin(), sorted.end(), random);
    std::vector<TileId> tiles;
    for (auto const number : sorted)
        if (tiles.size() < most)
            tiles.push_back(*TileId::make(zoom, std::uint32_t(number >> 32U),
                                          std::uint32_t(number & UINT32_MAX)));
    return tiles;
}

/// Times and sizes of tiles, each made once.
struct Times {
    std::vector<double> wall;
    std::vector<double> cpu;
    std::size_t largest = 0;

    void add(bench::Time time, std::size_t bytes) {
        wall.push_back(time.wall);
        cpu.push_back(time.cpu);
        largest = std::max(largest, bytes);
    }
};

Times ours_of(Held const& held, std::vector<TileId> const& tiles) {
    Times times;
    std::string body;
    if (!tiles.empty()) held.cut(tiles.front(), body); // the code is warm, the tile is not kept
    for (auto const tile : tiles) {
        std::string cold;
        auto const time = measured(thread_time, [&] { held.cut(tile, cold); });
        times.add(time, cold.size());
    }
    return times;
}

Times theirs_of(pqxx::connection& sql, std::string const& statement,
                std::vector<TileId> const& tiles) {
    Times times;
    pqxx::nontransaction work{sql};
    auto const backend = [process = sql.backendpid()] { return bench::process_time(process); };
    for (auto const tile : tiles) {
        pqxx::result answer;
        auto const time = measured(backend, [&] {
            answer = work.exec_prepared(statement, int(tile.zoom()), int(tile.x()), int(tile.y()));
        });
        times.add(time, (answer[0][0].size() - 2) / 2); // text: two digits a byte behind \x
    }
    return times;
}

void measure_zoom(Table& table, Held const& held, pqxx::connection& sql, Options const& options,
                  std::uint32_t zoom, std::mt19937_64& random) {
    auto const tiles = tiles_of(held.layer->base(), zoom, options.tiles, random);
    std::vector<TileId> const pairs(
        tiles.begin(), tiles.begin() + std::ptrdiff_t(std::min(options.pairs, tiles.size())));
    auto const all = ours_of(held, tiles);
    auto const ours = ours_of(held, pairs);
    auto const theirs = theirs_of(sql, "peer", pairs);
    auto const what = fmt::format("z{} cold tile", zoom);
    table.line(fmt::format("{}, p99 of {}", what, tiles.size()), quantile(all.wall, 0.99), 0, "",
               "<= 5 ms");
    table.line(fmt::format("{}, p99 of {}, processor time", what, tiles.size()),
               quantile(all.cpu, 0.99), 0, "", "<= 5 ms");
    table.line(fmt::format("{}, median of {} pairs", what, pairs.size()), quantile(ours.wall, 0.5),
               quantile(theirs.wall, 0.5), "ST_AsMVT", zoom <= 10 ? ">= 500" : "");
    table.line(fmt::format("z{} largest tile of {}", zoom, tiles.size()),
               double(all.largest) / 1000, double(theirs.largest) / 1000, "ST_AsMVT, of the pairs",
               "<= 500 KB", "KB");
    std::cout << fmt::format("  median {:.3f} ms; processor time of the pairs, median: {:.3f} ms, "
                             "ST_AsMVT's {:.3f}, {:.0f} times\n",
                             quantile(all.wall, 0.5), quantile(ours.cpu, 0.5),
                             quantile(theirs.cpu, 0.5),
                             quantile(theirs.cpu, 0.5) / quantile(ours.cpu, 0.5));
    if (zoom >= held.layer->native_zoom()) return;
    bench::prepare_merged(sql, *held.pyramid, tiles);
    auto const merged = theirs_of(sql, "merged", tiles);
    table.line(fmt::format("{}, median of {}", what, tiles.size()), quantile(all.wall, 0.5),
               quantile(merged.wall, 0.5), "ST_AsMVT, merged before", "");
    bench::drop_merged(sql);
}

/// Takes parcels away one after another, as the follower does it: layer, keys, squares.
void measure_edits(Table& table, Held held, std::mt19937_64& random) {
    constexpr std::size_t edits = 100;
    std::vector<double> times;
    std::vector<double> processor;
    std::size_t tiles = 0;
    for (std::size_t edit = 0; edit < edits; ++edit) {
        auto const& run = held.layer->base();
        auto const row = random() % run.located();
        std::vector<tiles::GridBox> const dirty{run.boxes[row]};
        std::vector<std::int64_t> const gone{run.fids[row]};
        auto const time = measured(thread_time, [&] {
            Held next;
            next.layer =
                held.layer->with(tiles::mirror::LayerBuilder{held.layer->shared_schema()}, gone);
            next.rows =
                std::make_shared<tiles::pyramid::LayerRows const>(next.layer, held.rows.get());
            auto rebuilt =
                held.pyramid->rebuild(next.rows->keys(), *next.rows, dirty, 1, held.rows.get());
            next.pyramid = std::move(rebuilt.pyramid);
            tiles += rebuilt.changed.size();
            held = std::move(next);
        });
        times.push_back(time.wall);
        processor.push_back(time.cpu);
    }
    table.line(fmt::format("low zooms after an edit of {} parcels, p99", held.layer->size()),
               quantile(times, 0.99), 0, "", "<= 1000 ms");
    std::cout << fmt::format("  {} edits, median {:.1f} ms; processor time: median {:.1f} ms, p99 "
                             "{:.1f}; {:.1f} tiles changed\n",
                             edits, quantile(times, 0.5), quantile(processor, 0.5),
                             quantile(processor, 0.99), double(tiles) / double(edits));
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"Any tile of a million parcels, cold, at every zoom"};
    Options options;
    app.add_option("--database", options.database, "URI of a superuser")->required();
    app.add_option("--collection", options.collection, "Polygons")->capture_default_str();
    app.add_option("--tiles", options.tiles, "Tiles a zoom, at most")->capture_default_str();
    app.add_option("--pairs", options.pairs, "Of those, how many ST_AsMVT makes too")
        ->capture_default_str();
    app.add_option("--seed", options.seed, "Which tiles")->capture_default_str();
    app.add_option("--threads", options.threads, "Threads that load")->capture_default_str();
    app.add_option("--lines", options.lines, "A file that the lines of the table are added to");
    CLI11_PARSE(app, argc, argv);

    data::postgis::PoolOptions pool_options;
    pool_options.uri = options.database;
    pool_options.role = data::postgis::Role::feed;
    data::postgis::Pool pool{pool_options};
    auto const described = data::postgis::Collections{pool}.get(options.collection);
    Table table{options.lines};
    Held held;
    data::postgis::CopyLine line{options.database};
    auto const load = measured(thread_time, [&] {
        held.layer = services::domain::copy_collection(line, described, options.threads).layer;
        held.merge(options.threads);
    });
    auto const rows = double(held.layer->size());
    table.line(fmt::format("mirror and pyramid of {} parcels", held.layer->size()), load.wall, 0,
               "", "<= 30000 ms");
    table.line("a parcel: geometry, index, pyramid, 3 fields",
               double(held.layer->bytes() + held.pyramid->bytes()) / rows, 0, "", "<= 300 B", "B");
    std::cout << fmt::format("  native zoom {}; {:.1f} B of mirror, {:.1f} B of pyramid\n",
                             held.layer->native_zoom(), double(held.layer->bytes()) / rows,
                             double(held.pyramid->bytes()) / rows);

    pqxx::connection sql{options.database};
    bench::prepare_peer(sql, described.schema);
    std::cout << "Cold tiles, cache off, identity, one thread, seed " << options.seed
              << "; ST_AsMVT on a projected, clustered, indexed column of the same database\n";
    std::mt19937_64 random{options.seed};
    for (auto zoom = lowest; zoom <= highest; ++zoom)
        measure_zoom(table, held, sql, options, zoom, random);
    pqxx::nontransaction{sql}.exec("drop table bench.peer");
    measure_edits(table, held, random);
    return 0;
}
