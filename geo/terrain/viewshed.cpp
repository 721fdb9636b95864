#include "geo/terrain/viewshed.hpp"

#include "geo/parallel.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace diaban::geo::terrain {

namespace {

constexpr double degrees = 180 / std::numbers::pi;

/// Height between the two nearest centres of a line of cells; `stride` apart from one to the next.
double between(SightGround const& ground, std::size_t line, std::size_t stride, double at,
               std::int32_t count) noexcept {
    double const low = std::floor(at);
    auto const first = std::size_t(low);
    auto const second = std::min(first + 1, std::size_t(count - 1));
    double const share = at - low;
    double const a = double(ground.heights[line + first * stride]);
    if (share == 0) return a;
    double const b = double(ground.heights[line + second * stride]);
    return (1 - share) * a + share * b;
}

/// Ground anywhere within the outermost centres, straight along rows, then across them; no data
/// where one of the four is.
double height_at(SightGround const& ground, Position at) noexcept {
    auto const row = std::size_t(std::floor(at.y));
    auto const below = std::min(row + 1, std::size_t(ground.shape.rows - 1));
    auto const columns = std::size_t(ground.shape.columns);
    double const share = at.y - std::floor(at.y);
    double const a = between(ground, row * columns, 1, at.x, ground.shape.columns);
    if (share == 0) return a;
    double const b = between(ground, below * columns, 1, at.x, ground.shape.columns);
    return (1 - share) * a + share * b;
}

bool inside(SightGround const& ground, Position at) noexcept {
    return at.x >= 0 && at.y >= 0 && at.x <= ground.shape.columns - 1 &&
           at.y <= ground.shape.rows - 1;
}

/// What does not change from target to target.
struct Eye {
    double level = 0; ///< metres
    double bend = 0;  ///< a target d away lies bend · d² lower
};

Eye eye_of(SightGround const& ground, Watcher const& watcher) noexcept {
    return {height_at(ground, watcher.at) + watcher.eye,
            (1 - watcher.refraction) / (2 * sight_radius)};
}

/// A line from the eye to a target: its height at the share s of the way is level + s · rise;
/// ground there counts `bend` · s² lower.
struct Line {
    Position from;
    double dx = 0;
    double dy = 0;
    double level = 0;
    double rise = 0;
    double bend = 0; ///< over the whole way
};

bool hides(Line const& line, double s, double height) noexcept {
    return height - line.bend * s * s > line.level + s * line.rise;
}

/// Whether ground hides the target where the line crosses rows (`along_rows`) or columns of
/// centres; from the target homewards, for what hides it is more often near it.
bool blocked_across(SightGround const& ground, Line const& line, bool columns) noexcept {
    double const from = columns ? line.from.x : line.from.y;
    double const across = columns ? line.from.y : line.from.x;
    double const length = columns ? line.dx : line.dy;
    double const drift = columns ? line.dy : line.dx;
    if (length == 0) return false;
    auto const width = std::size_t(ground.shape.columns);
    auto const step = columns ? std::size_t{1} : width;
    auto const stride = columns ? width : std::size_t{1};
    auto const count = columns ? ground.shape.rows : ground.shape.columns;
    bool const up = length > 0;
    double const to = from + length;
    auto k = std::int32_t(up ? std::ceil(to) - 1 : std::floor(to) + 1);
    for (; up ? k > from : k < from; k += up ? -1 : 1) {
        double const s = (k - from) / length;
        double const at = std::clamp(across + s * drift, 0.0, count - 1.0);
        if (hides(line, s, between(ground, std::size_t(k) * step, stride, at, count))) return true;
    }
    return false;
}

double turn(double angle) noexcept {
    return std::abs(std::remainder(angle, 360.0));
}

/// Whether the line lies in the watcher's range and sector.
bool is_asked(Watcher const& watcher, double east, double north, double distance,
              double rise) noexcept {
    if (distance > watcher.range) return false;
    auto const& sector = watcher.sector;
    if (distance > 0 && sector.opening < 360 &&
        turn(std::atan2(east, north) * degrees - sector.azimuth) > sector.opening / 2)
        return false;
    return sector.tall >= 180 ||
           std::abs(std::atan2(rise, distance) * degrees - sector.tilt) <= sector.tall / 2;
}

Sight look(SightGround const& ground, Watcher const& watcher, Eye const& eye, Position to,
           double height) noexcept {
    if (std::isnan(height)) return Sight::unasked;
    Line line{watcher.at, to.x - watcher.at.x, to.y - watcher.at.y, eye.level, 0, 0};
    double const east = line.dx * ground.width;
    double const north = -line.dy * ground.height;
    double const distance = std::hypot(east, north);
    line.bend = eye.bend * distance * distance;
    line.rise = height + watcher.target - line.bend - eye.level;
    if (!is_asked(watcher, east, north, distance, line.rise)) return Sight::unasked;
    bool const wide = std::abs(line.dx) >= std::abs(line.dy);
    bool const hidden = blocked_across(ground, line, wide) || blocked_across(ground, line, !wide);
    return hidden ? Sight::hidden : Sight::seen;
}

bool sees_at_all(SightGround const& ground, Watcher const& watcher) noexcept {
    return inside(ground, watcher.at) && !std::isnan(height_at(ground, watcher.at));
}

} // namespace

Sight line_of_sight(SightGround const& ground, Watcher const& watcher, Position to) {
    if (!sees_at_all(ground, watcher) || !inside(ground, to)) return Sight::unasked;
    return look(ground, watcher, eye_of(ground, watcher), to, height_at(ground, to));
}

std::vector<Sight> viewshed(SightGround const& ground, Watcher const& watcher, unsigned threads) {
    std::vector<Sight> sights(ground.shape.cells(), Sight::unasked);
    if (!sees_at_all(ground, watcher)) return sights;
    auto const eye = eye_of(ground, watcher);
    auto const reach = [](double from, double range, std::int32_t count) {
        return std::pair{std::int32_t(std::clamp(std::floor(from - range), 0.0, count - 1.0)),
                         std::int32_t(std::clamp(std::ceil(from + range), 0.0, count - 1.0))};
    };
    auto const [west, east] =
        reach(watcher.at.x, watcher.range / ground.width, ground.shape.columns);
    auto const [north, south] =
        reach(watcher.at.y, watcher.range / ground.height, ground.shape.rows);
    in_parallel(std::size_t(south - north + 1), threads, [&](std::size_t i) {
        auto const row = north + std::int32_t(i);
        for (auto column = west; column <= east; ++column) {
            auto const cell = ground.shape.index(column, row);
            sights[cell] = look(ground, watcher, eye, {double(column), double(row)},
                                double(ground.heights[cell]));
        }
    });
    return sights;
}

} // namespace diaban::geo::terrain
