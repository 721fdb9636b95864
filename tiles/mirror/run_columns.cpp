#include "tiles/mirror/run_columns.hpp"

#include "tiles/mirror/row_geometry.hpp"
#include "tiles/mvt.hpp"

#include <algorithm>
#include <cmath>

namespace diaban::tiles::mirror {
namespace {

// See RunColumns: grid steps, and what they are in degrees at most. A step of latitude is one of
// longitude times cos φ, so never longer.
constexpr double stray = 1.5;
constexpr double stray_degrees = stray * 360.0 / grid_side;
// From the square world's border at 85.0511° to the pole.
constexpr double polar_degrees = 5.0;

bool at_border(GridBox const& box) noexcept {
    return box.min_y <= 1 || box.max_y >= INT32_MAX - 1;
}

std::int32_t whole(double steps) noexcept {
    return std::int32_t(std::clamp(steps, 0.0, double(INT32_MAX)));
}

} // namespace

GridBox grid_around(geo::Box const& box) noexcept {
    auto const latitude = [](double y) { return std::clamp(y, -90.0, 90.0); };
    auto const north_west = grid_position({box.min_x, latitude(box.max_y)});
    auto const south_east = grid_position({box.max_x, latitude(box.min_y)});
    return {whole(std::floor(north_west.x - stray)), whole(std::floor(north_west.y - stray)),
            whole(std::ceil(south_east.x + stray)), whole(std::ceil(south_east.y + stray))};
}

RunColumns::RunColumns(std::shared_ptr<Run const> run) : m_run{std::move(run)} {
    m_dictionaries.reserve(m_run->columns.size());
    for (auto const& column : m_run->columns)
        m_dictionaries.emplace_back(column, m_run->tile_values);
}

geo::ValueView RunColumns::Values::value(std::uint32_t code) const noexcept {
    return mvt::decode_value(encoded[column->places[code]], column->field->type);
}

geo::filter::Column RunColumns::column(std::string_view field) const {
    auto const at =
        std::find_if(m_dictionaries.begin(), m_dictionaries.end(),
                     [&](Values const& values) { return values.column->field->name == field; });
    return {at->column->codes, &*at};
}

void RunColumns::near(geo::Box const& box, std::span<std::uint32_t const> rows,
                      std::span<geo::filter::Nearness> answers) const {
    using geo::filter::Nearness;
    auto const around = grid_around(box);
    for (std::size_t i = 0; i < rows.size(); ++i)
        answers[i] = !has_geometry(rows[i])                     ? Nearness::none
                     : around.intersects(m_run->boxes[rows[i]]) ? Nearness::near
                                                                : Nearness::far;
}

geo::Box RunColumns::box(std::size_t row) const {
    auto const& of = m_run->boxes[row];
    auto const north_west = from_grid({of.min_x - stray, of.min_y - stray});
    auto const south_east = from_grid({of.max_x + stray, of.max_y + stray});
    geo::Box box{north_west.x, south_east.y, south_east.x, north_west.y};
    if (of.min_y <= 1) box.max_y = 90;
    if (of.max_y >= INT32_MAX - 1) box.min_y = -90;
    return box;
}

double RunColumns::tolerance(std::size_t row) const noexcept {
    if (m_run->is_mended(row)) {
        auto const of = box(row);
        return std::hypot(of.max_x - of.min_x, of.max_y - of.min_y);
    }
    return at_border(m_run->boxes[row]) ? polar_degrees : stray_degrees;
}

void RunColumns::geometry(std::size_t row, geo::Geometry& into) const {
    read_geometry(*m_run, std::uint32_t(row), into);
}

} // namespace diaban::tiles::mirror
