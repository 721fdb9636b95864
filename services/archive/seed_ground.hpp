#pragma once

#include "data/model/collection.hpp"
#include "data/postgis/copy.hpp"
#include "geo/feature.hpp"
#include "services/access/rights.hpp"
#include "services/domain/picture.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace diaban::services::archive {

/// What tiles are seeded from: collections as they are at one moment each, and who may read what of
/// them.
struct SeedGround {
    domain::Picture picture; ///< those that are seeded alone
    std::vector<std::string> ids;
    access::Rights rights; ///< of whom the archive is for
    geo::Instant at;       ///< rows in force then are drawn
};

/// Copies collections from the record.
///
/// Throws   Error{not_found, "unknown-collection"} for one that there is not, or that `rights` do
///          not let read; Error{not_found, "no-tiles"} for one without geometry;
///          Error{unavailable, …}.
[[nodiscard]] SeedGround load_ground(std::string const& database, std::vector<std::string> ids,
                                     access::Rights rights, unsigned threads);

/// Makes what is drawn below the native zooms, of the rows in force at an instant.
void merge_ground(SeedGround& ground, geo::Instant at, unsigned threads);

/// Names the rows that are drawn of a layer, with what is drawn of them: equal for equal rows,
/// however they came to be. Cost: one pass.
[[nodiscard]] std::uint64_t state_of(domain::View const& view);

} // namespace diaban::services::archive
