#pragma once

#include "data/postgis/land_store.hpp"
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
void add_dossiers(http::Router& router, LandBacking const& land);

/// `/land/parcels/{parcelId}/extract.pdf`, and `/land/extracts/{extractCode}`, which says whether
/// such a paper is true and still so.
void add_extracts(http::Router& router, LandBacking const& land);

/// The parcel that a path names: by its fid, or by its identifier as it is or was.
/// Throws   Error{not_found, "no-parcel"}.
[[nodiscard]] data::model::ParcelFile parcel_of(LandBacking const& land, std::string const& id,
                                                geo::Policy const& policy);

} // namespace diaban::services::api
