#include "geo/synthetic/terrain.hpp"

#include "geo/error.hpp"
#include "geo/exposure/zonal.hpp"
#include "geo/raster/trace.hpp"
#include "geo/synthetic/relief.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace diaban::geo::synthetic {

namespace {

using raster::Frame;
using raster::Grid;

/// Metres from every cell to the nearest marked one, counted over eight neighbours in two passes
/// (Borgefors 1986).
Grid<float> distance(Grid<std::uint8_t> const& marked) {
    auto const& frame = marked.frame();
    auto const& shape = frame.shape;
    constexpr float far = 1e9F;
    Grid<float> metres{frame, far};
    for (std::size_t i = 0; i < shape.cells(); ++i)
        if (marked.cells()[i] != 0) metres.cells()[i] = 0;
    auto const side = float(frame.width);
    auto const slant = float(frame.width * std::numbers::sqrt2);
    auto const pull = [&](std::int32_t column, std::int32_t row, std::int32_t dx, std::int32_t dy) {
        if (!shape.holds(column + dx, row + dy)) return;
        auto& here = metres.at(column, row);
        here =
            std::min(here, metres.at(column + dx, row + dy) + (dx != 0 && dy != 0 ? slant : side));
    };
    for (std::int32_t row = 0; row < shape.rows; ++row)
        for (std::int32_t column = 0; column < shape.columns; ++column)
            for (auto const& [dx, dy] : {std::pair{-1, 0}, {-1, -1}, {0, -1}, {1, -1}})
                pull(column, row, dx, dy);
    for (std::int32_t row = shape.rows; row-- > 0;)
        for (std::int32_t column = shape.columns; column-- > 0;)
            for (auto const& [dx, dy] : {std::pair{1, 0}, {1, 1}, {0, 1}, {-1, 1}})
                pull(column, row, dx, dy);
    return metres;
}

Grid<std::uint8_t> land_of(TerrainPlan const& plan) {
    Grid<std::uint8_t> land{plan.frame, 0};
    for (auto const& unit : plan.land)
        exposure::cover(plan.frame, unit)
            .each([&](std::int32_t column, std::int32_t row, double share) {
                if (share > 0) land.at(column, row) = 1;
            });
    return land;
}

/// What is in no land, and from which no land lies seaward, as steps of some ten cells find.
Grid<std::uint8_t> sea_of(TerrainPlan const& plan, Grid<std::uint8_t> const& land) {
    constexpr double stride = 10;
    constexpr std::uint8_t closed = 2;
    double const angle = plan.seaward * std::numbers::pi / 180;
    auto const dx = std::int32_t(std::lround(stride * std::sin(angle)));
    auto const dy = -std::int32_t(std::lround(stride * std::cos(angle)));
    auto const& shape = plan.frame.shape;
    Grid<std::uint8_t> sea{plan.frame, 0}; // 0: not known yet
    std::vector<raster::Cell> way;
    for (std::int32_t row = 0; row < shape.rows; ++row)
        for (std::int32_t column = 0; column < shape.columns; ++column) {
            way.clear();
            raster::Cell at{column, row};
            std::uint8_t found = 1;
            for (; shape.holds(at.column, at.row); at = {at.column + dx, at.row + dy}) {
                found = land.at(at.column, at.row) != 0 ? closed : sea.at(at.column, at.row);
                if (found != 0) break;
                way.push_back(at);
                found = 1;
            }
            for (auto const& cell : way) sea.at(cell.column, cell.row) = found;
        }
    for (auto& cell : sea.cells()) cell = cell == 1 ? 1 : 0;
    return sea;
}

double smooth(double t) noexcept {
    t = std::clamp(t, 0.0, 1.0);
    return t * t * (3 - 2 * t);
}

} // namespace

Grid<float> make_terrain(TerrainPlan const& plan, unsigned threads) {
    auto const land = land_of(plan);
    if (std::ranges::find(land.cells(), 1) == land.cells().end())
        throw Error{Code::bad_input,
                    "bad-parameter",
                    {{"parameter", "--communes"}, {"value", "—"}, {"accepted", "land in the box"}}};
    auto const sea = sea_of(plan, land);
    auto const to_sea = distance(sea);
    Grid<std::uint8_t> river{plan.frame, 0};
    if (!plan.rivers.empty())
        for (auto const& cell : raster::cells_along(plan.frame, plan.rivers))
            river.at(cell.column, cell.row) = 1;
    auto const to_river = distance(river);

    Grid<float> ground{plan.frame};
    Relief const hills{.longest = 12'800, .height = 1, .base = 0, .octaves = 7, .roughness = 0.5};
    make_relief(plan.frame, hills, plan.seed, ground.cells(), threads);
    for (std::size_t i = 0; i < ground.cells().size(); ++i) {
        auto& cell = ground.cells()[i];
        if (sea.cells()[i] != 0) {
            cell = raster::no_data;
            continue;
        }
        double const inland = double(to_sea.cells()[i]);
        double const from_river = double(to_river.cells()[i]);
        double const plain = 0.6 + inland * 3e-4;
        double const hilly = smooth((inland - 8'000) / 25'000) * smooth(from_river / 4'000);
        double const rough = double(cell);
        double const bed = 3 * std::exp(-from_river / 150) + 2 * std::exp(-from_river / 1'500);
        double const hill = std::max(0.0, 0.5 + 0.3 * rough);
        cell = float(plain + 0.8 * rough + hilly * 480 * hill * hill - bed);
    }
    return ground;
}

} // namespace diaban::geo::synthetic
