#include "services/domain/ground_mosaic.hpp"

#include "geo/error.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

namespace diaban::services::domain {

namespace {

using data::gdal::RasterDescription;
using data::gdal::RasterSource;
using geo::raster::Frame;
using geo::raster::Window;

[[noreturn]] void refuse(std::filesystem::path const& file, std::string accepted) {
    throw geo::Error{geo::Code::bad_input,
                     "bad-parameter",
                     {{"parameter", "--with"},
                      {"value", file.filename().string()},
                      {"accepted", std::move(accepted)}}};
}

/// A whole number near enough.
std::optional<std::int64_t> whole(double number) {
    double const near = std::round(number);
    if (std::abs(number - near) > 1e-6 || std::abs(near) > 1e9) return std::nullopt;
    return std::int64_t(near);
}

void check_alike(RasterDescription const& first, RasterDescription const& other,
                 std::filesystem::path const& file) {
    auto const same = [](double a, double b) { return std::abs(a - b) <= 1e-9 * std::abs(a); };
    if (other.frame.srid != first.frame.srid) refuse(file, "a sheet in the CRS of the first");
    if (!same(first.frame.width, other.frame.width) ||
        !same(first.frame.height, other.frame.height))
        refuse(file, "a sheet with cells as large as those of the first");
    if (other.metres != first.metres || other.vertical_srid != first.vertical_srid)
        refuse(file, "a sheet in the unit and above the datum of the first");
}

} // namespace

GroundMosaic::GroundMosaic(std::vector<std::filesystem::path> const& files) {
    std::int64_t left = 0;
    std::int64_t top = 0;
    std::int64_t right = 0;
    std::int64_t bottom = 0;
    std::vector<std::pair<std::int64_t, std::int64_t>> corners;
    for (auto const& file : files) {
        auto source = RasterSource::open(file);
        auto const described = source.description();
        if (m_sheets.empty()) m_description = described;
        check_alike(m_description, described, file);
        auto const& first = m_description.frame;
        auto const column = whole((described.frame.west - first.west) / first.width);
        auto const row = whole((first.north - described.frame.north) / first.height);
        if (!column || !row) refuse(file, "a sheet whose cells lie on the grid of the first");
        auto const& shape = described.frame.shape;
        left = std::min(left, *column);
        top = std::min(top, *row);
        right = std::max(right, *column + shape.columns);
        bottom = std::max(bottom, *row + shape.rows);
        corners.emplace_back(*column, *row);
        m_sheets.push_back({std::move(source), {0, 0, shape.columns, shape.rows}});
    }
    constexpr double most = 8.6e9;
    if (double(right - left) * double(bottom - top) > most || right - left > 1'000'000'000)
        throw geo::Error{geo::Code::too_large,
                         "too-many-cells",
                         {{"cells", std::to_string((right - left) * (bottom - top))},
                          {"accepted", "8600000000"}}};
    for (std::size_t i = 0; i < m_sheets.size(); ++i) {
        m_sheets[i].place.column = std::int32_t(corners[i].first - left);
        m_sheets[i].place.row = std::int32_t(corners[i].second - top);
    }
    auto& frame = m_description.frame;
    frame.west += double(left) * frame.width;
    frame.north -= double(top) * frame.height;
    frame.shape = {std::int32_t(right - left), std::int32_t(bottom - top)};
}

void GroundMosaic::read(Window const& rows, std::span<float> into) const {
    if (m_sheets.size() == 1) return m_sheets.front().source.read(rows, into);
    std::ranges::fill(into, geo::raster::no_data);
    std::vector<float> cells;
    for (auto const& [source, place] : m_sheets) {
        auto const begin = std::max(rows.row, place.row);
        auto const end = std::min(rows.row + rows.rows, place.row + place.rows);
        if (begin >= end) continue;
        Window const part{0, begin - place.row, place.columns, end - begin};
        cells.resize(part.shape().cells());
        source.read(part, cells);
        for (std::int32_t row = 0; row < part.rows; ++row)
            for (std::int32_t column = 0; column < part.columns; ++column) {
                auto& cell = into[std::size_t(begin - rows.row + row) * std::size_t(rows.columns) +
                                  std::size_t(place.column + column)];
                if (std::isnan(cell)) cell = cells[part.shape().index(column, row)];
            }
    }
}

float GroundMosaic::at(geo::raster::Cell cell) const {
    float value = geo::raster::no_data;
    for (auto const& [source, place] : m_sheets) {
        auto const column = cell.column - place.column;
        auto const row = cell.row - place.row;
        if (!std::isnan(value) || !place.shape().holds(column, row)) continue;
        source.read({column, row, 1, 1}, std::span{&value, 1});
    }
    return value;
}

} // namespace diaban::services::domain
