#pragma once

#include "data/model/land.hpp"
#include "data/postgis/session.hpp"
#include "geo/policy.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace diaban::data::postgis {

/// A parcel that a change takes out of force, locked.
struct PlannedParent {
    std::int64_t fid = 0;
    std::int64_t version = 0;
    std::string identifier;
    std::string commune;
    std::int64_t sheet = 0;
    std::int64_t number = 0;
    std::string land_use;
    std::optional<double> legal_area_m2;
    std::int64_t sheet_id = 0; ///< in land.sheet
    std::int32_t scale = 0;
    geo::Geometry source; ///< in the sheet's CRS
};

/// Steps of a change, inside its transaction. Each throws Error{conflict} naming the rule it finds
/// broken, as DossierStore says.

/// Locks parcels that a change may be made of, in the order given: in force, of a sheet, and under
/// no restriction.
[[nodiscard]] std::vector<PlannedParent>
lock_parents(pqxx::work& sql, std::vector<std::int64_t> const& fids, geo::Policy const& policy);

void refuse_open_dossiers(pqxx::work& sql, std::vector<std::int64_t> const& fids);

/// The children: `{"children": [{number, use, legal, projected, source (hexadecimal EWKB)}]}`.
[[nodiscard]] nlohmann::json plan(pqxx::work& sql, model::DossierDraft const& draft,
                                  std::vector<PlannedParent> const& parents);

/// What the change made, if nothing was made of that since.
[[nodiscard]] std::vector<std::int64_t> parcels_made_by(pqxx::work& sql, std::int64_t change);

/// Ends the parents now and gives up their numbers.
void retire(pqxx::work& sql, std::vector<PlannedParent> const& parents);
/// Puts the parents of a change into force again, under their numbers; their fids.
[[nodiscard]] std::vector<std::int64_t> restore(pqxx::work& sql, std::int64_t change);
/// The children's rows, with their parents' holders; their fids.
[[nodiscard]] std::vector<std::int64_t> insert_children(pqxx::work& sql,
                                                        nlohmann::json const& proposal,
                                                        std::vector<PlannedParent> const& parents);

/// An identifier that no parcel has or had: of the place farthest from the border, or one near it.
[[nodiscard]] std::string free_identifier(pqxx::work& sql, geo::Geometry const& source);

/// Refuses what a restriction in force forbids.
void refuse_restricted(pqxx::work& sql, PlannedParent const& parent);

[[nodiscard]] std::string number_array(std::vector<std::int64_t> const& numbers);
[[nodiscard]] std::string fid_array(std::vector<PlannedParent> const& parents);

} // namespace diaban::data::postgis
