#include "data/gdal/contours.hpp"

#include "geo/error.hpp"

#include <gdal_alg.h>

#include <cmath>
#include <memory>

namespace diaban::data::gdal {

namespace {

constexpr double none = -1e30;

CPLErr keep(double level, int count, double* x, double* y, void* lines) {
    auto& line = static_cast<std::vector<ContourLine>*>(lines)->emplace_back();
    line.level = level;
    for (int i = 0; i < count; ++i) line.points.push_back({x[i], y[i]});
    return CE_None;
}

} // namespace

std::vector<ContourLine> contour_lines(std::span<float const> cells, geo::raster::Shape shape,
                                       double interval) {
    std::vector<ContourLine> lines;
    std::unique_ptr<void, decltype(&GDAL_CG_Destroy)> const generator{
        GDAL_CG_Create(shape.columns, shape.rows, TRUE, none, interval, 0, keep, &lines),
        GDAL_CG_Destroy};
    std::vector<double> row(std::size_t(shape.columns));
    for (std::int32_t r = 0; r < shape.rows; ++r) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            float const cell = cells[shape.index(std::int32_t(i), r)];
            row[i] = std::isnan(cell) ? none : double(cell);
        }
        if (!generator || GDAL_CG_FeedLine(generator.get(), row.data()) != CE_None)
            throw geo::Error{geo::Code::internal, "internal", {}, "contours"};
    }
    return lines;
}

} // namespace diaban::data::gdal
