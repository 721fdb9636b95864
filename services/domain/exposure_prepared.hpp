#pragma once

#include "geo/exposure/marked_cells.hpp"
#include "services/domain/exposure_sheet.hpp"
#include "services/domain/process.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace diaban::services::domain {

/// What is counted in marked cells.
struct CellQuestion {
    std::string database;
    std::filesystem::path folder;             ///< where footprints are kept
    Policies const& policies;                 ///< a collection that they do not name is left out
    std::vector<std::string> collections;     ///< ids; those that there are not are left out
    geo::exposure::MarkedCells const& hazard; ///< in a CRS of metres
    geo::exposure::MarkedCells const* worse = nullptr; ///< where people are displaced
    std::int64_t now = 0;                              ///< µs since 1970: rows that are so then
};

/// Whether policies leave every field to be read: what is counted by cells knows no masks.
[[nodiscard]] bool countable_by_cells(Policies const& policies,
                                      std::vector<std::string> const& collections);

/// Counts what is in marked cells, by commune, as `count_exposure` does of a GridHazard, from
/// footprints that are kept: what is asked again costs its cells.
/// Needs    countable_by_cells.
[[nodiscard]] Exposure count_in_cells(CellQuestion const& question, WorkProgress& progress);

} // namespace diaban::services::domain
