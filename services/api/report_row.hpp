#pragma once

#include "geo/feature.hpp"
#include "geo/schema.hpp"
#include "services/domain/picture.hpp"
#include "services/domain/report_numbers.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace diaban::services::api {

inline constexpr char reports_collection[] = "reports";
using domain::is_closed;

/// A report's values by their names. Borrows both.
class ReportRow {
public:
    ReportRow(geo::Feature const& feature, std::vector<geo::Field> const& fields)
        : m_feature{feature}, m_fields{fields} {}

    [[nodiscard]] std::optional<std::string> text(std::string_view name) const;
    /// RFC 3339.
    [[nodiscard]] std::optional<std::string> instant(std::string_view name) const;
    [[nodiscard]] geo::Feature const& feature() const noexcept { return m_feature; }

private:
    [[nodiscard]] geo::Value const* value(std::string_view name) const;

    geo::Feature const& m_feature;
    std::vector<geo::Field> const& m_fields;
};

/// Values of an edit of reports, by name; a name that the collection lacks is left out.
[[nodiscard]] std::vector<std::pair<std::size_t, geo::Value>>
report_values(domain::View const& reports, std::map<std::string, geo::Value> values);

/// Who a report is for. Its row's sensitivity says so.
struct ReportVisibility {
    std::string_view name; ///< `public`, `personal`: its words tell of persons, `hidden`
    std::uint8_t sensitivity = 0;
};
inline constexpr ReportVisibility report_visibilities[] = {
    {"public", 0}, {"personal", 1}, {"hidden", 2}};
/// Of a sensitivity beyond those it is `hidden`.
[[nodiscard]] std::string_view visibility_of(std::uint8_t sensitivity) noexcept;

/// The field of that name of the collection. Throws Error{internal, …} if it lacks it.
[[nodiscard]] geo::Field const& report_field(domain::View const& reports, std::string_view name);

} // namespace diaban::services::api
