#pragma once

#include "data/postgis/edition_store.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace diaban::data::postgis {

// What an edition writes, as JSON for the statements of EditionStore.

/// A lot with the columns of its table. `since` is an instant.
[[nodiscard]] nlohmann::json lot_json(model::NewLot const& lot, std::int64_t fid,
                                      std::string const& since, geo::Schema const& schema);

/// An event with its links; lots are named by fid, those of the new edition by `fids`.
[[nodiscard]] nlohmann::json event_json(geo::cadastre::LotEvent const& event,
                                        EditionStore::Found const& found,
                                        std::vector<std::int64_t> const& fids);

/// What changed, as features: lots drawn anew on their ground are none.
[[nodiscard]] std::vector<nlohmann::json> change_features(EditionStore::Found const& found,
                                                          std::span<model::NewLot const> rows,
                                                          std::optional<double> noise);

} // namespace diaban::data::postgis
