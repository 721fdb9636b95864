#pragma once

#include "data/postgis/feature_store.hpp"
#include "geo/filter/filter.hpp"
#include "geo/geometry.hpp"
#include "geo/period.hpp"
#include "geo/policy.hpp"
#include "services/domain/picture.hpp"
#include "tiles/mirror/layer.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace diaban::services::domain {

/// Which rows of a collection a question is about: as items are asked for.
struct Choice {
    std::vector<geo::Box> boxes; ///< EPSG:4326; a row meets any of them; none: everywhere
    /// Where rows have times; a collection without ignores it (they are at all times).
    std::optional<geo::Period> period;
    std::optional<geo::filter::Filter> filter; ///< made of the mirror's schema and the same policy
};

/// Rows of one run, ascending.
struct ChosenRows {
    tiles::mirror::LiveRun live;
    std::vector<std::uint32_t> rows;
};

/// The rows of the mirror that a choice means and the policy sees, run by run. Where the grid
/// leaves a doubt (a box, a spatial filter), the record's doubles decide.
///
/// Throws  Error{unavailable, …} if the record is needed and cannot be read.
/// Cost    the rows in the boxes, or within the filter's bounds, or all; one statement for each
///         thousand in doubt.
[[nodiscard]] std::vector<ChosenRows> choose_rows(View const& view,
                                                  data::postgis::FeatureStore const& store,
                                                  Choice const& choice, geo::Policy const& policy);

/// Strikes out of `rows` those that the period does not meet. Rows of a run without times are at
/// all times, whatever other runs of their layer have.
void keep_period(tiles::mirror::LiveRun const& live, geo::Period const& period,
                 std::vector<std::uint32_t>& rows);

/// Strikes out of `rows` those that do not match the filter; the record decides the doubtful. A row
/// that is gone from the record by now does not match.
void keep_matching(View const& view, data::postgis::FeatureStore const& store,
                   tiles::mirror::LiveRun const& live, geo::filter::Filter const& filter,
                   std::vector<std::uint32_t>& rows, geo::Policy const& policy);

/// Living rows of a run that the policy sees; near `around` (EPSG:4326) where it is given.
[[nodiscard]] std::vector<std::uint32_t> seen_rows(tiles::mirror::LiveRun const& live,
                                                   std::optional<geo::Box> const& around,
                                                   geo::Policy const& policy);

} // namespace diaban::services::domain
