#include "geo/hazard/scenario.hpp"

#include "geo/error.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <string_view>

namespace diaban::geo::hazard {

namespace {

constexpr std::size_t most_cells = std::size_t{1} << 28;
constexpr double count = 4096; // heights to a metre; 2^24 of them are what a float holds
constexpr double most_relief = 4096;

[[noreturn]] void refuse(std::string_view part, std::string_view accepted) {
    throw Error{Code::bad_input,
                "bad-scenario",
                {{"part", std::string{part}}, {"accepted", std::string{accepted}}}};
}

void require(bool good, std::string_view part, std::string_view accepted) {
    if (!good) refuse(part, accepted);
}

void check_hydrograph(Hydrograph const& graph, std::string_view part, double least, double most) {
    require(!graph.points.empty(), part, "at least one point");
    for (std::size_t i = 0; i < graph.points.size(); ++i) {
        auto const& point = graph.points[i];
        require(std::isfinite(point.seconds) && std::isfinite(point.value), part, "finite numbers");
        require(i == 0 || point.seconds > graph.points[i - 1].seconds, part, "ascending times");
        require(point.value >= least && point.value <= most, part,
                std::to_string(least) + " to " + std::to_string(most));
    }
}

void check_cells(Scenario const& scenario, std::span<Cell const> cells, std::string_view part) {
    auto const& shape = scenario.frame.shape;
    require(!cells.empty(), part, "at least one cell");
    for (auto const& cell : cells)
        require(shape.holds(cell.column, cell.row) &&
                    !std::isnan(scenario.bed[shape.index(cell.column, cell.row)]),
                part, "cells of the grid that have ground");
}

void check_grid(Scenario const& scenario) {
    auto const& frame = scenario.frame;
    auto const cells = frame.shape.cells();
    require(frame.shape.columns > 0 && frame.shape.rows > 0, "frame", "at least one cell");
    if (cells > most_cells)
        throw Error{Code::too_large,
                    "too-many-cells",
                    {{"cells", std::to_string(cells)}, {"accepted", std::to_string(most_cells)}}};
    require(frame.width > 0 && std::abs(frame.width / frame.height - 1) < 1e-6, "frame",
            "square cells, sides in metres");
    require(scenario.bed.size() == cells, "bed", "one height a cell");
    require(scenario.depth.empty() || scenario.depth.size() == cells, "depth",
            "one depth a cell, or none at all");
    require(scenario.frictions.empty() || scenario.frictions.size() == cells, "frictions",
            "one value a cell, or none at all");
    require(scenario.rain_zones.empty() || scenario.rain_zones.size() == cells, "rain_zones",
            "one number a cell, or none at all");
    float least = INFINITY;
    float most = -INFINITY;
    for (float const z : scenario.bed) {
        if (std::isnan(z)) continue;
        least = std::min(least, z);
        most = std::max(most, z);
    }
    require(least <= most && double(most) - double(least) <= most_relief, "bed",
            "finite heights within 4096 m of each other");
}

void check_numbers(Scenario const& s) {
    auto const friction = [](double n) { return n >= 0.005 && n <= 1; };
    require(friction(s.friction), "friction", "0.005 to 1 s/m^(1/3)");
    for (float const n : s.frictions)
        require(friction(double(n)), "frictions", "0.005 to 1 s/m^(1/3)");
    for (float const h : s.depth) require(h >= 0 && h <= 1000, "depth", "0 to 1000 m");
    require(s.infiltration >= 0 && s.infiltration <= 1000, "infiltration", "0 to 1000 mm/h");
    require(s.own_weight >= 0.5 && s.own_weight <= 1, "own_weight", "0.5 to 1");
    require(s.courant > 0 && s.courant * s.courant < s.own_weight / 2, "courant",
            "above 0, below the root of own_weight / 2");
    require(s.longest_step > 0 && s.longest_step <= 600, "longest_step", "above 0, to 600 s");
    require(s.arrived > 0 && s.arrived <= 10, "arrived", "above 0, to 10 m");
    require(s.look_every > 0, "look_every", "above 0 s");
    require(s.rains.size() < 256, "rains", "at most 255");
    for (auto const zone : s.rain_zones)
        require(zone <= s.rains.size(), "rain_zones", "0, or 1 + the number of a rain");
}

void check_waters(Scenario const& s) {
    for (auto const& rain : s.rains) check_hydrograph(rain.intensity, "rains", 0, 1000);
    for (auto const& inflow : s.inflows) {
        check_cells(s, inflow.cells, "inflows");
        check_hydrograph(inflow.discharge, "inflows", 0, 1e6);
    }
    for (auto const& level : s.levels) {
        check_cells(s, level.cells, "levels");
        check_hydrograph(level.level, "levels", -1000, 9000);
    }
    for (auto const& outfall : s.outfalls) {
        check_cells(s, outfall.cells, "outfalls");
        require(outfall.slope > 0 && outfall.slope <= 1, "outfalls", "slopes above 0, to 1");
    }
    for (auto const& change : s.changes) {
        check_cells(s, change.cells, "changes");
        check_hydrograph(change.level, "changes", -1000, 9000);
    }
}

[[noreturn]] void refuse_dam_break(Cell cell, double step, std::string const& accepted) {
    throw Error{Code::unsupported,
                "dam-break",
                {{"column", std::to_string(cell.column)},
                 {"row", std::to_string(cell.row)},
                 {"step", std::to_string(step)},
                 {"accepted", accepted}}};
}

/// The surface between two cells, as the scheme would see it.
void check_step(Scenario const& s, Cell cell, Cell beside) {
    auto const& shape = s.frame.shape;
    if (!shape.holds(beside.column, beside.row)) return;
    auto const i = shape.index(cell.column, cell.row);
    auto const j = shape.index(beside.column, beside.row);
    if (std::isnan(s.bed[i]) || std::isnan(s.bed[j])) return;
    double const sill = std::max(double(s.bed[i]), double(s.bed[j]));
    double const here = double(s.bed[i]) - sill + double(s.depth[i]);
    double const there = double(s.bed[j]) - sill + double(s.depth[j]);
    double const depth = std::max(here, there);
    double const step = depth - std::max(0.0, std::min(here, there));
    if (step > 0.25 && step > depth / 4)
        refuse_dam_break(cell, step, "a step of at most 0.25 m, or a quarter of the depth");
}

void check_surface(Scenario const& s) {
    if (s.depth.empty()) return;
    for (std::int32_t row = 0; row < s.frame.shape.rows; ++row)
        for (std::int32_t column = 0; column < s.frame.shape.columns; ++column) {
            check_step(s, {column, row}, {column + 1, row});
            check_step(s, {column, row}, {column, row + 1});
        }
}

void check_sinking(Scenario const& s) {
    constexpr double fastest = 0.1; // m/s
    for (auto const& change : s.changes)
        for (std::size_t i = 1; i < change.level.points.size(); ++i) {
            auto const& a = change.level.points[i - 1];
            auto const& b = change.level.points[i];
            if ((a.value - b.value) / (b.seconds - a.seconds) > fastest)
                refuse_dam_break(change.cells.front(), a.value - b.value,
                                 "ground that sinks by at most 0.1 m/s");
        }
}

} // namespace

double counted_height(double metres) noexcept {
    return std::round(metres * count) / count;
}

void check(Scenario const& scenario) {
    check_grid(scenario);
    check_numbers(scenario);
    check_waters(scenario);
    check_surface(scenario);
    check_sinking(scenario);
}

} // namespace diaban::geo::hazard
