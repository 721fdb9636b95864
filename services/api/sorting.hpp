#pragma once

#include "geo/policy.hpp"
#include "geo/schema.hpp"
#include "services/domain/sorted.hpp"
#include "services/http/uri.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::api {

/// A property that `sortby` may name; `field` is null for the feature's id.
struct Sortable {
    std::string name;
    geo::Field const* field = nullptr;
};

/// What the mirror holds and the policy sees, then the id, unless a field has that name. Borrows
/// `schema`.
[[nodiscard]] std::vector<Sortable> sortables(geo::Schema const& schema, geo::Policy const& policy);

/// `sortby`: names, each with + (or nothing) for ascending or - for descending, with commas.
/// Throws   Error{bad_input}: "unknown-sortable" with the list of those known; "bad-parameter" for
///          a name that stands twice, or more than most_sort_keys.
[[nodiscard]] std::vector<domain::SortKey>
read_sortby(http::Query const& query, geo::Schema const& schema, geo::Policy const& policy);

/// Throws Error{bad_input, "sort-past"}: what was known then comes by ascending id.
[[noreturn]] void refuse_sort_of_past();

/// The address of the page behind `place`: opaque, made here, understood here; with that `sortby`
/// only. Holds the place's own values, so that pages stay exact whatever is written between them.
[[nodiscard]] std::string write_cursor(domain::SortPlace const& place, std::string_view sortby);

/// Throws   "bad-cursor".
[[nodiscard]] std::optional<domain::SortPlace> read_cursor(http::Query const& query,
                                                           std::vector<domain::SortKey> const& keys,
                                                           geo::Schema const& schema);

} // namespace diaban::services::api
