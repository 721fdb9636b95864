#pragma once

#include "services/api/backing.hpp"
#include "services/http/router.hpp"

namespace diaban::services::api {

/// Questions about a collection, of the same rows as its items with the same `bbox`, `datetime` and
/// `filter`, answered from the mirror: `/collections/{collectionId}/nearest`, `/count`,
/// `/values/{field}`, `/histogram/{field}`. Fields are those that can be filtered by.
void add_questions(http::Router& router, Backing const& backing);

} // namespace diaban::services::api
