// Kernel density of a million points beside the plain sum, Gi* of a million cells, and the viewshed
// of a million cells, of which the ground is written as a file for others to be measured on.

#include "data/gdal/raster_sink.hpp"
#include "geo/hotspot/density.hpp"
#include "geo/hotspot/significance.hpp"
#include "geo/synthetic/relief.hpp"
#include "geo/terrain/viewshed.hpp"
#include "tests/bench/table.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace diaban;
using geo::hotspot::WeightedPoint;
using geo::raster::Frame;

constexpr std::int32_t side = 1024;
constexpr std::size_t many = 1'000'000;

/// A third anywhere, the rest about two hundred places, as incidents are.
std::vector<WeightedPoint> incidents() {
    std::mt19937_64 random{7};
    std::uniform_real_distribution<double> anywhere{0, side};
    std::vector<geo::Position> places(200);
    for (auto& place : places) place = {anywhere(random), anywhere(random)};
    std::normal_distribution<double> about{0, 25};
    std::vector<WeightedPoint> points;
    while (points.size() < many) {
        if (points.size() % 3 == 0) {
            points.push_back({anywhere(random), anywhere(random), 1});
            continue;
        }
        auto const& place = places[random() % places.size()];
        WeightedPoint const point{place.x + about(random), place.y + about(random), 1};
        if (std::min(point.x, point.y) >= 0 && std::max(point.x, point.y) < side)
            points.push_back(point);
    }
    return points;
}

/// Every point added to every cell within its reach.
double plain_sum(std::vector<WeightedPoint> const& points, double radius) {
    std::vector<double> cells(std::size_t(side) * side);
    double const peak = geo::hotspot::quartic(0, radius);
    double const narrow = 1 / (radius * radius);
    for (auto const& p : points) {
        auto const y = side - p.y - 0.5;
        auto const x = p.x - 0.5;
        auto const top = std::max(0, int(std::ceil(y - radius)));
        auto const bottom = std::min(side - 1, int(y + radius));
        for (int row = top; row <= bottom; ++row) {
            double const v = 1 - (row - y) * (row - y) * narrow;
            if (v <= 0) continue;
            double const half = radius * std::sqrt(v);
            auto const left = std::max(0, int(std::ceil(x - half)));
            auto const right = std::min(side - 1, int(x + half));
            for (int column = left; column <= right; ++column) {
                double const inner = v - (column - x) * (column - x) * narrow;
                cells[std::size_t(row) * side + std::size_t(column)] += peak * inner * inner;
            }
        }
    }
    return cells[std::size_t(side) * side / 2];
}

template <typename Work>
double best_seconds(int rounds, Work const& work) {
    double best = 1e300;
    for (int round = 0; round < rounds; ++round)
        best = std::min(best, bench::measured(bench::thread_time, work).cpu / 1e3);
    return best;
}

void bench_density(bench::Table& table, int rounds) {
    auto const points = incidents();
    Frame const frame{{side, side}, 0, side, 1, 1, 3405};
    constexpr std::pair<double, double> figures[] = {{10, 0.45}, {20, 1.11}, {50, 3.28}};
    for (auto const& [radius, figure] : figures) {
        double sink = 0;
        auto const plain =
            best_seconds(radius > 20 ? 1 : rounds, [&] { sink += plain_sum(points, radius); });
        auto const ours = best_seconds(rounds, [&] {
            sink += geo::hotspot::exact_density(points, frame, radius).at(side / 2, side / 2);
        });
        auto const binned = best_seconds(rounds, [&] {
            geo::hotspot::Bins bins{frame.shape};
            for (auto const& p : points) bins.add(p.x - 0.5, side - p.y - 0.5, p.weight);
            std::vector<geo::hotspot::Reach> const reaches(side, {radius, radius});
            sink += geo::hotspot::spread(bins, reaches, frame.window())[side];
        });
        auto const wanted = fmt::format("<= {:.2f} s", radius > 20 ? figure / 3 : figure);
        table.line(fmt::format("density of 1 M points, radius {}, exact", radius), ours, plain,
                   "the plain sum, one core", wanted, "s");
        table.line(fmt::format("the same, binned, off by {:.2g} of the peak",
                               geo::hotspot::binning_error({radius, radius})),
                   binned, plain, "the plain sum, one core", "", "s");
        if (sink < 0) fmt::print("{}\n", sink);
    }
}

void bench_significance(bench::Table& table, int rounds) {
    std::mt19937_64 random{11};
    std::vector<double> cells(many);
    for (auto& cell : cells) cell = double(random() % 20);
    std::size_t found = 0;
    auto const took = best_seconds(rounds, [&] {
        auto const scores = geo::hotspot::gi_star({1000, 1000}, cells, 5);
        std::vector<double> p(many);
        for (std::size_t i = 0; i < many; ++i) p[i] = geo::hotspot::two_sided(scores[i].z);
        for (double const q : geo::hotspot::adjust_for_false_discovery(p)) found += q <= 0.05;
    });
    table.line("Gi* of 1 M cells, band 5, with p adjusted", took, 0, "", "<= 2 s", "s");
    fmt::print(stderr, "significant {}\n", found);
}

void bench_viewshed(std::string const& file, int rounds, unsigned threads) {
    Frame const frame{{1000, 1000}, 500'000, 2'100'000, 30, 30, 3405};
    std::vector<float> ground(frame.shape.cells());
    geo::synthetic::make_relief(frame, {.base = 1000}, 9, ground, 2);
    data::gdal::RasterSink sink{file, frame, {.band_names = {"elevation"}, .unit = "m"}};
    sink.write(frame.window(), ground);
    sink.finish();
    geo::terrain::Watcher watcher;
    watcher.at = {500, 500};
    watcher.eye = 30;
    watcher.range = 1e6;
    std::size_t seen = 0;
    double best = 1e300;
    for (int round = 0; round < rounds; ++round) {
        auto const took = bench::measured(bench::process_time, [&] {
            auto const sights =
                geo::terrain::viewshed({frame.shape, ground, 30, 30}, watcher, threads);
            seen = std::size_t(std::ranges::count(sights, geo::terrain::Sight::seen));
        });
        best = std::min(best, took.wall / 1e3);
    }
    fmt::print("{:.3f}\t{}\n", best, seen);
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"Density, significance, sight"};
    std::string lines;
    std::string ground;
    int rounds = 3;
    unsigned threads = 2;
    app.add_option("--lines", lines, "File that lines of the table are added to");
    app.add_option("--viewshed", ground,
                   "Only the viewshed; its ground is written to this GeoTIFF");
    app.add_option("--rounds", rounds, "Times each, the best counts")->capture_default_str();
    app.add_option("--threads", threads, "Of the viewshed")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    if (!ground.empty()) {
        bench_viewshed(ground, rounds, threads);
        return 0;
    }
    bench::Table table{lines};
    bench_density(table, rounds);
    bench_significance(table, rounds);
    return 0;
}
