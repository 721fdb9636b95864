#pragma once

#include "data/model/land.hpp"
#include "data/postgis/pool.hpp"
#include "geo/policy.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::data::postgis {

/// Parcels of the register: found, and read with their lineage.
///
/// Policy   an argument of every read: a parcel that it does not see is as if it were not there.
/// Pools    `reads` of Role::serve; `edits` of Role::edit, which alone reads about persons.
/// Throws   Error{unavailable, …} if the database is busy, slow or gone.
class LandStore {
public:
    LandStore(Pool& reads, Pool& edits) : m_reads{reads}, m_edits{edits} {}

    /// By sheet and number first. Whoever asks by `holder` must have the right to it: that is for
    /// the caller to check.
    [[nodiscard]] std::vector<model::Parcel> search(model::ParcelQuery const& query,
                                                    geo::Policy const& policy) const;

    /// Codes of the communes that `code` names: itself, and those that were merged into it.
    [[nodiscard]] std::vector<std::string> communes_of(std::string const& code) const;

    /// `recorded`: the parcel as it was known then; what became of it is told as of today.
    [[nodiscard]] std::optional<model::ParcelFile>
    file(std::int64_t fid, geo::Policy const& policy,
         std::optional<geo::Instant> recorded = {}) const;

    /// When a map is meant to be true.
    struct Moment {
        std::optional<geo::Instant> in_force; ///< absent: now
        std::optional<geo::Instant> recorded; ///< absent: now
    };
    /// Other parcels in force whose box meets `box` (EPSG:4326), with what an extract shows of
    /// them.
    struct Neighbour {
        std::int64_t fid = 0;
        std::int64_t number = 0;
        std::string land_use;
        geo::Geometry place; ///< EPSG:4326
    };
    [[nodiscard]] std::vector<Neighbour> around(geo::Box const& box, std::int64_t but,
                                                geo::Policy const& policy,
                                                Moment const& moment) const;

    /// Keeps what an extract says under a code that nobody guesses. The code under which the same
    /// state of the parcel was handed out before, else `code`.
    [[nodiscard]] std::string keep_extract(std::string const& code, model::Parcel const& parcel,
                                           std::string const& statement) const;
    struct Extract {
        std::string statement; ///< JSON
        geo::Instant made_at;
        bool current = false; ///< the parcel is still as the paper says
    };
    [[nodiscard]] std::optional<Extract> extract(std::string const& code) const;

private:
    Pool& m_reads;
    Pool& m_edits;
};

/// Changes of parcels as dossiers: drafted, checked and approved by different people.
///
/// Pool     of Role::edit.
/// Policy   as what the person may edit.
/// Throws   Error{conflict, …} naming the rule that a change breaks: parcel-mortgaged,
///          parcel-seized, parcel-disputed, parcel-under-recovery, parcel-not-current,
///          parcel-without-sheet, parcel-in-dossier, parcel-changed, cut-misses, child-too-small,
///          child-without-access, areas-do-not-add-up, number-taken, parcels-apart, sheets-differ,
///          uses-differ, same-person, dossier-state, change-not-last; Error{not_found,
///          "no-parcel"}, "no-dossier", "no-change".
class DossierStore {
public:
    explicit DossierStore(Pool& edits) : m_pool{edits} {}

    [[nodiscard]] model::Dossier draft(model::DossierDraft const& draft, std::string const& who,
                                       geo::Policy const& policy) const;
    model::Dossier check(std::int64_t id, std::string const& who, geo::Policy const& policy) const;
    /// Writes the change: one transaction, the parcels' rows, their lineage, the dossier.
    model::Dossier approve(std::int64_t id, std::string const& who,
                           geo::Policy const& policy) const;
    model::Dossier give_back(std::int64_t id, std::string const& who, std::string const& reason,
                             geo::Policy const& policy) const;
    [[nodiscard]] model::Dossier dossier(std::int64_t id, geo::Policy const& policy) const;
    /// Newest first, of that state; empty: all.
    [[nodiscard]] std::vector<model::Dossier> dossiers(std::string_view state, std::uint32_t limit,
                                                       geo::Policy const& policy) const;

private:
    Pool& m_pool;
};

} // namespace diaban::data::postgis
