#pragma once

#include "data/model/place.hpp"
#include "services/api/backing.hpp"
#include "services/api/json.hpp"
#include "services/http/router.hpp"

#include <optional>
#include <vector>

namespace diaban::services::api {

/// YYYY-MM-DD; null for none.
[[nodiscard]] Json day(std::optional<geo::Date> const& date);

/// A unit: code, level, names, province, validity, centre and box.
[[nodiscard]] Json describe_place(data::model::Place const& place);

/// Units that hold the point, those of the day `on` where one is given: existing ones before
/// former ones, in each the province first. Empty for who may not read places.
/// Borrows what `view` holds, the view of `places`.
[[nodiscard]] std::vector<data::model::Place const*>
units_at(domain::View const& view, Backing const& backing, http::Context const& context,
         geo::Position point, std::optional<geo::Date> on);

} // namespace diaban::services::api
