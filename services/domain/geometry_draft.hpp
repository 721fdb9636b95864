#pragma once

#include "geo/geometry.hpp"
#include "services/domain/feature_draft.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <vector>

namespace diaban::services::domain {

/// Reads a GeoJSON geometry object of a collection of that kind, or null (an empty geometry); adds
/// what is wrong with it to `faults` and then gives nothing.
std::optional<geo::Geometry> read_geometry(nlohmann::json const& json, geo::GeometryKind kind,
                                           std::string const& pointer, std::vector<Fault>& faults);

/// What a geometry becomes by a merge patch (RFC 7396), or by being replaced.
[[nodiscard]] nlohmann::json patched_geometry(nlohmann::json const& given,
                                              geo::Geometry const& current, bool patch);

} // namespace diaban::services::domain
