#include "tiles/heat.hpp"

#include "geo/hotspot/density.hpp"
#include "tiles/png.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <unordered_map>

namespace diaban::tiles {

namespace {

constexpr double equatorial = 6'378'137.0; // WGS 84
constexpr double eccentricity2 = 0.00669437999014;
constexpr double around = 2 * std::numbers::pi * equatorial;
constexpr double widest_reach = 32; // pixels
constexpr int grid_bits = 31;

/// Metres on the ground along a pixel's sides.
struct PixelMetres {
    double east = 0;
    double north = 0;
};

/// Pixels of the whole world at a zoom, numbered from the north-west.
class PixelPlane {
public:
    explicit PixelPlane(int zoom) : m_bits{zoom + 8}, m_pixel{around / double(side())} {}

    [[nodiscard]] std::int64_t side() const noexcept { return std::int64_t{1} << m_bits; }
    [[nodiscard]] PixelMetres metres(std::int64_t row) const noexcept {
        auto const inside = double(std::clamp<std::int64_t>(row, 0, side() - 1)) + 0.5;
        double const y = std::numbers::pi * (1 - 2 * inside / double(side()));
        double const cosine = 1 / std::cosh(y);
        double const sine = std::tanh(y);
        double const w = std::sqrt(1 - eccentricity2 * sine * sine);
        return {m_pixel * cosine / w, m_pixel * cosine * (1 - eccentricity2) / (w * w * w)};
    }
    [[nodiscard]] geo::hotspot::Reach reach(std::int64_t row, double radius) const noexcept {
        auto const pixel = metres(row);
        return {radius / pixel.east, radius / pixel.north};
    }
    /// Steps of the grid from the north or the west to 256ths of a pixel from its first centre.
    [[nodiscard]] std::int64_t fixed(std::int64_t steps) const noexcept {
        auto const shift = grid_bits - m_bits - 8;
        auto const at =
            shift >= 0 ? (steps + ((std::int64_t{1} << shift) >> 1)) >> shift : steps << -shift;
        return at - 128;
    }
    /// The grid around some pixels, and one more on each side.
    [[nodiscard]] GridBox grid(std::int64_t west, std::int64_t north, std::int64_t east,
                               std::int64_t south) const noexcept {
        auto const step = [&](std::int64_t pixel) {
            auto const most = (std::int64_t{1} << grid_bits) - 1;
            auto const at = pixel << (grid_bits - m_bits);
            return std::int32_t(std::clamp<std::int64_t>(at, 0, most));
        };
        return {step(west - 1), step(north - 1), step(east + 1), step(south + 1)};
    }

private:
    int m_bits;
    double m_pixel;
};

/// Weights per km² of a window of pixels of one zoom.
struct Field {
    std::int64_t west = 0;
    std::int64_t north = 0;
    geo::raster::Shape shape;
    std::vector<double> per_km2;
};

Field field_of(HeatPoints const& points, PixelPlane const& plane, std::int64_t west,
               std::int64_t north, geo::raster::Shape shape, double radius) {
    // The reach grows towards the poles: the outermost row has the widest.
    auto const south = north + shape.rows;
    std::int64_t margin = 1;
    for (int again = 0; again < 3; ++again) {
        auto const up = plane.reach(north - margin, radius);
        auto const down = plane.reach(south + margin, radius);
        margin =
            std::int64_t(std::ceil(std::max({up.columns, up.rows, down.columns, down.rows}))) + 2;
    }
    geo::hotspot::Bins bins{
        {std::int32_t(shape.columns + 2 * margin), std::int32_t(shape.rows + 2 * margin)}};
    auto const left = (west - margin) * 256;
    auto const top = (north - margin) * 256;
    auto const box =
        plane.grid(west - margin, north - margin, west + shape.columns + margin, south + margin);
    auto const at = points.points();
    auto const weights = points.weights();
    points.near(box, [&](std::size_t first, std::size_t count) {
        for (std::size_t i = first; i < first + count; ++i)
            bins.add_fixed(plane.fixed(at[i].x) - left, plane.fixed(at[i].y) - top,
                           double(weights[i]));
    });
    std::vector<geo::hotspot::Reach> reaches;
    for (std::int32_t row = 0; row < bins.shape().rows; ++row)
        reaches.push_back(plane.reach(north - margin + row, radius));
    Field field{west, north, shape, {}};
    field.per_km2 = geo::hotspot::spread(
        bins, reaches, {std::int32_t(margin), std::int32_t(margin), shape.columns, shape.rows});
    for (std::int32_t row = 0; row < shape.rows; ++row) {
        auto const pixel = plane.metres(north + row);
        double const km2 = pixel.east * pixel.north / 1e6;
        for (std::int32_t column = 0; column < shape.columns; ++column)
            field.per_km2[shape.index(column, row)] /= km2;
    }
    return field;
}

/// Between centres of pixels; `x`, `y` in pixels of the world, whole numbers at their corners.
double between(Field const& field, double x, double y) noexcept {
    double const column = x - 0.5 - double(field.west);
    double const row = y - 0.5 - double(field.north);
    auto const c = std::clamp(std::int32_t(std::floor(column)), 0, field.shape.columns - 2);
    auto const r = std::clamp(std::int32_t(std::floor(row)), 0, field.shape.rows - 2);
    double const s = column - c;
    double const t = row - r;
    auto const at = [&](std::int32_t right, std::int32_t down) {
        return field.per_km2[field.shape.index(c + right, r + down)];
    };
    return (1 - t) * ((1 - s) * at(0, 0) + s * at(1, 0)) + t * ((1 - s) * at(0, 1) + s * at(1, 1));
}

/// How many zooms lower a radius has at most `widest_reach` pixels.
int zooms_lower(TileId tile, double radius) noexcept {
    PixelPlane const plane{int(tile.zoom())};
    auto const reach = plane.reach(std::int64_t{tile.y()} * heat_side + heat_side / 2, radius);
    double const pixels = std::max(reach.columns, reach.rows);
    int lower = 0;
    while (lower < int(tile.zoom()) && pixels / std::exp2(lower) > widest_reach) ++lower;
    return lower;
}

void fill_from(Field const& field, TileId tile, int lower, Heat& heat) {
    if (lower == 0) {
        std::ranges::copy(field.per_km2, heat.per_km2.begin());
        return;
    }
    double const scale = 1 / std::exp2(lower);
    for (std::int32_t row = 0; row < heat_side; ++row)
        for (std::int32_t column = 0; column < heat_side; ++column)
            heat.per_km2[std::size_t(row * heat_side + column)] =
                float(between(field, (double(tile.x()) * heat_side + column + 0.5) * scale,
                              (double(tile.y()) * heat_side + row + 0.5) * scale));
}

double weight_of(Heat const& heat, TileId tile) noexcept {
    PixelPlane const plane{int(tile.zoom())};
    double weight = 0;
    for (std::int32_t row = 0; row < heat_side; ++row) {
        double sum = 0;
        for (std::int32_t column = 0; column < heat_side; ++column)
            sum += double(heat.per_km2[std::size_t(row * heat_side + column)]);
        auto const pixel = plane.metres(std::int64_t{tile.y()} * heat_side + row);
        weight += sum * pixel.east * pixel.north / 1e6;
    }
    return weight;
}

/// From pale yellow through red to violet: told apart by lightness alone too.
constexpr std::array<HeatColour, 7> colours{{{255, 244, 186, 0},
                                             {254, 224, 139, 120},
                                             {253, 174, 97, 170},
                                             {240, 104, 62, 200},
                                             {205, 38, 62, 220},
                                             {138, 16, 84, 235},
                                             {66, 8, 84, 245}}};

HeatColour colour_at(double share) noexcept {
    double const at = std::clamp(share, 0.0, 1.0) * double(colours.size() - 1);
    auto const first = std::min(std::size_t(at), colours.size() - 2);
    double const part = at - double(first);
    auto const mixed = [&](std::uint8_t a, std::uint8_t b) {
        return std::uint8_t(std::lround((1 - part) * a + part * b));
    };
    auto const& a = colours[first];
    auto const& b = colours[first + 1];
    return {mixed(a.red, b.red), mixed(a.green, b.green), mixed(a.blue, b.blue),
            mixed(a.opacity, b.opacity)};
}

double round_up(double value) noexcept {
    double const power = std::pow(10, std::floor(std::log10(value)));
    for (double const step : {1.0, 2.0, 5.0})
        if (value <= step * power) return step * power;
    return 10 * power;
}

} // namespace

void HeatPoints::add(GridPoint at, float weight) {
    if (!(weight > 0)) return;
    if (m_points.size() % block_size == 0) m_blocks.emplace_back();
    m_blocks.back().extend(at);
    m_box.extend(at);
    m_points.push_back(at);
    m_weights.push_back(weight);
    m_weight += double(weight);
}

Heat heat_of(HeatPoints const& points, TileId tile, double radius) {
    auto const lower = zooms_lower(tile, radius);
    PixelPlane const plane{int(tile.zoom()) - lower};
    auto const west = std::int64_t{tile.x()} * heat_side;
    auto const north = std::int64_t{tile.y()} * heat_side;
    auto const margin = lower == 0 ? 0 : 1; // what lies between pixels wants those on both sides
    auto const begin = [&](std::int64_t pixel) { return (pixel >> lower) - margin; };
    auto const side = std::int32_t((heat_side - 1) >> lower) + 1 + 2 * margin;
    Heat heat;
    heat.per_km2.assign(std::size_t(heat_side) * heat_side, 0.0F);
    auto const field = field_of(points, plane, begin(west), begin(north), {side, side}, radius);
    fill_from(field, tile, lower, heat);
    heat.weight = weight_of(heat, tile);
    heat.coarse = 1 << lower;
    auto const reach = plane.reach(begin(north), radius);
    double const least = std::min(reach.columns, reach.rows);
    heat.error = geo::hotspot::binning_error(reach);
    if (lower > 0) heat.error += 1.5 / (least * least);
    return heat;
}

double heat_peak(double radius) noexcept {
    return 1e6 * geo::hotspot::quartic(0, radius);
}

double heat_top(HeatPoints const& points, double radius) {
    if (points.size() == 0) return 0;
    // Squares of the grid about as wide as the radius where most of the points are.
    auto const& box = points.box();
    auto const middle = box.min_y + (std::int64_t{box.max_y} - box.min_y) / 2;
    double const step = PixelPlane{15}.metres(middle >> 8).east / 256;
    int shift = 0;
    while (shift < grid_bits && step * std::exp2(shift + 1) <= radius) ++shift;
    std::unordered_map<std::uint64_t, double> squares;
    std::uint64_t last = UINT64_MAX;
    double* into = nullptr;
    double most = 0;
    auto const at = points.points();
    for (std::size_t i = 0; i < at.size(); ++i) {
        auto const key = (std::uint64_t(at[i].x >> shift) << 32U) | std::uint64_t(at[i].y >> shift);
        if (key != last) into = &squares[last = key];
        *into += double(points.weights()[i]);
        most = std::max(most, *into);
    }
    return round_up(most * heat_peak(radius));
}

std::span<HeatColour const> heat_colours() noexcept {
    return colours;
}

std::string heat_picture(Heat const& heat, double top) {
    constexpr std::size_t levels = 1024;
    std::array<HeatColour, levels> ramp{};
    for (std::size_t i = 0; i < levels; ++i) ramp[i] = colour_at(double(i) / (levels - 1));
    std::vector<std::uint8_t> bytes(heat.per_km2.size() * 4, 0);
    auto const scale = float(1 / top);
    for (std::size_t i = 0; i < heat.per_km2.size(); ++i) {
        float const share = std::min(heat.per_km2[i] * scale, 1.0F);
        if (!(share > 0)) continue;
        auto const& colour = ramp[std::size_t(std::sqrt(share) * (levels - 1))];
        bytes[4 * i] = colour.red;
        bytes[4 * i + 1] = colour.green;
        bytes[4 * i + 2] = colour.blue;
        bytes[4 * i + 3] = colour.opacity;
    }
    return png(heat_side, heat_side, PixelForm::rgb_alpha, bytes);
}

} // namespace diaban::tiles
