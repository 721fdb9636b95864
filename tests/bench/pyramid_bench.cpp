// What the pyramid costs, without a database: a million generated parcels and their land use.

#include "geo/coverage/arcs.hpp"
#include "geo/coverage/simplify.hpp"
#include "tests/support/parcel_rows.hpp"
#include "tiles/pyramid/detail.hpp"
#include "tiles/pyramid/pyramid.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

using namespace diaban;

namespace {

double seconds(std::function<void()> const& work) {
    auto const start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Wall time, and the processors' time of all threads: the latter is what the work costs on a busy
/// machine.
std::string cost(std::function<void()> const& work) {
    auto const before = std::clock();
    auto const wall = seconds(work);
    return fmt::format("{:.2f} s, {:.2f} s of processor time", wall,
                       double(std::clock() - before) / CLOCKS_PER_SEC);
}

/// Nearest-rank quantile.
template <typename Number>
Number quantile(std::vector<Number> values, double share) {
    std::sort(values.begin(), values.end());
    auto const rank = std::size_t(std::max(1.0, std::ceil(share * double(values.size()))));
    return values[rank - 1];
}

void measure_arcs(tests::PolygonRows const& rows, std::uint32_t lowest) {
    geo::coverage::Rings const rings{rows.points, rows.path_begin};
    geo::coverage::Arcs arcs;
    fmt::print("arcs of {} parcels: {}\n", rows.size(),
               cost([&] { arcs = geo::coverage::find_arcs(rings, 2); }));
    fmt::print("  {} arcs, {} points\n", arcs.size(), arcs.points.size());
    tiles::pyramid::Detail detail;
    fmt::print("arcs, first zooms and bends from z{}: {}\n", lowest, cost([&] {
                   detail = tiles::pyramid::detail_of(rows.points, rows.path_begin, rows.row_begin,
                                                      lowest, false, 2);
               }));
    auto const& zooms = detail.first_zooms;
    fmt::print("  {} bends\n", detail.bends.all().size());
    std::size_t shown = 0;
    for (std::uint8_t zoom = 0; zoom < 20; ++zoom) {
        auto const here = std::size_t(std::count(zooms.begin(), zooms.end(), zoom));
        shown += here;
        if (here > 0)
            fmt::print("  z{}: {:.1f} % of the points\n", zoom,
                       100.0 * double(shown) / double(zooms.size()));
    }
}

void measure_tiles(tiles::pyramid::Pyramid const& pyramid) {
    auto const everything = geo::Policy::everything();
    for (auto zoom = pyramid.plan().lowest; zoom <= pyramid.plan().finest; ++zoom) {
        std::vector<double> times;
        std::vector<std::size_t> sizes;
        std::int64_t merged = 0;
        for (auto const tile : pyramid.tiles(zoom)) {
            std::string body;
            times.push_back(
                1000 * seconds([&] { merged += pyramid.cut(tile, {}, everything, body).merged; }));
            sizes.push_back(body.size());
        }
        fmt::print("  z{}: {} tiles, {} rows; median {:.2f} ms, p99 {:.2f} ms; median {:.1f} KB, "
                   "largest {:.1f} KB\n",
                   zoom, times.size(), merged, quantile(times, 0.5), quantile(times, 0.99),
                   double(quantile(sizes, 0.5)) / 1000, double(quantile(sizes, 1.0)) / 1000);
    }
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"What the pyramid costs"};
    geo::synthetic::ParcelGridPlan parcels;
    std::uint32_t scopes = 1;
    tiles::pyramid::Plan plan{"parcels", geo::GeometryKind::polygon, "land_use", {}, 11, 0, 32};
    app.add_option("--parcels", parcels.count, "How many")->capture_default_str();
    app.add_option("--scopes", scopes, "Administrative units over them")->capture_default_str();
    app.add_option("--finest", plan.finest, "Native zoom less one")->capture_default_str();
    app.add_option("--block", plan.block_units, "Tile units a block")->capture_default_str();
    CLI11_PARSE(app, argc, argv);

    auto keys = std::make_shared<tiles::pyramid::Keys>();
    tests::PolygonRows rows;
    tests::add_parcels(parcels, scopes, *keys, rows);
    measure_arcs(rows, plan.finest + 1);

    std::shared_ptr<tiles::pyramid::Pyramid const> pyramid;
    fmt::print("pyramid, {} keys: {}\n", keys->size(),
               cost([&] { pyramid = tiles::pyramid::Pyramid::build(plan, keys, rows, 2); }));
    fmt::print("  {:.1f} bytes a parcel\n", double(pyramid->bytes()) / double(rows.size()));
    measure_tiles(*pyramid);

    std::vector<tiles::GridBox> const dirty{rows.boxes[rows.size() / 2]};
    rows.gone[rows.size() / 2] = true;
    std::size_t changed = 0;
    fmt::print("an edit: {:.3f} s",
               seconds([&] { changed = pyramid->rebuild(keys, rows, dirty, 2).changed.size(); }));
    fmt::print(", {} tiles changed\n", changed);
    return 0;
}
