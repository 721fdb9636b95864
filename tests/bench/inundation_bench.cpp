// The inundation solver without files: cells computed a second on one thread and on two, six hours
// of a million cells, and the Environment Agency's Test 4.

#include "data/gdal/raster_sink.hpp"
#include "geo/hazard/inundation.hpp"
#include "geo/synthetic/relief.hpp"
#include "tests/bench/table.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace {

using namespace diaban;
namespace hazard = geo::hazard;

/// A lowland of generated relief between two hills, a metre and more under water, with a river that
/// comes in at one end: at most 5 m deep.
hazard::Scenario lowland(std::int32_t side) {
    hazard::Scenario scenario;
    scenario.frame = {{side, side}, 500'000, 2'100'000, 10, 10, 3405};
    scenario.bed.resize(scenario.frame.shape.cells());
    geo::synthetic::make_relief(scenario.frame, {.longest = 3000, .height = 1.2, .base = 10}, 9,
                                scenario.bed, 2);
    scenario.depth.resize(scenario.bed.size());
    double const level = hazard::counted_height(12);
    for (std::size_t i = 0; i < scenario.bed.size(); ++i) {
        double const bed = std::clamp(double(scenario.bed[i]), 8.0, 13.0);
        scenario.bed[i] = float(hazard::counted_height(bed));
        scenario.depth[i] = float(std::max(0.0, level - double(scenario.bed[i])));
    }
    hazard::Inflow river;
    for (std::int32_t row = side / 2 - 20; row < side / 2 + 20; ++row)
        river.cells.push_back({0, row});
    river.discharge.points = {{0, 0}, {1800, 400}};
    scenario.inflows = {river};
    return scenario;
}

hazard::Scenario test_4() {
    hazard::Scenario scenario;
    scenario.frame = {{200, 400}, 0, 2000, 5, 5, 3405};
    scenario.bed.assign(scenario.frame.shape.cells(), 0);
    scenario.friction = 0.05;
    hazard::Inflow inflow;
    for (std::int32_t row = 198; row < 202; ++row) inflow.cells.push_back({0, row});
    inflow.discharge.points = {{300, 0}, {3600, 20}, {14400, 20}, {18000, 0}};
    scenario.inflows = {inflow};
    return scenario;
}

struct Run {
    double wall = 0;      ///< s
    double processor = 0; ///< s, of all threads
    double updates = 0;
    double deepest = 0; ///< m
    double error = 0;   ///< of the balance, relative
};

Run run(hazard::Scenario const& scenario, double seconds, unsigned threads) {
    hazard::Inundation water{scenario};
    auto const took = bench::measured(bench::process_time, [&] { water.run_to(seconds, threads); });
    auto const deepest = water.deepest();
    return {took.wall / 1e3, took.cpu / 1e3, double(water.updates()),
            double(*std::ranges::max_element(deepest.cells())), water.balance().relative_error()};
}

void write_ground(hazard::Scenario const& scenario, std::string const& file) {
    constexpr int hon_dau = 5727;
    data::gdal::RasterSink sink{
        file, scenario.frame, {.band_names = {"elevation"}, .unit = "m", .vertical_srid = hon_dau}};
    sink.write(scenario.frame.window(), scenario.bed);
    sink.finish();
}

void print(std::string const& what, unsigned threads, Run const& run) {
    fmt::print("{}\t{}\t{:.3f}\t{:.3f}\t{:.1f}\t{:.1f}\t{:.2f}\t{:.1e}\n", what, threads, run.wall,
               run.processor, run.updates / run.wall / 1e6, run.updates / run.processor / 1e6,
               run.deepest, run.error);
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"Inundation"};
    std::int32_t side = 1000;
    double speed_seconds = 300;
    double hours = 6;
    int rounds = 3;
    app.add_option("--side", side, "Cells along each side")->capture_default_str();
    app.add_option("--seconds", speed_seconds, "That are run for the speed")->capture_default_str();
    app.add_option("--hours", hours, "Of the long run; 0 leaves it out")->capture_default_str();
    std::string ground;
    app.add_option("--ground", ground, "A GeoTIFF that the ground is written to; nothing is run");
    app.add_option("--rounds", rounds, "Times each")->capture_default_str();
    CLI11_PARSE(app, argc, argv);

    auto const scenario = lowland(side);
    if (!ground.empty()) {
        write_ground(scenario, ground);
        return 0;
    }
    for (unsigned const threads : {1U, 2U}) {
        Run best;
        for (int round = 0; round < rounds; ++round) {
            auto const now = run(scenario, speed_seconds, threads);
            if (round == 0 || now.wall < best.wall) best = now;
        }
        print("speed", threads, best);
    }
    print("test 4", 2, run(test_4(), 20'000, 2));
    if (hours > 0) print("long", 2, run(scenario, hours * 3600, 2));
    return 0;
}
