#include "services/domain/coverage_read.hpp"

#include "geo/ops/measure.hpp"
#include "geo/raster/sample.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace diaban::services::domain {

namespace {

using geo::Position;
using geo::raster::Frame;
using geo::raster::Window;

constexpr double world = 40'075'016.685578488; // metres around the equator of EPSG:3857

std::optional<double> known(float value) {
    if (std::isnan(value)) return std::nullopt;
    return double(value);
}

/// A position in cells from the outer corner of the first.
Position in_cells(Frame const& frame, Position p) noexcept {
    return {(p.x - frame.west) / frame.width, (frame.north - p.y) / frame.height};
}

CoverageValue value_at(data::gdal::RasterSource const& source, Frame const& frame, int band,
                       Position p) {
    auto const cell = frame.cell(p);
    if (!cell) return {};
    auto const left = std::max(cell->column - 1, 0);
    auto const top = std::max(cell->row - 1, 0);
    Window const window{left, top, std::min(cell->column + 2, frame.shape.columns) - left,
                        std::min(cell->row + 2, frame.shape.rows) - top};
    std::vector<float> cells(window.shape().cells());
    source.read(window, cells, band);
    auto const at = in_cells(frame, p);
    return {known(cells[window.shape().index(cell->column - left, cell->row - top)]),
            known(geo::raster::between(window.shape(), cells, at.x - left, at.y - top))};
}

/// Places of a tile's pixels, in cells of the coverage: exact at nodes, straight between.
class PixelPlaces {
public:
    PixelPlaces(ShelvedCoverage const& coverage, tiles::TileId tile, std::int32_t margin) {
        double const side = world / std::exp2(tile.zoom());
        double const west = -world / 2 + side * tile.x();
        double const north = world / 2 - side * tile.y();
        double const pixel = side / tiles::terrain_side;
        m_begin = -margin;
        m_across = (tiles::terrain_side + 2 * margin + step - 1) / step + 1;
        for (std::int32_t row = 0; row < m_across; ++row)
            for (std::int32_t column = 0; column < m_across; ++column)
                m_nodes.push_back({west + (m_begin + column * step + 0.5) * pixel,
                                   north - (m_begin + row * step + 0.5) * pixel});
        coverage.from_mercator.apply(m_nodes);
        for (auto& node : m_nodes) {
            node = in_cells(coverage.entry.frame, node);
            m_box.extend(node);
        }
    }

    /// Of a pixel, counted from the tile's north-western one.
    [[nodiscard]] Position at(std::int32_t column, std::int32_t row) const noexcept {
        auto const i = (column - m_begin) / step;
        auto const j = (row - m_begin) / step;
        double const s = double((column - m_begin) % step) / step;
        double const t = double((row - m_begin) % step) / step;
        auto const node = [&](std::int32_t right, std::int32_t down) {
            return m_nodes[std::size_t(j + down) * std::size_t(m_across) + std::size_t(i + right)];
        };
        auto const a = node(0, 0);
        auto const b = node(1, 0);
        auto const c = node(0, 1);
        auto const d = node(1, 1);
        return {(1 - t) * ((1 - s) * a.x + s * b.x) + t * ((1 - s) * c.x + s * d.x),
                (1 - t) * ((1 - s) * a.y + s * b.y) + t * ((1 - s) * c.y + s * d.y)};
    }
    /// In cells: x columns, y rows.
    [[nodiscard]] geo::Box const& box() const noexcept { return m_box; }
    /// Cells along a pixel's side, about.
    [[nodiscard]] double cells_a_pixel() const noexcept {
        double const pixels = (m_across - 1) * step;
        return std::max(m_box.max_x - m_box.min_x, m_box.max_y - m_box.min_y) / pixels;
    }

private:
    static constexpr std::int32_t step = 16;
    std::int32_t m_begin = 0;
    std::int32_t m_across = 0;
    std::vector<Position> m_nodes;
    geo::Box m_box;
};

} // namespace

std::vector<CoverageValue> values_at(CoverageShelf const& shelf, CoverageLayer const& layer,
                                     std::vector<Position> positions) {
    layer.coverage.from_degrees.apply(positions);
    return shelf.read(layer.file, [&](data::gdal::RasterSource const& source) {
        std::vector<CoverageValue> values;
        values.reserve(positions.size());
        for (auto const& p : positions)
            values.push_back(value_at(source, layer.coverage.entry.frame, layer.band, p));
        return values;
    });
}

std::vector<ProfilePoint> profile(CoverageShelf const& shelf, CoverageLayer const& layer,
                                  std::span<Position const> line, std::size_t samples) {
    std::vector<double> ends{0};
    for (std::size_t i = 1; i < line.size(); ++i)
        ends.push_back(ends.back() + geo::ops::geodesic_distance(line[i - 1], line[i]));
    std::vector<ProfilePoint> points;
    std::vector<Position> positions;
    for (std::size_t i = 0; i < samples; ++i) {
        double const metres = ends.back() * double(i) / double(samples - 1);
        auto const next = std::ranges::upper_bound(ends, metres);
        auto const part = std::min(std::size_t(next - ends.begin()), line.size() - 1);
        double const length = ends[part] - ends[part - 1];
        double const share = length > 0 ? (metres - ends[part - 1]) / length : 0;
        auto const& a = line[part - 1];
        auto const& b = line[part];
        positions.push_back({a.x + share * (b.x - a.x), a.y + share * (b.y - a.y)});
        points.push_back({metres, positions.back(), {}});
    }
    auto const values = values_at(shelf, layer, positions);
    for (std::size_t i = 0; i < samples; ++i) points[i].value = values[i];
    return points;
}

std::vector<float> tile_cells(CoverageShelf const& shelf, CoverageLayer const& layer,
                              tiles::TileId tile, std::int32_t margin) {
    auto const side = tiles::terrain_side + 2 * margin;
    std::vector<float> pixels(std::size_t(side) * std::size_t(side), geo::raster::no_data);
    auto const& shape = layer.coverage.entry.frame.shape;
    PixelPlaces const places{layer.coverage, tile, margin};
    double const reduced = std::max(1.0, std::floor(places.cells_a_pixel()));
    auto const& box = places.box();
    auto const within = [&](double at, std::int32_t most) {
        return std::int32_t(std::clamp(at, 0.0, double(most)));
    };
    auto const left = within(std::floor(box.min_x - 2 * reduced), shape.columns);
    auto const top = within(std::floor(box.min_y - 2 * reduced), shape.rows);
    Window const window{left, top, within(std::ceil(box.max_x + 2 * reduced), shape.columns) - left,
                        within(std::ceil(box.max_y + 2 * reduced), shape.rows) - top};
    if (window.empty()) return pixels;
    geo::raster::Shape const small{std::max(1, std::int32_t(std::ceil(window.columns / reduced))),
                                   std::max(1, std::int32_t(std::ceil(window.rows / reduced)))};
    std::vector<float> cells(small.cells());
    shelf.read(layer.file, [&](data::gdal::RasterSource const& source) {
        source.read_reduced(window, small, cells, layer.band);
        return 0;
    });
    double const across = double(small.columns) / window.columns;
    double const down = double(small.rows) / window.rows;
    for (std::int32_t row = 0; row < side; ++row)
        for (std::int32_t column = 0; column < side; ++column) {
            auto const at = places.at(column - margin, row - margin);
            pixels[std::size_t(row) * std::size_t(side) + std::size_t(column)] =
                geo::raster::between(small, cells, (at.x - left) * across, (at.y - top) * down);
        }
    return pixels;
}

double pixel_metres(tiles::TileId tile) noexcept {
    double const middle = std::numbers::pi * (1 - 2 * (tile.y() + 0.5) / std::exp2(tile.zoom()));
    return world / std::exp2(tile.zoom()) / tiles::terrain_side / std::cosh(middle);
}

} // namespace diaban::services::domain
