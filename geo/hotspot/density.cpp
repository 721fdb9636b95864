#include "geo/hotspot/density.hpp"

#include "geo/error.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <numbers>

// One binary for every machine, as in geo/hazard/flux_rows.cpp.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) &&                             \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define DIABAN_EVERY_MACHINE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define DIABAN_EVERY_MACHINE
#endif

namespace diaban::geo::hotspot {

namespace {

constexpr double most_cells = 4096;

/// A polynomial of the fourth degree about the cell that a sweep has come to, and how many points
/// are in it. Eight numbers, so that one lies in one line of the cache.
struct alignas(64) Curve {
    std::array<double, 8> of{};
};

/// Points by row, and by column in a row, so that neighbours in memory are neighbours on the
/// ground.
struct SortedPoints {
    std::vector<double> x; ///< in columns, 0 at the first centre
    std::vector<double> y; ///< in rows
    std::vector<double> weight;
    std::vector<std::size_t> row_begin; ///< of row −margin first; one past the last at the end
    std::int32_t margin = 0;
};

SortedPoints sort_points(std::span<WeightedPoint const> points, raster::Frame const& frame,
                         std::int32_t margin) {
    auto const columns = std::size_t(frame.shape.columns);
    auto const rows = std::size_t(frame.shape.rows) + 2 * std::size_t(margin);
    std::vector<std::uint32_t> begins(columns * rows + 1, 0);
    std::vector<std::uint32_t> places(points.size());
    constexpr auto outside = UINT32_MAX;
    double const east = double(columns) + margin;
    for (std::size_t i = 0; i < points.size(); ++i) {
        double const column = (points[i].x - frame.west) / frame.width;
        double const row = (frame.north - points[i].y) / frame.height + margin;
        bool const near = column >= -margin && column <= east && row >= 0 && row < double(rows);
        if (near) {
            auto const c = std::size_t(std::clamp(column, 0.0, double(columns) - 1));
            places[i] = std::uint32_t(std::size_t(row) * columns + c);
            ++begins[places[i] + 1];
        } else {
            places[i] = outside;
        }
    }
    for (std::size_t i = 1; i < begins.size(); ++i) begins[i] += begins[i - 1];
    SortedPoints sorted;
    sorted.margin = margin;
    sorted.x.resize(begins.back());
    sorted.y.resize(begins.back());
    sorted.weight.resize(begins.back());
    for (std::size_t r = 0; r <= rows; ++r) sorted.row_begin.push_back(begins[r * columns]);
    for (std::size_t i = 0; i < points.size(); ++i) {
        if (places[i] == outside) continue;
        auto const at = begins[places[i]]++;
        sorted.x[at] = (points[i].x - frame.west) / frame.width - 0.5;
        sorted.y[at] = (frame.north - points[i].y) / frame.height - 0.5;
        sorted.weight[at] = points[i].weight;
    }
    return sorted;
}

/// Where the kernels of some points begin and end along one row.
struct Spans {
    static constexpr std::size_t most = 256;
    std::array<double, most> inner{}; ///< 1 − v²/h², v the distance across the row
    std::array<std::int32_t, most> begin{};
    std::array<std::int32_t, most> end{}; ///< before begin: the point does not reach the row
};

DIABAN_EVERY_MACHINE
void find_spans(double const* x, double const* y, std::size_t count, double row, Reach const& reach,
                std::int32_t columns, Spans& spans) noexcept {
    double const across = 1 / reach.rows;
    for (std::size_t i = 0; i < count; ++i) {
        double const v = (y[i] - row) * across;
        double const inner = 1 - v * v;
        double const half = reach.columns * std::sqrt(inner > 0 ? inner : 0.0);
        double const first = std::ceil(x[i] - half);
        double const last = std::floor(x[i] + half);
        spans.inner[i] = inner;
        spans.begin[i] = std::int32_t(first > 0 ? first : 0.0);
        spans.end[i] = std::int32_t(last < columns - 1 ? last : columns - 1.0) + 1;
        spans.end[i] = inner > 0 ? spans.end[i] : -1;
    }
}

/// weight · (inner − (t − p)²)², written out in powers of t.
[[gnu::always_inline]] inline void add_curve(Curve& curve, double inner, double p, double weight,
                                             double points) noexcept {
    double const b = inner - p * p;
    curve.of[0] += weight * (b * b);
    curve.of[1] += weight * (4 * b * p);
    curve.of[2] += weight * (4 * p * p - 2 * b);
    curve.of[3] += weight * (-4 * p);
    curve.of[4] += weight;
    curve.of[5] += points;
}

DIABAN_EVERY_MACHINE
void add_spans(double const* x, double const* weight, std::size_t count, double step,
               Spans const& spans, Curve* curves) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
        auto const begin = spans.begin[i];
        auto const end = spans.end[i];
        if (end <= begin) continue;
        add_curve(curves[begin], spans.inner[i], (x[i] - begin) * step, weight[i], 1);
        add_curve(curves[end], spans.inner[i], (x[i] - end) * step, -weight[i], -1);
    }
}

/// The polynomial about a place one step further on.
void advance(Curve& curve, double step) noexcept {
    auto& [c0, c1, c2, c3, c4, points, spare, other] = curve.of;
    c0 += step * (c1 + step * (c2 + step * (c3 + step * c4)));
    c1 += step * (2 * c2 + step * (3 * c3 + step * 4 * c4));
    c2 += step * (3 * c3 + step * 6 * c4);
    c3 += step * 4 * c4;
    if (points == 0) curve = {}; // what rounding left of those that are gone
}

void sweep(std::span<Curve> curves, double step, double peak, std::span<double> out) noexcept {
    Curve here;
    for (std::size_t i = 0; i < out.size(); ++i) {
        for (std::size_t k = 0; k < 6; ++k) here.of[k] += curves[i].of[k];
        curves[i] = {};
        if (here.of[5] == 0) here = {};
        out[i] = std::max(here.of[0], 0.0) * peak;
        advance(here, step);
    }
    curves[out.size()] = {};
}

/// Sums along a row of bins from its western end, of weight · cⁿ, c counted from the middle.
struct Sums {
    std::vector<double> weight;
    std::array<std::vector<double>, 4> powers;

    explicit Sums(std::size_t columns) : weight(columns + 1) {
        for (auto& sums : powers) sums.resize(columns + 1);
    }
    /// Whether there is anything in the row.
    bool take(std::span<double const> bins) noexcept {
        double const middle = double(bins.size() / 2);
        std::array<double, 5> sum{};
        for (std::size_t i = 0; i < bins.size(); ++i) {
            double term = bins[i];
            sum[0] += term;
            weight[i + 1] = sum[0];
            double const c = double(i) - middle;
            for (std::size_t n = 0; n < powers.size(); ++n) {
                term *= c;
                sum[n + 1] += term;
                powers[n][i + 1] = sum[n + 1];
            }
        }
        return sum[0] != 0;
    }
};

/// What a bin's row gives to the cells of a row that lies `inner` = 1 − v²/h² from it:
/// Σ weight · (inner − narrow · (i − c)²)² over the bins c within `half` of cell i.
DIABAN_EVERY_MACHINE
void give(Sums const& sums, std::int32_t middle, std::int32_t first, std::int32_t count,
          std::int32_t half, double inner, double narrow, double share, double* out) noexcept {
    auto const west = first - half;
    auto const east = first + half + 1;
    double const* const w = sums.weight.data();
    double const* const p1 = sums.powers[0].data();
    double const* const p2 = sums.powers[1].data();
    double const* const p3 = sums.powers[2].data();
    double const* const p4 = sums.powers[3].data();
    for (std::int32_t k = 0; k < count; ++k) {
        double const i = double(first + k - middle);
        double const s0 = w[east + k] - w[west + k];
        double const s1 = p1[east + k] - p1[west + k];
        double const s2 = p2[east + k] - p2[west + k];
        double const s3 = p3[east + k] - p3[west + k];
        double const s4 = p4[east + k] - p4[west + k];
        double const second = i * (i * s0 - 2 * s1) + s2;
        double const fourth = i * (i * (i * (i * s0 - 4 * s1) + 6 * s2) - 4 * s3) + s4;
        double const sum = inner * (inner * s0 - 2 * narrow * second) + narrow * narrow * fourth;
        out[k] += s0 > 0 && sum > 0 ? sum * share : 0.0;
    }
}

/// Σ (inner − c² · narrow)² over whole c from −half to half.
double sum_across(double inner, double narrow, std::int32_t half) noexcept {
    double sum = inner * inner;
    for (std::int32_t c = 1; c <= half; ++c) {
        double const v = inner - narrow * double(c) * double(c);
        sum += 2 * v * v;
    }
    return sum;
}

/// The cells of one row that a kernel reaches.
struct Slice {
    double inner = 1;
    std::int32_t half = 0;
};

/// By distance in rows; the sum of all cells' kernel values is `total`.
struct Slices {
    std::vector<Slice> of;
    double narrow = 1;
    double total = 0;
};

Slices slice(Reach const& reach) {
    Slices slices;
    double const across = 1 / std::max(reach.rows, 1e-9);
    slices.narrow = 1 / std::max(reach.columns * reach.columns, 1e-18);
    for (std::int32_t v = 0; v < reach.rows || v == 0; ++v) {
        double const inner = 1 - across * v * (across * v);
        auto const half = std::int32_t(std::max(reach.columns, 0.0) * std::sqrt(inner));
        slices.of.push_back({inner, half});
        slices.total += (v == 0 ? 1 : 2) * sum_across(inner, slices.narrow, half);
    }
    return slices;
}

} // namespace

double quartic(double distance, double radius) noexcept {
    double const u = distance / radius;
    double const inner = 1 - u * u;
    return inner > 0 ? 3 / (std::numbers::pi * radius * radius) * inner * inner : 0;
}

raster::Grid<double> exact_density(std::span<WeightedPoint const> points,
                                   raster::Frame const& frame, double radius) {
    Reach const reach{radius / frame.width, radius / frame.height};
    if (!(radius > 0) || !(std::max(reach.columns, reach.rows) <= most_cells))
        throw Error{Code::bad_input,
                    "bad-parameter",
                    {{"parameter", "radius"},
                     {"value", std::to_string(radius)},
                     {"accepted", "above 0, at most 4096 cells"}}};
    raster::Grid<double> density{frame};
    auto const margin = std::int32_t(std::ceil(std::max(reach.columns, reach.rows))) + 1;
    auto const sorted = sort_points(points, frame, margin);
    std::vector<Curve> curves(std::size_t(frame.shape.columns) + 1);
    double const step = 1 / reach.columns;
    double const peak = quartic(0, radius);
    auto const rows_within = std::int32_t(std::ceil(reach.rows)) + 1;
    auto spans = std::make_unique<Spans>();
    for (std::int32_t row = 0; row < frame.shape.rows; ++row) {
        auto const first = sorted.row_begin[std::size_t(row - rows_within + margin)];
        auto const last = sorted.row_begin[std::size_t(row + rows_within + margin + 1)];
        for (auto at = first; at < last; at += Spans::most) {
            auto const count = std::min(Spans::most, last - at);
            find_spans(&sorted.x[at], &sorted.y[at], count, row, reach, frame.shape.columns,
                       *spans);
            add_spans(&sorted.x[at], &sorted.weight[at], count, step, *spans, curves.data());
        }
        sweep(curves, step, peak, density.row(row));
    }
    return density;
}

void Bins::add(double column, double row, double weight) noexcept {
    if (!(column >= 0 && row >= 0 && column < m_shape.columns - 1 && row < m_shape.rows - 1))
        return;
    add_fixed(std::llround(column * 256), std::llround(row * 256), weight);
}

std::vector<double> spread(Bins const& bins, std::span<Reach const> reaches,
                           raster::Window const& window) {
    std::vector<double> out(window.shape().cells(), 0.0);
    auto const shape = bins.shape();
    // Sums with room on both sides for the widest kernel.
    double widest = 0;
    for (auto const& reach : reaches) widest = std::max(widest, reach.columns);
    auto const room = std::int32_t(widest) + 1;
    std::vector<double> padded(std::size_t(shape.columns + 2 * room), 0.0);
    Sums sums{padded.size()};
    auto const middle = std::int32_t(padded.size() / 2);
    Slices slices;
    Reach sliced{-1, -1};
    for (std::int32_t row = 0; row < shape.rows; ++row) {
        auto const bins_row = bins.row(row);
        std::ranges::copy(bins_row, padded.begin() + room);
        if (!sums.take(padded)) continue;
        auto const& reach = reaches[std::size_t(row)];
        if (reach != sliced) {
            slices = slice(reach);
            sliced = reach;
        }
        for (std::int32_t v = 0; v < std::int32_t(slices.of.size()); ++v) {
            for (auto const target : {row - v - window.row, row + v - window.row}) {
                if (target < 0 || target >= window.rows) continue;
                auto const& part = slices.of[std::size_t(v)];
                give(sums, middle, window.column + room, window.columns, part.half, part.inner,
                     slices.narrow, 1 / slices.total,
                     &out[std::size_t(target) * std::size_t(window.columns)]);
                if (v == 0) break;
            }
        }
    }
    return out;
}

double binning_error(Reach const& reach) noexcept {
    double const least = std::min(reach.columns, reach.rows);
    if (least < 1) return 1;
    double const integral = std::numbers::pi * reach.columns * reach.rows / 3;
    return std::min(1.0, 1.5 / (least * least) + std::abs(slice(reach).total / integral - 1));
}

} // namespace diaban::geo::hotspot
