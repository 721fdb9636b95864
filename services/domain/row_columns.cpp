#include "services/domain/row_columns.hpp"

#include <cmath>

namespace diaban::services::domain {

namespace {

bool is_null(geo::Value const& value) noexcept {
    if (std::holds_alternative<std::monostate>(value)) return true;
    auto const* const number = std::get_if<double>(&value);
    return number != nullptr && std::isnan(*number);
}

} // namespace

geo::ValueView RowColumns::Values::value(std::uint32_t code) const noexcept {
    return std::visit([](auto const& held) -> geo::ValueView { return held; }, *values[code]);
}

RowColumns::RowColumns(std::span<TimedFeature const> rows, std::vector<geo::Field> const& fields)
    : m_rows{rows} {
    for (std::size_t at = 0; at < fields.size(); ++at) {
        if (!fields[at].in_tiles()) continue;
        auto& column = m_columns[fields[at].name];
        std::map<geo::Value, std::uint32_t> known;
        column.codes.reserve(rows.size());
        for (auto const& row : rows) {
            auto const& value = row.feature.values[at];
            if (is_null(value)) {
                column.codes.push_back(0);
                continue;
            }
            auto const next = static_cast<std::uint32_t>(column.values.size());
            auto const [code, fresh] = known.emplace(value, next);
            if (fresh) column.values.push_back(&value);
            column.codes.push_back(code->second);
        }
    }
}

geo::filter::Column RowColumns::column(std::string_view field) const {
    auto const& column = m_columns.find(field)->second;
    return {column.codes, &column};
}

std::int64_t RowColumns::fid(std::size_t row) const {
    return m_rows[row].feature.fid;
}

geo::Period RowColumns::valid(std::size_t row) const {
    return m_rows[row].period;
}

bool RowColumns::has_geometry(std::size_t row) const {
    return !m_rows[row].feature.geometry.empty();
}

void RowColumns::near(geo::Box const& box, std::span<std::uint32_t const> rows,
                      std::span<geo::filter::Nearness> answers) const {
    using geo::filter::Nearness;
    for (std::size_t i = 0; i < rows.size(); ++i)
        answers[i] = !has_geometry(rows[i])               ? Nearness::none
                     : box.intersects(this->box(rows[i])) ? Nearness::near
                                                          : Nearness::far;
}

geo::Box RowColumns::box(std::size_t row) const {
    return m_rows[row].feature.geometry.box();
}

void RowColumns::geometry(std::size_t row, geo::Geometry& into) const {
    into = m_rows[row].feature.geometry;
}

} // namespace diaban::services::domain
