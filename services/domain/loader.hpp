#pragma once

#include "data/model/collection.hpp"
#include "data/postgis/change_feed.hpp"
#include "services/domain/census.hpp"
#include "services/domain/place_index.hpp"
#include "tiles/mirror/layer.hpp"

#include <memory>
#include <string>

namespace diaban::services::domain {

/// A collection as copied from the record in one consistent picture.
struct Copied {
    std::shared_ptr<tiles::mirror::Layer const> layer; ///< null for a collection without geometry
    Census census;
    std::shared_ptr<PlaceIndex const> places; ///< of the collection `places` alone
    data::postgis::Cursor cursor;             ///< place in the change feed the copy belongs to
};

/// Copies a collection by parallel binary COPY, one part a thread, and builds its mirror.
Copied copy_collection(std::string const& database, data::model::Collection const& collection,
                       unsigned threads);

} // namespace diaban::services::domain
