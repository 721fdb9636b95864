// Cold tiles under filters on a million parcels: at native zooms, and below them, where the rows
// that match are merged for the request. Prints lines of the table of ./run bench.

#include "geo/codec/wkb.hpp"
#include "geo/error.hpp"
#include "geo/filter/cql2_text.hpp"
#include "geo/synthetic/parcel_grid.hpp"
#include "services/domain/filtered.hpp"
#include "services/domain/filtered_low.hpp"
#include "tests/bench/parcel_schema.hpp"
#include "tests/bench/table.hpp"
#include "tiles/cut.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <random>
#include <string>
#include <vector>

using namespace diaban;
using services::domain::View;
using tiles::TileId;

namespace {

constexpr unsigned threads = 2;

View parcels(std::size_t count) {
    geo::synthetic::ParcelGridPlan plan;
    plan.count = count;
    geo::synthetic::ParcelGrid const grid{plan};
    View view;
    view.collection.schema = bench::parcel_schema({{"land_use", geo::FieldType::text},
                                                   {"sheet", geo::FieldType::integer},
                                                   {"number", geo::FieldType::integer}});
    std::vector<tiles::mirror::LayerBuilder> parts;
    parts.emplace_back(view.collection.schema);
    geo::synthetic::Parcel parcel;
    std::vector<std::byte> wkb;
    for (std::uint64_t i = 0; i < grid.size(); ++i) {
        grid.parcel(i, parcel);
        wkb.clear();
        geo::codec::append_ewkb(wkb, parcel.outline);
        std::vector<geo::ValueView> const values{parcel.land_use, parcel.sheet, parcel.number};
        parts[0].append({std::int64_t(i + 1), "42", 0, wkb, values});
    }
    view.layer = tiles::mirror::Layer::build(std::move(parts), threads);
    view.merged = std::make_shared<tiles::pyramid::LayerRows const>(view.layer, nullptr);
    view.pyramid = tiles::pyramid::Pyramid::build(
        tiles::pyramid::plan_of(view.layer->schema(), view.layer->native_zoom()),
        view.merged->keys(), *view.merged, threads);
    return view;
}

/// Tiles at random, where there are parcels.
TileId any_tile(View const& view, std::uint32_t lowest, std::uint32_t highest,
                std::mt19937_64& random) {
    auto const& run = view.layer->base();
    auto const p = run.points[random() % run.points.size()];
    auto const zoom = lowest + std::uint32_t(random() % (highest - lowest + 1));
    return *TileId::make(zoom, std::uint32_t(p.x) >> (31 - zoom),
                         std::uint32_t(p.y) >> (31 - zoom));
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"Cold tiles under filters on a million parcels"};
    std::size_t rows = 1'000'000;
    std::size_t rounds = 200;
    std::string lines;
    app.add_option("--rows", rows, "How many")->capture_default_str();
    app.add_option("--rounds", rounds, "Tiles each")->capture_default_str();
    app.add_option("--lines", lines, "A file that the lines of the table are added to");
    CLI11_PARSE(app, argc, argv);

    auto const view = parcels(rows);
    auto const native = view.layer->native_zoom();
    auto const everything = geo::Policy::everything();
    bench::Table table{lines};
    std::mt19937_64 random{1};
    for (std::string const text : {"land_use = 'ONT'", "number < 20 AND land_use <> 'LUC'",
                                   "number < 100", "number < 300 OR sheet > 1000"}) {
        auto const filter = geo::filter::Filter::make(geo::filter::read_text(text),
                                                      view.layer->schema(), everything);
        std::string body;
        std::vector<double> native_times;
        for (std::size_t i = 0; i < rounds; ++i) {
            auto const tile = any_tile(view, native, TileId::max_zoom, random);
            body.clear();
            native_times.push_back(bench::measured(bench::thread_time, [&] {
                                       tiles::cut(*view.layer, tile, {}, everything, body,
                                                  services::domain::choice_of(filter));
                                   }).wall);
        }
        table.line(
            fmt::format("filtered cold tile, {} rows, z{} and up, p99: {}", rows, native, text),
            bench::quantile(native_times, 0.99), 0, "", "<= 5 ms");
        std::vector<double> low_times;
        std::size_t refused = 0;
        for (std::size_t i = 0; i < rounds; ++i) {
            auto const tile = any_tile(view, 4, native - 1, random);
            services::domain::FilteredLow low{{}}; // keeps nothing of the tile before
            body.clear();
            bool answered = true;
            auto const time = bench::measured(bench::thread_time, [&] {
                try {
                    low.cut(view, filter, tile, everything, body);
                } catch (geo::Error const&) {
                    answered = false;
                }
            });
            low_times.push_back(time.wall);
            refused += answered ? 0 : 1;
        }
        table.line(
            fmt::format("filtered cold tile, {} rows, z4 to z{}, p99: {}", rows, native - 1, text),
            bench::quantile(low_times, 0.99), 0, "", "<= 150 ms");
        fmt::print("  {:.1f} ms in the middle; {} of {} refused as too many rows\n",
                   bench::quantile(low_times, 0.5), refused, rounds);
    }
    return 0;
}
