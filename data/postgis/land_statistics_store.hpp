#pragma once

#include "data/model/edit.hpp"
#include "data/model/land_statistics.hpp"
#include "data/postgis/pool.hpp"
#include "geo/policy.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace diaban::data::postgis {

/// Land statistics: the parcels of a day, frozen and read.
///
/// Policy   of parcels, an argument of every read: a parcel that it does not see is counted
///          nowhere, and statistics without any that it sees are not there.
/// Pools    serve; edit, whose statements may take longer: a million parcels are summed in about a
///          second.
/// Throws   Error{unavailable, …} if the database is busy, slow or gone; Error{not_found,
///          "no-statistics"}.
class LandStatisticsStore {
public:
    LandStatisticsStore(Pool& serve, Pool& edit) : m_serve{serve}, m_edit{edit} {}

    /// Freezes every parcel that was in force at the end of that day, with a note in the audit; or
    /// nothing.
    /// Policy   what the author may edit: all of those parcels must be among it.
    /// Throws   Error{conflict, "statistics-frozen"} where they are and no further version is asked
    ///          for, Error{conflict, "statistics-empty"}, Error{forbidden,
    ///          "statistics-scope"}.
    [[nodiscard]] model::LandStatistics freeze(model::NewLandStatistics const& asked,
                                               model::Author const& author,
                                               geo::Policy const& policy) const;

    /// Latest day first, of a day the latest version first.
    [[nodiscard]] std::vector<model::LandStatistics> list(geo::Policy const& policy) const;
    [[nodiscard]] model::LandStatistics statistics(std::int64_t id,
                                                   geo::Policy const& policy) const;

    /// By commune and use, in the order of their codes.
    [[nodiscard]] std::vector<model::LandUseArea> areas(std::int64_t id,
                                                        geo::Policy const& policy) const;
    /// Of each parcel in both the lesser of its two areas; what is more or less is new or gone, as
    /// are parcels of one of them. `commune`: parcels of it alone, on either side; empty: all.
    [[nodiscard]] std::vector<model::LandUseChange> changes(std::int64_t before, std::int64_t after,
                                                            std::string const& commune,
                                                            geo::Policy const& policy) const;

    /// Land uses with their groups on a day, in the order of the list.
    [[nodiscard]] std::vector<model::LandUse> uses(geo::Date on) const;

private:
    Pool& m_serve;
    Pool& m_edit;
};

} // namespace diaban::data::postgis
