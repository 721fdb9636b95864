#pragma once

#include "geo/raster/grid.hpp"
#include "geo/terrain/d8.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <vector>

/// Drainage as its definition says, cell by cell, slowly: nothing here is shared with the code
/// under test but the codes of directions and their order.
namespace diaban::test {

using geo::raster::Cell;
using geo::raster::Shape;

/// Ground of few distinct heights, so that flats, ties and pits abound; some cells without data.
inline std::vector<float> rough_ground(std::mt19937_64& random, Shape shape, int heights,
                                       double missing) {
    std::uniform_int_distribution<int> height{0, heights - 1};
    std::bernoulli_distribution gap{missing};
    std::vector<float> ground(shape.cells());
    for (auto& z : ground)
        z = gap(random) ? geo::raster::no_data : float(height(random)) * 0.25F - 3;
    return ground;
}

/// The index of a cell's neighbour that has data.
inline std::optional<std::size_t> neighbour(Shape shape, std::vector<float> const& ground,
                                            std::size_t cell, geo::terrain::Step const& step) {
    auto const x = std::int32_t(cell % std::size_t(shape.columns)) + step.column;
    auto const y = std::int32_t(cell / std::size_t(shape.columns)) + step.row;
    if (!shape.holds(x, y) || std::isnan(ground[shape.index(x, y)])) return {};
    return shape.index(x, y);
}

inline bool at_border(Shape shape, std::vector<float> const& ground, std::size_t cell) {
    for (auto const& step : geo::terrain::steps)
        if (!neighbour(shape, ground, cell, step)) return true;
    return false;
}

/// Planchon and Darboux (2002): water over everything, drained until nothing changes.
inline std::vector<float> drained(Shape shape, std::vector<float> const& ground) {
    auto level = ground;
    for (std::size_t i = 0; i < ground.size(); ++i)
        if (!std::isnan(ground[i]) && !at_border(shape, ground, i))
            level[i] = std::numeric_limits<float>::infinity();
    for (bool changed = true; changed;) {
        changed = false;
        for (std::size_t i = 0; i < ground.size(); ++i)
            for (auto const& step : geo::terrain::steps)
                if (auto const n = neighbour(shape, ground, i, step); n && !std::isnan(ground[i])) {
                    float const through = std::max(ground[i], level[*n]);
                    if (through >= level[i]) continue;
                    level[i] = through;
                    changed = true;
                }
    }
    return level;
}

/// Directions over filled ground, square cells.
inline std::vector<geo::terrain::Direction> steepest_ways(Shape shape,
                                                          std::vector<float> const& ground) {
    using namespace geo::terrain;
    constexpr Direction flat = 254;
    std::vector<Direction> ways(ground.size(), unknown);
    for (std::size_t i = 0; i < ground.size(); ++i) {
        if (std::isnan(ground[i])) continue;
        float best = 0;
        ways[i] = at_border(shape, ground, i) ? outlet : flat;
        for (auto const& step : steps) {
            auto const n = neighbour(shape, ground, i, step);
            if (!n) continue;
            float const slope =
                (ground[i] - ground[*n]) * float(step.diagonal ? std::sqrt(0.5) : 1.0);
            if (slope <= best) continue;
            best = slope;
            ways[i] = step.code;
        }
    }
    // Flats from where they drain, one step of the whole grid after the other.
    for (bool changed = true; changed;) {
        changed = false;
        auto const before = ways;
        for (std::size_t i = 0; i < ground.size(); ++i) {
            if (before[i] != flat) continue;
            for (auto const& step : steps) {
                auto const n = neighbour(shape, ground, i, step);
                if (!n || ground[*n] != ground[i] || before[*n] == flat) continue;
                ways[i] = step.code;
                changed = true;
                break;
            }
        }
    }
    return ways;
}

/// The cells that water from `cell` passes, itself first.
inline std::vector<std::size_t>
way_down(Shape shape, std::vector<geo::terrain::Direction> const& ways, std::size_t cell) {
    std::vector<std::size_t> passed;
    while (ways[cell] != geo::terrain::unknown) {
        passed.push_back(cell);
        if (ways[cell] == geo::terrain::outlet) break;
        for (auto const& step : geo::terrain::steps) {
            if (step.code != ways[cell]) continue;
            auto const x = std::int32_t(cell % std::size_t(shape.columns)) + step.column;
            auto const y = std::int32_t(cell / std::size_t(shape.columns)) + step.row;
            if (!shape.holds(x, y)) return passed;
            cell = shape.index(x, y);
            break;
        }
    }
    return passed;
}

} // namespace diaban::test
