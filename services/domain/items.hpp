#pragma once

#include "data/postgis/feature_store.hpp"
#include "geo/feature.hpp"
#include "geo/filter/filter.hpp"
#include "geo/geometry.hpp"
#include "geo/period.hpp"
#include "geo/policy.hpp"
#include "services/domain/atlas.hpp"
#include "services/domain/sorted.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace diaban::services::domain {

/// Which rows of a collection are asked for.
struct ItemsQuery {
    std::vector<geo::Box> boxes; ///< EPSG:4326; a row meets any of them; none: everywhere
    std::optional<geo::Period> period;
    std::optional<geo::filter::Filter> filter; ///< made of the mirror's schema and the same policy
    std::vector<SortKey> sort;                 ///< and then by ascending fid
    SortPlace after;                           ///< only rows behind it; by default, all
    std::uint32_t limit = 10;
    bool geometry = true; ///< false: features come without
};

struct ItemsPage {
    std::vector<geo::Feature> features; ///< exact doubles, in the order asked for
    /// Rows that match, on all pages together; absent where counting them would cost too much.
    std::optional<std::uint64_t> matched;
    std::optional<SortPlace> next; ///< `after` of the next page, if there is one
};

/// One page of the rows asked for: found in the mirror, decided on the record's doubles where the
/// mirror is in doubt, read from the record.
///
/// Times    a collection whose rows have no time ignores `period` (they are at all times).
/// Throws   Error{unavailable, …} if the record cannot be read.
ItemsPage find_items(View const& view, data::postgis::FeatureStore const& store, SortOrders& orders,
                     ItemsQuery const& query, geo::Policy const& policy);

/// The rows asked for on all pages together, by ascending fid; nothing where those are all that the
/// policy may see. `sort`, `after` and `limit` say nothing here.
std::optional<std::vector<std::int64_t>> matching_fids(View const& view,
                                                       data::postgis::FeatureStore const& store,
                                                       ItemsQuery const& query,
                                                       geo::Policy const& policy);

/// The collection as it is read without geometry.
data::model::Collection without_geometry(data::model::Collection collection);

/// Rows of the mirror that meet any of the boxes, by ascending fid; the record decides the
/// doubtful.
std::vector<std::int64_t> fids_in_boxes(View const& view, data::postgis::FeatureStore const& store,
                                        std::vector<geo::Box> const& boxes,
                                        geo::Policy const& policy);

} // namespace diaban::services::domain
