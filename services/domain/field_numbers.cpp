#include "services/domain/field_numbers.hpp"

#include "tiles/mvt.hpp"

#include <algorithm>
#include <limits>
#include <variant>

namespace diaban::services::domain {

namespace {

constexpr double day = 86'400e6; // microseconds

struct Number {
    double operator()(std::int64_t value) const noexcept { return double(value); }
    double operator()(double value) const noexcept { return value; }
    double operator()(geo::Date value) const noexcept { return value.days * day; }
    double operator()(geo::Instant value) const noexcept { return double(value.microseconds); }
    template <typename Other>
    double operator()(Other const&) const noexcept {
        return std::numeric_limits<double>::quiet_NaN();
    }
};

} // namespace

tiles::mirror::Column const& column_of(tiles::mirror::Run const& run,
                                       geo::Field const& field) noexcept {
    return *std::ranges::find(run.columns, field.name,
                              [](auto const& column) { return column.field->name; });
}

FieldNumbers::FieldNumbers(tiles::mirror::Run const& run, geo::Field const& field) {
    auto const& column = column_of(run, field);
    m_codes = column.codes;
    m_by_code.reserve(column.places.size());
    m_by_code.push_back(std::numeric_limits<double>::quiet_NaN()); // code 0: null
    for (auto const place : column.places.subspan(1))
        m_by_code.push_back(
            std::visit(Number{}, tiles::mvt::decode_value(run.tile_values[place], field.type)));
}

} // namespace diaban::services::domain
