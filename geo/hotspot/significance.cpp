#include "geo/hotspot/significance.hpp"

#include "geo/error.hpp"
#include "geo/hotspot/near.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace diaban::geo::hotspot {

namespace {

/// What is said of all values at once.
struct Whole {
    double count = 0;
    double mean = 0;
    double deviation = 0; ///< with divisor count

    explicit Whole(std::span<double const> values) {
        double sum = 0;
        for (double const v : values)
            if (!std::isnan(v)) {
                sum += v;
                ++count;
            }
        if (count == 0) return;
        mean = sum / count;
        double squares = 0;
        for (double const v : values)
            if (!std::isnan(v)) squares += (v - mean) * (v - mean);
        deviation = std::sqrt(squares / count);
    }

    /// z of a sum over so many neighbours, each with weight 1.
    [[nodiscard]] double z(double sum, double neighbours) const noexcept {
        double const spread = neighbours * (count - neighbours);
        if (!(deviation > 0) || !(spread > 0)) return 0;
        return (sum - mean * neighbours) / (deviation * std::sqrt(spread / (count - 1)));
    }
};

[[noreturn]] void refuse_band(double band, char const* accepted) {
    throw Error{Code::bad_input,
                "bad-parameter",
                {{"parameter", "band"}, {"value", std::to_string(band)}, {"accepted", accepted}}};
}

/// Sums and counts along a row, from its western end.
struct RowSums {
    std::vector<double> sums;
    std::vector<std::uint32_t> counts;
};

/// Over the cells within the band of each, at one time.
struct Around {
    std::vector<double> sums;
    std::vector<std::uint32_t> counts;
};

void add_row(RowSums const& row, std::int32_t half, std::span<double> sums,
             std::span<std::uint32_t> counts) noexcept {
    auto const columns = std::int32_t(sums.size());
    auto const inner = std::clamp(columns - half, 0, columns);
    auto const outer = std::min(half + 1, columns);
    auto const add = [&](std::int32_t i, std::int32_t west, std::int32_t east) {
        sums[std::size_t(i)] += row.sums[std::size_t(east)] - row.sums[std::size_t(west)];
        counts[std::size_t(i)] += row.counts[std::size_t(east)] - row.counts[std::size_t(west)];
    };
    std::int32_t i = 0;
    for (; i < outer; ++i) add(i, std::max(i - half, 0), std::min(i + half + 1, columns));
    for (; i < inner; ++i) add(i, i - half, i + half + 1);
    for (; i < columns; ++i) add(i, i - half, columns);
}

std::vector<std::int32_t> halves(double band) {
    std::vector<std::int32_t> halves;
    for (std::int32_t v = 0; v <= band; ++v)
        halves.push_back(std::int32_t(std::sqrt(band * band - double(v) * v)));
    return halves;
}

Around sum_around(raster::Shape shape, std::span<double const> values, double band) {
    auto const columns = std::size_t(shape.columns);
    std::vector<RowSums> rows(std::size_t(shape.rows));
    for (std::size_t r = 0; r < rows.size(); ++r) {
        auto& row = rows[r];
        row.sums.resize(columns + 1);
        row.counts.resize(columns + 1);
        for (std::size_t c = 0; c < columns; ++c) {
            double const v = values[r * columns + c];
            bool const known = !std::isnan(v);
            row.sums[c + 1] = row.sums[c] + (known ? v : 0);
            row.counts[c + 1] = row.counts[c] + (known ? 1 : 0);
        }
    }
    Around around{std::vector<double>(shape.cells()), std::vector<std::uint32_t>(shape.cells())};
    auto const within = halves(band);
    for (std::int32_t r = 0; r < shape.rows; ++r) {
        auto const sums = std::span{around.sums}.subspan(shape.index(0, r), columns);
        auto const counts = std::span{around.counts}.subspan(shape.index(0, r), columns);
        for (std::int32_t v = 1 - std::int32_t(within.size()); v < std::int32_t(within.size()); ++v)
            if (r + v >= 0 && r + v < shape.rows)
                add_row(rows[std::size_t(r + v)], within[std::size_t(std::abs(v))], sums, counts);
    }
    return around;
}

double sign(double v) noexcept {
    return double(v > 0) - double(v < 0);
}

} // namespace

std::vector<Score> gi_star(std::span<Position const> positions, std::span<double const> values,
                           double band) {
    if (!(band > 0)) refuse_band(band, "above 0");
    Whole const whole{values};
    Near const near{positions, band};
    std::vector<Score> scores(positions.size());
    for (std::size_t i = 0; i < positions.size(); ++i) {
        double sum = 0;
        near.visit(positions[i], [&](std::uint32_t j) {
            sum += values[j];
            ++scores[i].neighbours;
            return true;
        });
        scores[i].z = whole.z(sum, scores[i].neighbours);
    }
    return scores;
}

std::vector<Score> gi_star(raster::Shape shape, std::span<double const> values, double band) {
    return gi_star(shape, 1, values, band, 0);
}

std::vector<Score> gi_star(raster::Shape shape, std::size_t times, std::span<double const> values,
                           double band, std::size_t back) {
    constexpr double most = 1000;
    if (!(band > 0 && band <= most)) refuse_band(band, "above 0, at most 1000 cells");
    Whole const whole{values};
    auto const cells = shape.cells();
    std::vector<Score> scores(values.size());
    std::vector<Around> kept(back + 1); // the last times, in a ring
    for (std::size_t t = 0; t < times; ++t) {
        kept[t % kept.size()] = sum_around(shape, values.subspan(t * cells, cells), band);
        auto const held = std::min(t + 1, kept.size());
        for (std::size_t i = 0; i < cells; ++i) {
            double sum = 0;
            std::uint32_t count = 0;
            for (std::size_t k = 0; k < held; ++k) {
                sum += kept[k].sums[i];
                count += kept[k].counts[i];
            }
            bool const known = !std::isnan(values[t * cells + i]);
            scores[t * cells + i] = {known ? whole.z(sum, count) : std::nan(""), count};
        }
    }
    return scores;
}

double two_sided(double z) noexcept {
    return std::erfc(std::abs(z) / std::numbers::sqrt2);
}

std::vector<double> adjust_for_false_discovery(std::span<double const> p) {
    std::vector<std::uint32_t> order;
    for (std::uint32_t i = 0; i < p.size(); ++i)
        if (!std::isnan(p[i])) order.push_back(i);
    std::ranges::sort(order, {}, [&](std::uint32_t i) { return p[i]; });
    std::vector<double> adjusted(p.begin(), p.end());
    double least = 1;
    for (std::size_t rank = order.size(); rank > 0; --rank) {
        auto const i = order[rank - 1];
        least = std::min(least, p[i] * double(order.size()) / double(rank));
        adjusted[i] = least;
    }
    return adjusted;
}

Trend mann_kendall(std::span<double const> series) {
    Trend trend;
    auto const n = double(series.size());
    std::vector<double> slopes;
    for (std::size_t j = 1; j < series.size(); ++j)
        for (std::size_t i = 0; i < j; ++i) {
            trend.s += std::int64_t(sign(series[j] - series[i]));
            slopes.push_back((series[j] - series[i]) / double(j - i));
        }
    std::vector<double> sorted(series.begin(), series.end());
    std::ranges::sort(sorted);
    double ties = 0;
    for (std::size_t i = 0; i < sorted.size();) {
        auto next = i;
        while (next < sorted.size() && sorted[next] == sorted[i]) ++next;
        auto const t = double(next - i);
        ties += t * (t - 1) * (2 * t + 5);
        i = next;
    }
    trend.variance = (n * (n - 1) * (2 * n + 5) - ties) / 18;
    if (trend.variance > 0 && trend.s != 0)
        trend.z = (double(trend.s) - sign(double(trend.s))) / std::sqrt(trend.variance);
    trend.p = two_sided(trend.z);
    if (slopes.empty()) return trend;
    auto const half = slopes.begin() + std::ptrdiff_t(slopes.size() / 2);
    std::ranges::nth_element(slopes, half);
    trend.slope = *half;
    if (slopes.size() % 2 == 0)
        trend.slope = (trend.slope + *std::max_element(slopes.begin(), half)) / 2;
    return trend;
}

} // namespace diaban::geo::hotspot
