#include "tiles/mirror/layer.hpp"
#include "tiles/mirror/visibility.hpp"
#include "tiles/window.hpp"

#include <algorithm>
#include <cmath>

namespace diaban::tiles::mirror {
namespace {

// The record's sides are straight in degrees (EPSG:4326, planar, as its ST_Intersects decides); the
// grid's are straight in Mercator. Both are linear in x, so they differ in y alone. With φ the
// latitude and R = 2^31 / 2π steps, dφ/dy = cos φ / R and d²φ/dy² = -sin φ cos φ / R². A side that
// climbs h steps thus strays by at most h² / 8 · sin φ cos φ / R² of latitude, which at its own
// latitudes, whose cosines differ by a factor of exp(h / R) at most, is no more than
//     h² / (8 R) · exp(h / R)  steps.
// Up to 36,000 steps (670 m at the equator) that is 0.475: with the half step of rounding still
// within the whole step that a query allows. Steeper sides are decided in degrees, where rounding
// stays half a step too: along a side its share of φ is at most a mean of the ends' cosines, and a
// cosine is concave.
constexpr std::int64_t longest_straight = 36'000;

/// What is asked for: in grid steps, and with the latitudes of its borders instead of y.
struct Query {
    Window steps;
    Window degrees; // x in steps all the same, y is latitude

    explicit Query(Window const& window) noexcept
        : steps{window}, degrees{window.min_x, from_grid({0, window.max_y}).y, window.max_x,
                                 from_grid({0, window.min_y}).y} {}
};

Window window_of(geo::Box const& box) noexcept {
    auto const north_west = grid_position({box.min_x, box.max_y});
    auto const south_east = grid_position({box.max_x, box.min_y});
    return {north_west.x, north_west.y, south_east.x, south_east.y};
}

geo::Position in_degrees(GridPoint p) noexcept {
    return {double(p.x), from_grid({0, double(p.y)}).y};
}

/// Sides that are short, and straight on the grid.
struct Short {
    static bool meets(GridPoint a, GridPoint b, Query const& query) noexcept {
        return tiles::meets(a, b, query.steps);
    }
    static bool odd_crossings(Query const& query, std::span<GridPoint const> ring) noexcept {
        return tiles::odd_crossings(query.steps.min_x, query.steps.min_y, ring);
    }
};

/// Sides of which some climb far.
struct Long {
    static bool is_short(GridPoint a, GridPoint b) noexcept {
        return std::abs(std::int64_t{a.y} - b.y) <= longest_straight;
    }
    static bool meets(GridPoint a, GridPoint b, Query const& query) noexcept {
        auto const& w = query.steps;
        bool const apart = std::max(a.x, b.x) < w.min_x || w.max_x < std::min(a.x, b.x) ||
                           std::max(a.y, b.y) < w.min_y || w.max_y < std::min(a.y, b.y);
        if (apart) return false;
        if (is_short(a, b)) return tiles::meets(a, b, w);
        return tiles::meets(in_degrees(a), in_degrees(b), query.degrees);
    }
    /// Whether a ray to the east from the query's north-west corner crosses the open ring's sides
    /// an odd number of times.
    static bool odd_crossings(Query const& query, std::span<GridPoint const> ring) noexcept {
        bool odd = false;
        auto a = ring.back();
        for (auto const b : ring) {
            if ((a.y > query.steps.min_y) != (b.y > query.steps.min_y))
                odd ^= query.steps.min_x < crossing(a, b, query);
            a = b;
        }
        return odd;
    }
    static double crossing(GridPoint a, GridPoint b, Query const& query) noexcept {
        double along = (query.steps.min_y - a.y) / (double(b.y) - a.y);
        if (!is_short(a, b)) {
            double const from = in_degrees(a).y;
            along = (query.degrees.max_y - from) / (in_degrees(b).y - from);
        }
        return a.x + along * (double(b.x) - a.x);
    }
};

template <typename Sides>
bool meets(Run const& run, std::size_t row, Query const& query) noexcept {
    bool const closed = run.schema->geometry == geo::GeometryKind::polygon;
    bool const points = run.schema->geometry == geo::GeometryKind::point;
    bool corner_inside = false;
    for (auto p = run.path_begin[row]; p < run.path_begin[row + 1]; ++p) {
        auto const path = run.path(p);
        if (points) {
            if (std::any_of(path.begin(), path.end(),
                            [&](auto at) { return query.steps.contains(at); }))
                return true;
            continue;
        }
        for (std::size_t i = 0; i + 1 < path.size(); ++i)
            if (Sides::meets(path[i], path[i + 1], query)) return true;
        if (!closed) continue;
        if (Sides::meets(path.back(), path.front(), query)) return true;
        corner_inside ^= Sides::odd_crossings(query, path);
    }
    return corner_inside;
}

bool meets(Run const& run, std::size_t row, Query const& query) noexcept {
    if (query.steps.empty()) return false;
    auto const& box = run.boxes[row];
    bool const low = std::int64_t{box.max_y} - box.min_y <= longest_straight;
    return low ? meets<Short>(run, row, query) : meets<Long>(run, row, query);
}

} // namespace

FoundRows rows_in(LiveRun const& live, geo::Box const& box, geo::Policy const& policy) {
    // The grid is off by at most half a step an axis; a whole step leaves room for the query's own
    // rounding. Beyond the world's border latitudes are not told apart: those rows are doubtful,
    // and so are those of which the grid lost more than that.
    constexpr double step = 1.0;
    auto const window = window_of(box);
    Query const outer{window.grown(step)};
    Query const inner{window.grown(-step)};
    auto const at_border = [](GridBox const& of) {
        return of.min_y <= 1 || of.max_y >= INT32_MAX - 1;
    };
    auto const grid = [](double v) { return std::int32_t(std::clamp(v, 0.0, double(INT32_MAX))); };
    GridBox const around{grid(std::floor(outer.steps.min_x)), grid(std::floor(outer.steps.min_y)),
                         grid(std::ceil(outer.steps.max_x)), grid(std::ceil(outer.steps.max_y))};
    FoundRows found;
    auto const& run = *live.run;
    Visibility const sees{live, policy};
    run.index.search(around, [&](std::size_t row) {
        if (!sees(row)) return;
        auto const& of = run.boxes[row];
        if (at_border(of))
            found.doubtful.push_back(std::uint32_t(row));
        else if (inner.steps.contains(of) || (!run.is_mended(row) && meets(run, row, inner)))
            found.matched.push_back(std::uint32_t(row));
        else if (run.is_mended(row) || meets(run, row, outer))
            found.doubtful.push_back(std::uint32_t(row));
    });
    return found;
}

Found Layer::find(geo::Box const& box, geo::Policy const& policy) const {
    Found found;
    for (auto const& live : m_runs) {
        auto const rows = rows_in(live, box, policy);
        for (auto const row : rows.matched) found.matched.push_back(live.run->fids[row]);
        for (auto const row : rows.doubtful) found.doubtful.push_back(live.run->fids[row]);
    }
    std::sort(found.matched.begin(), found.matched.end());
    std::sort(found.doubtful.begin(), found.doubtful.end());
    return found;
}

} // namespace diaban::tiles::mirror
