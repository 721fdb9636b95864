#pragma once

#include "data/model/cadastre.hpp"
#include "data/postgis/pool.hpp"
#include "geo/cadastre/editions.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace diaban::data::postgis {

/// Corrected sheets that replace an earlier delivery. Pool of Role::owner.
class SheetRevisions {
public:
    explicit SheetRevisions(Pool& pool) : m_pool{pool} {}

    /// A sheet as it stands: its parcels in force, in its CRS, by number.
    struct Standing {
        std::int64_t sheet = 0;
        std::int32_t srid = 0;
        struct Parcel {
            std::int64_t fid = 0;
            std::int64_t version = 0;
            std::int64_t number = 0;
            std::string land_use;
            geo::Geometry source; ///< in EPSG:4326 if somebody edited it who knew no sheet
        };
        std::vector<Parcel> parcels;
        double vertex_tolerance = 0; ///< m, at the scale that was asked for
    };
    /// Throws   Error{not_found, "unknown-sheet"}; Error{not_found, "no-rule"}.
    [[nodiscard]] Standing standing(model::Sheet const& sheet) const;

    struct Revised {
        std::size_t unchanged = 0; ///< parcels that are as they were, double for double
        std::size_t redrawn = 0;   ///< the same parcels with other corners, within the tolerance
        std::size_t moved = 0;     ///< the same, beyond it: a case is open
        std::size_t made = 0;
        std::size_t ended = 0;
        std::size_t correction_cases = 0; ///< open in the sheet now, of either kind
        std::int64_t change = 0;
    };
    /// Makes the sheet what the corrected one says, as one change of kind TD in one transaction.
    /// Parcels that are on the same ground, or whose border alone moved, stay the same parcels:
    /// their identifiers, holders and legal areas stand. Others end, with their numbers, and what
    /// came of their ground is in the lineage. Former states are in the history, the former
    /// delivery in land.sheet_delivery: nothing is lost.
    ///
    /// `comparison`  of `standing.parcels` with `parcels`, both in that order.
    /// Throws   Error{conflict, …}: "parcel-changed" since `standing`; what a restriction in force
    ///          or an open dossier forbids of a parcel that would end; "number-taken".
    Revised store(model::Sheet const& sheet, Standing const& standing,
                  std::span<model::SheetParcel const> parcels,
                  geo::cadastre::EditionComparison const& comparison,
                  model::Correction const& correction, std::string const& who) const;

private:
    Pool& m_pool;
};

} // namespace diaban::data::postgis
