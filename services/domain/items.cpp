#include "services/domain/items.hpp"

#include "geo/parallel.hpp"
#include "services/domain/filtered.hpp"

#include <algorithm>
#include <iterator>
#include <span>

namespace diaban::services::domain {

namespace {

using Fids = std::vector<std::int64_t>;

Fids united(Fids const& a, Fids const& b) {
    if (a.empty()) return b;
    Fids all;
    all.reserve(a.size() + b.size());
    std::ranges::set_union(a, b, std::back_inserter(all));
    return all;
}

Fids common(Fids const& a, Fids const& b) {
    Fids both;
    std::ranges::set_intersection(a, b, std::back_inserter(both));
    return both;
}

/// A large page is read by several statements, each well within the statement timeout, some at
/// once.
constexpr std::size_t rows_by_name = 1000;
constexpr std::size_t rows_in_a_row = 5000;

constexpr unsigned statements_at_once = 2;

/// The rows named, in their order, as `read` reads at most `most` of them; those not there are left
/// out.
template <typename Read>
std::vector<geo::Feature> in_statements(std::span<std::int64_t const> fids, std::size_t most,
                                        Read const& read) {
    std::vector<std::vector<geo::Feature>> parts((fids.size() + most - 1) / most);
    geo::in_parallel(parts.size(), statements_at_once, [&](std::size_t i) {
        auto const rest = fids.subspan(i * most);
        parts[i] = read(rest.first(std::min(most, rest.size())));
    });
    if (parts.size() == 1) return std::move(parts.front());
    std::vector<geo::Feature> features;
    features.reserve(fids.size());
    for (auto& part : parts) std::ranges::move(part, std::back_inserter(features));
    return features;
}

std::vector<geo::Feature> read_rows(data::model::Collection const& collection,
                                    data::postgis::FeatureStore const& store,
                                    std::span<std::int64_t const> fids, geo::Policy const& policy) {
    return in_statements(fids, rows_by_name, [&](std::span<std::int64_t const> some) {
        return store.by_fids(collection, some, policy);
    });
}

/// Rows between whose fids nothing lies that the policy may see, but for what came meanwhile.
std::vector<geo::Feature> read_neighbours(data::model::Collection const& collection,
                                          data::postgis::FeatureStore const& store,
                                          std::span<std::int64_t const> fids,
                                          geo::Policy const& policy) {
    return in_statements(fids, rows_in_a_row, [&](std::span<std::int64_t const> some) {
        auto features = store.from_to(collection, some.front(), some.back(), policy);
        std::erase_if(features, [&](geo::Feature const& feature) {
            return !std::ranges::binary_search(some, feature.fid);
        });
        return features;
    });
}

/// The page of a list of fids that is known whole.
ItemsPage page_of(Fids const& fids, data::model::Collection const& collection,
                  data::postgis::FeatureStore const& store, ItemsQuery const& query,
                  geo::Policy const& policy) {
    ItemsPage page;
    page.matched = fids.size();
    auto const begin = std::ranges::upper_bound(fids, query.after.fid);
    auto const left = static_cast<std::size_t>(fids.end() - begin);
    auto const count = std::min<std::size_t>(query.limit, left);
    std::span<std::int64_t const> const wanted{fids.data() + (begin - fids.begin()), count};
    page.features = read_rows(collection, store, wanted, policy);
    if (left > count) page.next = SortPlace{{}, wanted.back()};
    return page;
}

ItemsPage sorted_page(View const& view, std::optional<Fids> const& fids,
                      data::model::Collection const& collection,
                      data::postgis::FeatureStore const& store, SortOrders& orders,
                      ItemsQuery const& query, geo::Policy const& policy) {
    std::optional<SortPlace> after;
    if (query.after.fid >= 0) after = query.after;
    auto rows = sorted_rows(view, orders, query.sort, after, fids, query.limit, policy);
    ItemsPage page;
    page.matched = rows.matched;
    page.features = read_rows(collection, store, rows.fids, policy);
    if (rows.more) page.next = std::move(rows.last);
    return page;
}

} // namespace

Fids fids_in_boxes(View const& view, data::postgis::FeatureStore const& store,
                   std::vector<geo::Box> const& boxes, geo::Policy const& policy) {
    Fids fids;
    if (!view.layer) return fids;
    for (auto const& box : boxes) {
        auto found = view.layer->find(box, policy);
        if (!found.doubtful.empty())
            found.matched = united(found.matched,
                                   store.meets_box(view.collection, found.doubtful, box, policy));
        fids = united(fids, found.matched);
    }
    return fids;
}

std::optional<Fids> matching_fids(View const& view, data::postgis::FeatureStore const& store,
                                  ItemsQuery const& query, geo::Policy const& policy) {
    std::optional<Fids> fids;
    if (!query.boxes.empty()) fids = fids_in_boxes(view, store, query.boxes, policy);
    if (query.period && view.layer->timed()) {
        auto during = view.layer->during(*query.period, policy);
        fids = fids ? common(*fids, during) : std::move(during);
    }
    if (query.filter) return fids_of_filter(view, store, *query.filter, query.boxes, fids, policy);
    return fids;
}

data::model::Collection without_geometry(data::model::Collection collection) {
    collection.schema.geometry = geo::GeometryKind::none;
    return collection;
}

ItemsPage find_items(View const& view, data::postgis::FeatureStore const& store, SortOrders& orders,
                     ItemsQuery const& query, geo::Policy const& policy) {
    auto const collection = query.geometry ? view.collection : without_geometry(view.collection);
    auto const fids = matching_fids(view, store, query, policy);
    if (!query.sort.empty())
        return sorted_page(view, fids, collection, store, orders, query, policy);
    if (fids) return page_of(*fids, collection, store, query, policy);
    ItemsPage page;
    page.matched = view.layer->count(policy).rows;
    auto wanted = view.layer->behind(query.after.fid, std::size_t{query.limit} + 1, policy);
    if (wanted.size() > query.limit) {
        wanted.pop_back();
        page.next = SortPlace{{}, wanted.back()};
    }
    page.features = read_neighbours(collection, store, wanted, policy);
    return page;
}

} // namespace diaban::services::domain
