#pragma once

#include "geo/feature.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::api {

/// A message of others.
struct CapMessage {
    std::string identity;            ///< `sender,identifier`
    std::string type;                ///< Alert, Update, Cancel
    std::vector<std::string> refers; ///< identities that it ends
    std::string event, event_en;
    std::string headline, headline_en;
    std::string description, description_en;
    std::string severity, urgency, certainty;
    std::optional<geo::Instant> onset, expires;
    geo::Geometry area; ///< EPSG:4326; empty: it says none
};

inline constexpr std::size_t most_cap_bytes = 512U * 1024U;

/// Reads CAP 1.2 (OASIS, 2010). Of its infos the first in Vietnamese and the first in English
/// count; where a language lacks, the other stands for it.
///
/// Refused   what is not Actual, not Public, or only acknowledges; prefixed names (`cap:alert`).
/// Entities  a document with a type of its own (DTD) is refused; none is expanded.
/// Area      all polygons and circles together; a circle (kilometres) as 64 sides on a sphere of
/// mean
///           radius, within 1 % of its radius up to 300 km at latitudes of the country.
/// Throws    Error{bad_input, "bad-cap"} naming the part; Error{too_large, "body-too-large"}.
[[nodiscard]] CapMessage read_cap(std::string_view document);

} // namespace diaban::services::api
