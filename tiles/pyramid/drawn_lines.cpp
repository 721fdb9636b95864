#include "tiles/pyramid/drawn_lines.hpp"

#include "tiles/clip.hpp"
#include "tiles/cut.hpp"
#include "tiles/pyramid/tile_work.hpp"
#include "tiles/shape.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace diaban::tiles::pyramid {
namespace {

/// The sides of a line by the tiles whose buffered window they meet; side i begins at point i.
using Sides = std::map<std::uint64_t, std::vector<std::uint32_t>>;

/// From where to where, in x, a side runs between two heights that it meets.
std::pair<double, double> within(GridPoint a, GridPoint b, double north, double south) noexcept {
    if (a.y == b.y) return {std::min(a.x, b.x), std::max(a.x, b.x)};
    double const slope = (double(b.x) - a.x) / (double(b.y) - a.y);
    auto const x_at = [&](double y) {
        auto const clamped = std::clamp<double>(y, std::min(a.y, b.y), std::max(a.y, b.y));
        return a.x + (clamped - a.y) * slope;
    };
    return std::minmax({x_at(north), x_at(south)});
}

Sides sides_by_tile(std::span<GridPoint const> units, std::uint32_t zoom, std::int32_t buffer) {
    Sides sides;
    constexpr auto side = std::int32_t(tile_extent);
    auto const last = (std::int32_t{1} << zoom) - 1;
    auto const at = [&](std::int32_t unit) { // rounds down, below zero too
        return std::clamp((unit + side) / side - 1, 0, last);
    };
    for (std::uint32_t i = 0; i + 1 < units.size(); ++i) {
        auto const& a = units[i];
        auto const& b = units[i + 1];
        // Row of tiles by row: a long slanting side meets few of those in its box.
        auto const south = at(std::max(a.y, b.y) + buffer);
        for (auto y = at(std::min(a.y, b.y) - buffer); y <= south; ++y) {
            auto const [west, east] =
                within(a, b, double(y) * side - buffer, double(y + 1) * side + buffer);
            auto const last_x = at(std::int32_t(std::ceil(east)) + buffer);
            for (auto x = at(std::int32_t(std::floor(west)) - buffer); x <= last_x; ++x)
                sides[number_of(std::uint32_t(x), std::uint32_t(y))].push_back(i);
        }
    }
    return sides;
}

} // namespace

DrawnLines edited(DrawnLines const& before, std::vector<LinePath> gone, std::vector<LinePath> come,
                  std::span<std::uint32_t const> ranks) {
    auto const less = [&](std::uint32_t key, std::span<GridPoint const> points,
                          std::uint32_t other_key, std::span<GridPoint const> other) {
        if (key != other_key) return ranks[key] < ranks[other_key];
        return std::lexicographical_compare(points.begin(), points.end(), other.begin(),
                                            other.end());
    };
    auto const sort = [&](std::vector<LinePath>& paths) {
        std::sort(paths.begin(), paths.end(), [&](LinePath const& a, LinePath const& b) {
            return less(a.key, a.points, b.key, b.points);
        });
    };
    sort(gone);
    sort(come);
    DrawnLines after;
    after.paths.reserve(before.size() + come.size());
    auto const put = [&](std::uint32_t key, std::span<GridPoint const> points) {
        after.points.insert(after.points.end(), points.begin(), points.end());
        after.paths.push_back({key, std::uint32_t(after.points.size())});
    };
    auto lost = gone.begin();
    auto next = come.begin();
    auto const take_lost = [&](std::uint32_t key, std::span<GridPoint const> points) {
        while (lost != gone.end() && less(lost->key, lost->points, key, points)) ++lost;
        if (lost == gone.end() || less(key, points, lost->key, lost->points)) return false;
        ++lost;
        return true;
    };
    std::size_t i = 0;
    while (i < before.size() || next != come.end()) {
        bool const from_before =
            i < before.size() && (next == come.end() || !less(next->key, next->points,
                                                              before.paths[i].key, before.path(i)));
        auto const key = from_before ? before.paths[i].key : next->key;
        auto const points = from_before ? before.path(i) : std::span<GridPoint const>{next->points};
        if (!take_lost(key, points)) put(key, points);
        if (from_before)
            ++i;
        else
            ++next;
    }
    after.paths.shrink_to_fit();
    after.points.shrink_to_fit();
    return after;
}

std::uint32_t TileLine::bytes() const noexcept {
    // Two commands, each with its count, and a move of three bytes an axis; a point's differences
    // lie within two bytes an axis.
    constexpr std::size_t a_path = 9;
    constexpr std::size_t a_point = 4;
    std::size_t bytes = 0;
    for (auto const& path : paths) bytes += a_path + a_point * path.size();
    return std::uint32_t(bytes);
}

std::vector<TileLine> tile_line(std::span<GridPoint const> line, std::uint32_t zoom,
                                std::int32_t buffer) {
    TileFrame const world{*TileId::make(zoom, 0, 0)};
    std::vector<GridPoint> units;
    units.reserve(line.size());
    for (auto const p : line)
        if (auto const unit = world.unit(p); units.empty() || units.back() != unit)
            units.push_back(unit);
    std::vector<TileLine> pieces;
    if (units.size() < 2) return pieces;
    constexpr auto side = std::int32_t(tile_extent);
    GridBox const window{-buffer, -buffer, side + buffer, side + buffer};
    Shape shape;
    std::vector<GridPoint> run;
    for (auto const& [tile, sides] : sides_by_tile(units, zoom, buffer)) {
        auto const west = std::int32_t(x_of(tile)) * side;
        auto const north = std::int32_t(y_of(tile)) * side;
        shape.clear();
        for (std::size_t i = 0; i < sides.size();) { // sides that follow one another
            run.clear();
            auto const first = sides[i];
            run.push_back({units[first].x - west, units[first].y - north});
            for (auto at = first; i < sides.size() && sides[i] == at; ++i, ++at)
                run.push_back({units[at + 1].x - west, units[at + 1].y - north});
            clip_line(run, window, shape);
        }
        if (shape.empty()) continue;
        auto& piece = pieces.emplace_back();
        piece.tile = tile;
        for (std::size_t i = 0; i < shape.path_ends.size(); ++i) {
            auto const path = shape.path(i);
            piece.paths.emplace_back(path.begin(), path.end());
        }
    }
    return pieces;
}

} // namespace diaban::tiles::pyramid
