#include "tiles/mirror/layer.hpp"
#include "tiles/mirror/visibility.hpp"
#include "tiles/window.hpp"

#include <algorithm>
#include <cmath>

namespace diaban::tiles::mirror {
namespace {

Window window_of(geo::Box const& box) noexcept {
    auto const north_west = grid_position({box.min_x, box.max_y});
    auto const south_east = grid_position({box.max_x, box.min_y});
    return {north_west.x, north_west.y, south_east.x, south_east.y};
}

bool meets(Run const& run, std::size_t row, Window const& window) noexcept {
    if (window.empty()) return false;
    bool const closed = run.schema->geometry == geo::GeometryKind::polygon;
    bool const points = run.schema->geometry == geo::GeometryKind::point;
    bool corner_inside = false;
    for (auto p = run.path_begin[row]; p < run.path_begin[row + 1]; ++p) {
        auto const path = run.path(p);
        if (points) {
            if (std::any_of(path.begin(), path.end(), [&](auto at) { return window.contains(at); }))
                return true;
            continue;
        }
        for (std::size_t i = 0; i + 1 < path.size(); ++i)
            if (meets(path[i], path[i + 1], window)) return true;
        if (!closed) continue;
        if (meets(path.back(), path.front(), window)) return true;
        corner_inside ^= odd_crossings(window.min_x, window.min_y, path);
    }
    return corner_inside;
}

} // namespace

Found Layer::find(geo::Box const& box, geo::Policy const& policy) const {
    // The grid is off by at most half a step an axis; a whole step leaves room for the query's own
    // rounding. Beyond the world's border latitudes are not told apart: those rows are doubtful.
    constexpr double step = 1.0;
    auto const window = window_of(box);
    auto const outer = window.grown(step);
    auto const inner = window.grown(-step);
    auto const at_border = [](GridBox const& of) {
        return of.min_y <= 1 || of.max_y >= INT32_MAX - 1;
    };
    auto const grid = [](double v) { return std::int32_t(std::clamp(v, 0.0, double(INT32_MAX))); };
    GridBox const query{grid(std::floor(outer.min_x)), grid(std::floor(outer.min_y)),
                        grid(std::ceil(outer.max_x)), grid(std::ceil(outer.max_y))};
    Found found;
    for (auto const& live : m_runs) {
        auto const& run = *live.run;
        Visibility const sees{live, policy};
        run.index.search(query, [&](std::size_t row) {
            if (!sees(row)) return;
            auto const& of = run.boxes[row];
            if (at_border(of))
                found.doubtful.push_back(run.fids[row]);
            else if (inner.contains(of) || meets(run, row, inner))
                found.matched.push_back(run.fids[row]);
            else if (meets(run, row, outer))
                found.doubtful.push_back(run.fids[row]);
        });
    }
    std::sort(found.matched.begin(), found.matched.end());
    std::sort(found.doubtful.begin(), found.doubtful.end());
    return found;
}

} // namespace diaban::tiles::mirror
