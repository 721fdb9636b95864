#pragma once

#include "geo/feature.hpp"
#include "geo/filter/columns.hpp"
#include "geo/schema.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::domain {

/// A row as the record gives it, and when it is.
struct TimedFeature {
    geo::Feature feature;
    geo::Period period;
};

/// Some rows with the record's own doubles, for the one evaluator: what it says of them is never
/// doubtful.
///
/// Borrows  the rows, whose values follow `fields`.
class RowColumns final : public geo::filter::Columns {
public:
    RowColumns(std::span<TimedFeature const> rows, std::vector<geo::Field> const& fields);

    [[nodiscard]] std::size_t rows() const noexcept override { return m_rows.size(); }
    [[nodiscard]] geo::filter::Column column(std::string_view field) const override;
    [[nodiscard]] std::int64_t fid(std::size_t row) const override;
    [[nodiscard]] geo::Period valid(std::size_t row) const override;
    [[nodiscard]] bool has_geometry(std::size_t row) const override;
    void near(geo::Box const& box, std::span<std::uint32_t const> rows,
              std::span<geo::filter::Nearness> answers) const override;
    [[nodiscard]] geo::Box box(std::size_t row) const override;
    void geometry(std::size_t row, geo::Geometry& into) const override;
    [[nodiscard]] double tolerance(std::size_t) const noexcept override { return 0; }

private:
    struct Values final : geo::filter::Dictionary {
        [[nodiscard]] std::size_t size() const noexcept override { return values.size(); }
        [[nodiscard]] geo::ValueView value(std::uint32_t code) const noexcept override;
        std::vector<geo::Value const*> values{nullptr}; // by code; 0 is null
        std::vector<std::uint32_t> codes;               // by row
    };

    std::span<TimedFeature const> m_rows;
    std::map<std::string, Values, std::less<>> m_columns;
};

} // namespace diaban::services::domain
