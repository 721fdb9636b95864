#pragma once

#include "services/api/backing.hpp"
#include "services/http/router.hpp"

namespace diaban::services::api {

/// OGC API Features, Part 4: POST on `…/items`, PUT, PATCH (JSON merge patch) and DELETE on
/// `…/items/{featureId}`.
///
/// A change names the state it is made on (`If-Match`: 428 without, 412 if the item is in another).
/// What is not valid is refused whole, with every fault and its place (422). `Prefer:
/// return=minimal` spares the item in the answer; `Idempotency-Key` makes a repeated request count
/// once; `Change-Reason` goes to the history. An answer comes when this node's items and tiles show
/// the edit, or after three seconds with `Diaban-Mirror: behind`.
void add_edits(http::Router& router, Backing const& backing);

} // namespace diaban::services::api
