#include "services/domain/items.hpp"

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

/// A large page is read by several statements, each well within the statement timeout.
constexpr std::size_t rows_a_statement = 1000;

void move_to(std::vector<geo::Feature>& all, std::vector<geo::Feature>&& some) {
    std::ranges::move(some, std::back_inserter(all));
}

std::vector<geo::Feature> read_rows(View const& view, data::postgis::FeatureStore const& store,
                                    std::span<std::int64_t const> fids, geo::Policy const& policy) {
    std::vector<geo::Feature> features;
    features.reserve(fids.size());
    while (!fids.empty()) {
        auto const some = fids.first(std::min(rows_a_statement, fids.size()));
        move_to(features, store.by_fids(view.collection, some, policy));
        fids = fids.subspan(some.size());
    }
    return features;
}

std::vector<geo::Feature> read_next(View const& view, data::postgis::FeatureStore const& store,
                                    std::int64_t after_fid, std::size_t count,
                                    geo::Policy const& policy) {
    std::vector<geo::Feature> features;
    while (features.size() < count) {
        auto const wanted = std::min(rows_a_statement, count - features.size());
        auto some =
            store.page(view.collection, after_fid, static_cast<std::uint32_t>(wanted), policy);
        bool const last = some.size() < wanted;
        move_to(features, std::move(some));
        if (last) break;
        after_fid = features.back().fid;
    }
    return features;
}

/// The page of a list of fids that is known whole.
ItemsPage page_of(Fids const& fids, View const& view, data::postgis::FeatureStore const& store,
                  ItemsQuery const& query, geo::Policy const& policy) {
    ItemsPage page;
    page.matched = fids.size();
    auto const begin = std::ranges::upper_bound(fids, query.after_fid);
    auto const left = static_cast<std::size_t>(fids.end() - begin);
    auto const count = std::min<std::size_t>(query.limit, left);
    std::span<std::int64_t const> const wanted{fids.data() + (begin - fids.begin()), count};
    page.features = read_rows(view, store, wanted, policy);
    if (left > count) page.next = wanted.back();
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

ItemsPage find_items(View const& view, data::postgis::FeatureStore const& store,
                     ItemsQuery const& query, geo::Policy const& policy) {
    bool const by_time = query.period && view.layer->timed();
    if (query.filter) {
        std::optional<Fids> among;
        if (!query.boxes.empty()) among = fids_in_boxes(view, store, query.boxes, policy);
        if (by_time) {
            auto during = view.layer->during(*query.period, policy);
            among = among ? common(*among, during) : std::move(during);
        }
        auto const fids = fids_of_filter(view, store, *query.filter, query.boxes, among, policy);
        return page_of(fids, view, store, query, policy);
    }
    if (!query.boxes.empty()) {
        auto fids = fids_in_boxes(view, store, query.boxes, policy);
        if (by_time) fids = common(fids, view.layer->during(*query.period, policy));
        return page_of(fids, view, store, query, policy);
    }
    if (by_time)
        return page_of(view.layer->during(*query.period, policy), view, store, query, policy);
    ItemsPage page;
    page.matched = view.layer->count(policy).rows;
    page.features = read_next(view, store, query.after_fid, query.limit + 1, policy);
    if (page.features.size() > query.limit) {
        page.features.resize(query.limit);
        page.next = page.features.back().fid;
    }
    return page;
}

} // namespace diaban::services::domain
