#include "geo/hotspot/emerging.hpp"

#include <algorithm>
#include <cmath>

namespace diaban::geo::hotspot {

namespace {

/// What the times of a place are: 1 hot, −1 cold, 0 neither.
using Marks = std::vector<int>;

Pattern pattern_of(Marks const& marks, int kind, Trend const& trend, double level) {
    auto const count = std::size_t(std::ranges::count(marks, kind));
    bool const opposite = std::ranges::count(marks, -kind) > 0;
    bool const last = marks.back() == kind;
    bool const mostly = double(count) >= 0.9 * double(marks.size());
    if (!last) return mostly ? Pattern::historical : Pattern::none;
    if (mostly) {
        bool const moves = trend.p <= level && trend.s != 0;
        if (!moves) return Pattern::persistent;
        return (trend.s > 0) == (kind > 0) ? Pattern::intensifying : Pattern::diminishing;
    }
    if (count == 1) return opposite ? Pattern::oscillating : Pattern::fresh;
    auto const run =
        std::size_t(std::find_if(marks.rbegin(), marks.rend(), [&](int m) { return m != kind; }) -
                    marks.rbegin());
    if (opposite) return Pattern::oscillating;
    return run == count ? Pattern::consecutive : Pattern::sporadic;
}

} // namespace

std::string_view to_string(Pattern pattern) noexcept {
    switch (pattern) {
    case Pattern::none: return "none";
    case Pattern::fresh: return "new";
    case Pattern::consecutive: return "consecutive";
    case Pattern::intensifying: return "intensifying";
    case Pattern::persistent: return "persistent";
    case Pattern::diminishing: return "diminishing";
    case Pattern::sporadic: return "sporadic";
    case Pattern::oscillating: return "oscillating";
    case Pattern::historical: return "historical";
    }
    return "none";
}

std::vector<Place> find_emerging(Cube const& cube, std::span<double const> values, double band,
                                 std::size_t back, double level) {
    auto const cells = cube.shape.cells();
    std::vector<Place> places(cells);
    if (cube.times == 0) return places;
    auto const scores = gi_star(cube.shape, cube.times, values, band, back);
    std::vector<double> p(scores.size());
    for (std::size_t i = 0; i < p.size(); ++i) p[i] = two_sided(scores[i].z);
    auto const adjusted = adjust_for_false_discovery(p);
    std::vector<double> series(cube.times);
    Marks marks(cube.times);
    for (std::size_t c = 0; c < cells; ++c) {
        if (std::isnan(scores[c].z)) continue;
        for (std::size_t t = 0; t < cube.times; ++t) {
            auto const i = t * cells + c;
            series[t] = scores[i].z;
            marks[t] = adjusted[i] <= level ? (series[t] > 0 ? 1 : -1) : 0;
        }
        auto& place = places[c];
        place.hot_times = std::size_t(std::ranges::count(marks, 1));
        place.cold_times = std::size_t(std::ranges::count(marks, -1));
        place.trend = mann_kendall(series);
        place.last_z = series.back();
        place.last_adjusted_p = adjusted[(cube.times - 1) * cells + c];
        place.pattern = pattern_of(marks, 1, place.trend, level);
        if (place.pattern != Pattern::none) continue;
        place.pattern = pattern_of(marks, -1, place.trend, level);
        place.hot = place.pattern == Pattern::none;
    }
    return places;
}

} // namespace diaban::geo::hotspot
