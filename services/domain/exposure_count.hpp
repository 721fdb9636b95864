#pragma once

#include "geo/period.hpp"
#include "services/domain/exposure_sheet.hpp"
#include "services/domain/hazard.hpp"

#include <string>
#include <vector>

namespace diaban::services::domain {

/// What is counted, and of what it is read.
struct ExposureQuestion {
    std::string database;
    Policies const& policies;             ///< a collection that they do not name is left out
    std::vector<std::string> collections; ///< ids; those that there are not are left out
    Hazard const& hazard;
    Hazard const* worse = nullptr; ///< where people are displaced; null: not known
    std::int64_t now = 0;          ///< µs since 1970: rows that are so then
};

/// Counts what is in a hazard, by commune.
///
/// Counted   points that it holds; lines and polygons of which a part lies in it, with that part's
///           length or area, as the hazard measures them (see Hazard).
/// Part      each feature belongs to one: the commune that holds its middle.
/// People    a commune's population is spread over its residential parcels (ONT, ODT) by area, over
///           all of it where there are none: of each, the share that lies in the hazard.
[[nodiscard]] Exposure count_exposure(ExposureQuestion const& question, WorkProgress& progress);

} // namespace diaban::services::domain
