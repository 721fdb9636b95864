#include "services/api/report_row.hpp"

#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"

#include <algorithm>
#include <iterator>
#include <variant>

namespace diaban::services::api {

geo::Value const* ReportRow::value(std::string_view name) const {
    auto const found = std::ranges::find(m_fields, name, &geo::Field::name);
    if (found == m_fields.end()) return nullptr;
    return &m_feature.values[std::size_t(found - m_fields.begin())];
}

std::optional<std::string> ReportRow::text(std::string_view name) const {
    auto const* const held = value(name);
    if (held == nullptr) return std::nullopt;
    auto const* const words = std::get_if<std::string>(held);
    return words == nullptr ? std::nullopt : std::optional{*words};
}

std::optional<std::string> ReportRow::instant(std::string_view name) const {
    auto const* const held = value(name);
    if (held == nullptr) return std::nullopt;
    auto const* const when = std::get_if<geo::Instant>(held);
    if (when == nullptr) return std::nullopt;
    std::string words;
    geo::codec::append_instant(words, *when);
    return words;
}

std::vector<std::pair<std::size_t, geo::Value>>
report_values(domain::View const& reports, std::map<std::string, geo::Value> values) {
    std::vector<std::pair<std::size_t, geo::Value>> named;
    auto const& fields = reports.collection.schema.fields;
    for (std::size_t i = 0; i < fields.size(); ++i)
        if (auto const found = values.find(fields[i].name); found != values.end())
            named.emplace_back(i, std::move(found->second));
    return named;
}

std::string_view visibility_of(std::uint8_t sensitivity) noexcept {
    for (auto const& one : report_visibilities)
        if (one.sensitivity == sensitivity) return one.name;
    return std::rbegin(report_visibilities)->name;
}

geo::Field const& report_field(domain::View const& reports, std::string_view name) {
    auto const& fields = reports.collection.schema.fields;
    auto const found = std::ranges::find(fields, name, &geo::Field::name);
    if (found != fields.end()) return *found;
    throw geo::Error{geo::Code::internal, "internal", {}, "reports lack " + std::string{name}};
}

} // namespace diaban::services::api
