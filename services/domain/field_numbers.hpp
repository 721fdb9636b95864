#pragma once

#include "geo/schema.hpp"
#include "tiles/mirror/run.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace diaban::services::domain {

/// A field of a run as numbers, by row: NaN where there is no value. Dates and timestamps are
/// microseconds from 1970-01-01T00:00Z.
class FieldNumbers {
public:
    /// `field` is one that the mirror holds, of a type that has numbers.
    FieldNumbers(tiles::mirror::Run const& run, geo::Field const& field);

    [[nodiscard]] double operator[](std::uint32_t row) const noexcept {
        return m_by_code[m_codes[row]];
    }

private:
    std::span<std::uint32_t const> m_codes;
    std::vector<double> m_by_code;
};

/// The column of a field; the mirror holds it.
[[nodiscard]] tiles::mirror::Column const& column_of(tiles::mirror::Run const& run,
                                                     geo::Field const& field) noexcept;

/// Whether values of a type are numbers, or can be put in a row as such.
[[nodiscard]] constexpr bool has_numbers(geo::FieldType type) noexcept {
    using geo::FieldType;
    return type == FieldType::integer || type == FieldType::number || type == FieldType::date ||
           type == FieldType::timestamp;
}

} // namespace diaban::services::domain
