#pragma once

#include "data/model/edit.hpp"
#include "geo/geometry.hpp"
#include "geo/policy.hpp"
#include "services/http/messages.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace diaban::services::domain {

/// One thing that is wrong with what a client wants to write.
using Fault = http::PartProblem;

/// Positions that one geometry may have.
constexpr std::size_t most_positions = 50'000;

enum class Extent : std::uint8_t {
    whole, ///< a feature: what it does not give is null
    patch, ///< a merge patch (RFC 7396): what it does not give stays
};

/// Reads a GeoJSON feature, or a merge patch of one, as an edit's `values` and `geometry`; adds
/// everything that is wrong with it to `faults`, each with its place below `pointer`.
///
/// Fields    only those that `policy` sees; others are as if they were not there, and stay as they
/// are.
///           Text is kept in NFC; blank text is null. A code must be in force.
/// Geometry  of the collection's kind, within the world, valid in the sense of Simple Features;
///           every defective member of a multiple is named, with the position of its defect. CRS84;
///           heights are dropped. `current` completes a patch that gives part of a geometry object.
/// Id        of a whole feature it is ignored; of a patch it may not be another than the row's.
/// Ignored   `bbox`, `links` and other foreign members.
void read_feature(nlohmann::json const& body, geo::Geometry const& current, Extent extent,
                  geo::Policy const& policy, std::string const& pointer, data::model::Edit& edit,
                  std::vector<Fault>& faults);

/// Whether a merge patch gives a geometry object in part, so that the current one is needed.
[[nodiscard]] bool patches_within_geometry(nlohmann::json const& body);

} // namespace diaban::services::domain
