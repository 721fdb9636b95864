#pragma once

#include "geo/geometry.hpp"
#include "services/api/backing.hpp"
#include "services/domain/gazetteer.hpp"
#include "services/domain/unit_lists.hpp"
#include "services/domain/units.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace diaban::services::api {

/// What names and positions are tied to places by, made before it is asked for.
struct PlaceNames {
    domain::UnitAreas areas;
    std::unique_ptr<domain::GazetteerKeeper> keeper; ///< last: ends before what it uses
};
[[nodiscard]] std::shared_ptr<PlaceNames>
make_place_names(Backing const& backing, std::shared_ptr<domain::UnitListCache> const& lists);

/// Units that hold a position, present ones first, the smallest of them first. On a border of two,
/// within the 1.4 cm that the mirror is exact to, one of them.
[[nodiscard]] std::vector<data::model::Place const*>
units_here(std::shared_ptr<domain::View const> const& places, domain::UnitLists const& lists,
           domain::UnitAreas& areas, geo::Position from, std::optional<geo::Date> on,
           geo::Policy const& policy);

/// Where a feature stands on a map: its label, or the middle of its box; nothing without geometry.
[[nodiscard]] std::optional<geo::Position> centre_of(domain::View const& view, std::int64_t fid);

} // namespace diaban::services::api
