#pragma once

#include "geo/cadastre/editions.hpp"
#include "services/domain/intake.hpp"

#include <map>
#include <optional>
#include <string>

namespace diaban::services::domain {

/// An edition of a register on its way in: all its lots, as they are from one day on.
struct EditionEntry {
    ImportRequest request; ///< file, collection and fields, as of any import
    geo::Date since{};
    std::string lot;                        ///< the collection's field that names a lot
    std::string use;                        ///< that of its purpose; empty: it has none
    int plane = 0;                          ///< EPSG code, metres: where lots are compared
    std::optional<double> vertex_tolerance; ///< m; absent: from the grids of both drawings
};

/// What an edition brought.
struct EditionReport {
    std::string file;
    std::string collection;
    std::size_t lots = 0;
    std::optional<double> noise; ///< m; absent: it is the first edition
    double farthest_same = 0;    ///< m
    std::optional<double> nearest_change;
    std::map<geo::cadastre::LotChange, std::size_t> changes; ///< events by kind
    std::size_t purposes = 0;
};

/// Brings an edition into its register: the lots of the edition before end on that day, and what
/// became of each is told with its evidence, in one transaction.
///
/// Whole    a file with a row that cannot be taken brings nothing.
/// Noise    of two drawings on grids half the diagonal of both steps together; else what the entry
///          says.
/// Throws   what import_file throws before anything is written; Error{bad_input, "edition-row"}
///          with the row and why; Error{bad_input, "edition-noise"} where neither grid nor
///          tolerance is known; Error{conflict, "edition-not-later"}; what EditionStore throws.
EditionReport take_edition(std::string const& uri, EditionEntry const& entry);

/// The report in one line.
[[nodiscard]] std::string one_line(EditionReport const& report);

} // namespace diaban::services::domain
