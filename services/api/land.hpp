#pragma once

#include "data/postgis/land_store.hpp"
#include "data/postgis/topology_store.hpp"
#include "services/api/backing.hpp"
#include "services/http/router.hpp"

namespace diaban::services::api {

/// What the routes of the cadastre stand on, besides the backing. Outlives them.
struct LandBacking {
    data::postgis::LandStore const& land;
    data::postgis::DossierStore const& dossiers;
};

/// `/land/parcels`: found by sheet and number, identifier, certificate, holder, use, area, place.
void add_land(http::Router& router, Backing const& backing, LandBacking const& land);

/// `/land/dossiers`: changes drafted, checked and approved by different people.
/// After a change its faults are looked for again.
void add_dossiers(http::Router& router, LandBacking const& land,
                  data::postgis::TopologyStore const& topology);

/// `/land/parcels/{parcelId}/extract.pdf`, and `/land/extracts/{extractCode}`, which says whether
/// such a paper is true and still so.
void add_extracts(http::Router& router, LandBacking const& land);

/// When a parcel is meant: `datetime` or a day `on` (in force then), `as-of` (as it was known
/// then).
[[nodiscard]] data::postgis::LandStore::Moment read_moment(http::Query const& query);

/// The parcel that a path names: by its fid, or by its identifier as it is or was.
/// Throws   Error{not_found, "no-parcel"}.
[[nodiscard]] data::model::ParcelFile parcel_of(LandBacking const& land, std::string const& id,
                                                geo::Policy const& policy,
                                                data::postgis::LandStore::Moment const& moment);

} // namespace diaban::services::api
