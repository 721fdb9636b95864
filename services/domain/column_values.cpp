#include "services/domain/column_values.hpp"

#include "tiles/mvt.hpp"

namespace diaban::services::domain {

ColumnValues::ColumnValues(tiles::mirror::LiveRun const& live, std::string_view name,
                           geo::Policy const& policy) {
    for (auto const& column : live.run->columns)
        if (column.field->name == name && policy.sees_field(name)) m_column = &column;
    m_values = live.run->tile_values;
}

std::uint32_t ColumnValues::code(std::size_t row) const noexcept {
    return m_column->codes[row];
}

std::size_t ColumnValues::size() const noexcept {
    return m_column == nullptr ? 0 : m_column->places.size();
}

geo::ValueView ColumnValues::of_code(std::size_t code) const {
    if (code == 0) return {};
    return tiles::mvt::decode_value(m_values[m_column->places[code]], m_column->field->type);
}

geo::ValueView ColumnValues::at(std::size_t row) const {
    return m_column == nullptr ? geo::ValueView{} : of_code(code(row));
}

std::string_view ColumnValues::held(std::size_t row) const {
    auto const value = at(row);
    auto const* const text = std::get_if<std::string_view>(&value);
    return text == nullptr ? std::string_view{} : *text;
}

std::optional<double> ColumnValues::number(std::size_t row) const {
    auto const value = at(row);
    if (auto const* const held = std::get_if<double>(&value)) return *held;
    if (auto const* const held = std::get_if<std::int64_t>(&value)) return double(*held);
    return std::nullopt;
}

std::optional<bool> ColumnValues::truth(std::size_t row) const {
    auto const value = at(row);
    auto const* const held = std::get_if<bool>(&value);
    return held == nullptr ? std::nullopt : std::optional{*held};
}

std::optional<geo::Date> ColumnValues::day(std::size_t row) const {
    auto const value = at(row);
    auto const* const held = std::get_if<geo::Date>(&value);
    return held == nullptr ? std::nullopt : std::optional{*held};
}

std::optional<geo::Instant> ColumnValues::instant(std::size_t row) const {
    auto const value = at(row);
    auto const* const held = std::get_if<geo::Instant>(&value);
    return held == nullptr ? std::nullopt : std::optional{*held};
}

} // namespace diaban::services::domain
