#pragma once

#include "geo/feature.hpp"
#include "geo/ops/nearest.hpp"
#include "services/domain/chosen.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace diaban::services::domain {

struct NearestQuery {
    geo::Position from; ///< EPSG:4326
    std::size_t limit = 10;
    std::optional<double> within; ///< metres; nothing farther is looked for
    Choice choice;
};

/// A row and where it comes nearest.
struct NearFeature {
    geo::Feature feature; ///< exact doubles
    geo::ops::Nearest nearest;
};

/// The rows nearest to a position, nearest first, then by fid. Found in the mirror; distances are
/// those of the record's doubles.
///
/// Farthest  half the Earth; rows without geometry are at no distance.
/// Throws    Error{unavailable, …} if the record cannot be read.
/// Cost      the rows near the position; under a choice that few rows match, those it must look at.
[[nodiscard]] std::vector<NearFeature> nearest_features(View const& view,
                                                        data::postgis::FeatureStore const& store,
                                                        NearestQuery const& query,
                                                        geo::Policy const& policy);

/// A row of the mirror and where it comes nearest.
struct NearRow {
    tiles::mirror::Layer::At at;
    geo::ops::Nearest nearest;
};
/// The nearest row within `query.within`, as the mirror has it: distances are off by what the grid
/// is (1.4 cm). Asks the record nothing.
[[nodiscard]] std::optional<NearRow> nearest_row(View const& view,
                                                 data::postgis::FeatureStore const& store,
                                                 NearestQuery const& query,
                                                 geo::Policy const& policy);

} // namespace diaban::services::domain
