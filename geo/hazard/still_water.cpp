#include "geo/hazard/still_water.hpp"

#include "geo/terrain/d8.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <queue>
#include <utility>
#include <vector>

namespace diaban::geo::hazard {

void reaching_level(raster::Shape shape, std::span<float const> ground,
                    std::span<std::uint8_t const> sea, std::span<float> level) {
    using Reached = std::pair<float, std::size_t>;
    std::priority_queue<Reached, std::vector<Reached>, std::greater<>> heap;
    std::vector<std::size_t> pit; // cells no higher than the level that is being poured
    std::ranges::fill(level, raster::no_data);
    for (std::size_t i = 0; i < ground.size(); ++i) {
        if (sea[i] == 0 || std::isnan(ground[i])) continue;
        level[i] = ground[i];
        heap.emplace(ground[i], i);
    }
    auto const spread = [&](std::size_t from) {
        auto const column = std::int32_t(from % std::size_t(shape.columns));
        auto const row = std::int32_t(from / std::size_t(shape.columns));
        for (auto const& step : terrain::steps) {
            auto const x = column + step.column;
            auto const y = row + step.row;
            if (!shape.holds(x, y)) continue;
            auto const to = shape.index(x, y);
            if (std::isnan(ground[to]) || !std::isnan(level[to])) continue;
            level[to] = std::max(ground[to], level[from]);
            if (level[to] == level[from])
                pit.push_back(to);
            else
                heap.emplace(level[to], to);
        }
    };
    while (!heap.empty()) {
        pit.push_back(heap.top().second);
        heap.pop();
        while (!pit.empty()) {
            auto const from = pit.back();
            pit.pop_back();
            spread(from);
        }
    }
}

std::size_t still_water_depth(std::span<float const> ground, std::span<float const> reached,
                              float level, std::span<float> depth) noexcept {
    std::size_t wet = 0;
    for (std::size_t i = 0; i < ground.size(); ++i) {
        bool const reaches = reached[i] <= level && ground[i] < level; // never of NaN
        depth[i] = reaches ? level - ground[i] : std::isnan(ground[i]) ? ground[i] : 0.0F;
        wet += reaches ? 1 : 0;
    }
    return wet;
}

std::size_t sea_depth(raster::Shape shape, std::span<float const> ground, float level,
                      std::span<float> depth) {
    constexpr float deep = 1000; // below any level: the sea is no bar to itself
    std::vector<float> bed(ground.begin(), ground.end());
    std::vector<std::uint8_t> sea(ground.size(), 0);
    for (std::size_t i = 0; i < bed.size(); ++i)
        if (std::isnan(bed[i])) {
            bed[i] = level - deep;
            sea[i] = 1;
        }
    std::vector<float> reached(ground.size());
    reaching_level(shape, bed, sea, reached);
    return still_water_depth(ground, reached, level, depth);
}

namespace {

template <typename StageOf>
std::size_t depth_below(std::span<float const> height, StageOf&& stage_of,
                        std::span<float> depth) noexcept {
    std::size_t wet = 0;
    for (std::size_t i = 0; i < height.size(); ++i) {
        float const stage = stage_of(i);
        bool const reaches = height[i] < stage;
        depth[i] = reaches ? stage - height[i] : std::isnan(height[i]) ? height[i] : 0.0F;
        wet += reaches ? 1 : 0;
    }
    return wet;
}

} // namespace

std::size_t stage_depth(std::span<float const> height, float stage,
                        std::span<float> depth) noexcept {
    return depth_below(
        height, [stage](std::size_t) { return stage; }, depth);
}

std::size_t stage_depth(std::span<float const> height, std::span<float const> stage,
                        std::span<float> depth) noexcept {
    return depth_below(
        height, [stage](std::size_t i) { return stage[i]; }, depth);
}

void nearest_stage(raster::Frame const& frame, std::span<StagePoint const> points,
                   std::span<float> stage) {
    std::vector<double> nearest(std::size_t(frame.shape.columns));
    for (std::int32_t row = 0; row < frame.shape.rows; ++row) {
        std::ranges::fill(nearest, std::numeric_limits<double>::infinity());
        auto const first = frame.shape.index(0, row);
        for (auto const& point : points) {
            auto const begin = frame.centre({0, row});
            double const y = begin.y - point.place.y;
            for (std::size_t i = 0; i < nearest.size(); ++i) {
                double const x = begin.x + double(i) * frame.width - point.place.x;
                double const square = x * x + y * y;
                if (!(square < nearest[i])) continue;
                nearest[i] = square;
                stage[first + i] = point.stage;
            }
        }
    }
}

} // namespace diaban::geo::hazard
