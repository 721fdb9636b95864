#include "services/domain/nearest.hpp"

#include "tiles/mirror/run_columns.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>

namespace diaban::services::domain {

namespace {

constexpr double half_earth = 20'003'932.0; // m: no two places are farther apart (WGS 84)
constexpr double first_reach = 100.0;       // m
constexpr double least_degree = 110'500.0;  // m a degree of latitude, at least
/// Metres by which the grid's geometry may stray from the record's, a degree.
constexpr double most_degree = 111'700.0;
/// Rows of the record that are looked at beyond those asked for: ties within the grid's error.
constexpr std::size_t most_read = 1000;

/// Boxes that hold everything within `metres` of a position.
std::vector<geo::Box> boxes_around(geo::Position p, double metres) {
    double const climb = metres / least_degree;
    double const south = p.y - climb;
    double const north = p.y + climb;
    if (south <= -89 || north >= 89)
        return {{-180, std::max(-90.0, south), 180, std::min(90.0, north)}};
    double const farthest = std::max(std::abs(south), std::abs(north));
    double const reach = climb / std::cos(farthest * (std::numbers::pi / 180));
    if (reach >= 180) return {{-180, south, 180, north}};
    if (p.x - reach < -180)
        return {{-180, south, p.x + reach, north}, {p.x - reach + 360, south, 180, north}};
    if (p.x + reach > 180)
        return {{p.x - reach, south, 180, north}, {-180, south, p.x + reach - 360, north}};
    return {{p.x - reach, south, p.x + reach, north}};
}

/// A row before its geometry is looked at.
struct Rough {
    double least; ///< metres
    std::uint32_t run;
    std::uint32_t row;
};

/// A row and how far it is, as far as the grid can tell.
struct Candidate {
    std::int64_t fid;
    double least; ///< metres
    double most;
};

/// Looks at the surroundings, as far as it is told to.
class Looking {
public:
    Looking(View const& view, data::postgis::FeatureStore const& store, NearestQuery const& query,
            geo::Policy const& policy)
        : m_view{view}, m_store{store}, m_query{query}, m_policy{policy},
          m_located{view.layer->count(policy).located} {
        if (!query.choice.boxes.empty()) // decided once, with all doubts
            m_chosen = choose_rows(view, store, query.choice, policy);
    }

    /// Finds all rows within `metres`, and some beyond. Returns whether that is enough: there is no
    /// row farther away, or as many as are wanted are certainly nearer than any that is.
    [[nodiscard]] bool look(double metres) {
        m_candidates.clear();
        m_seen = 0;
        measure(rough_within(metres));
        std::ranges::sort(m_candidates, {}, [](Candidate const& one) {
            return std::pair{one.least, one.fid};
        });
        auto const near = std::ranges::count_if(
            m_candidates, [&](Candidate const& one) { return one.most <= metres; });
        return std::size_t(near) >= m_query.limit || m_seen >= m_located;
    }

    [[nodiscard]] std::span<Candidate const> candidates() const noexcept { return m_candidates; }

private:
    /// What lies in the surroundings, as a heap whose first is the one that may be nearest.
    std::vector<Rough> rough_within(double metres) {
        std::vector<Rough> rough;
        auto const boxes = boxes_around(m_query.from, metres);
        m_runs.clear();
        for (auto const& live : m_view.layer->runs()) {
            auto const& columns = m_runs.emplace_back(live.run);
            auto const number = std::uint32_t(m_runs.size() - 1);
            for (auto const row : rows_near(live, boxes)) {
                rough.push_back(
                    {geo::ops::least_distance(columns.box(row), m_query.from), number, row});
            }
        }
        std::ranges::make_heap(rough, std::greater{}, &Rough::least);
        return rough;
    }

    /// Looks at the geometry of those that may be nearer than the last one wanted.
    void measure(std::vector<Rough> rough) {
        std::vector<double> wanted; // the least `most`, as a heap whose first is the largest
        geo::Geometry shape;
        for (; !rough.empty(); rough.pop_back()) {
            auto const [least, run, row] = rough.front();
            if (wanted.size() == m_query.limit && least > wanted.front()) break;
            std::ranges::pop_heap(rough, std::greater{}, &Rough::least);
            auto const& columns = m_runs[run];
            columns.geometry(row, shape);
            auto const bounds = geo::ops::distance_bounds(shape, m_query.from);
            double const stray = columns.tolerance(row) * most_degree;
            m_candidates.push_back(
                {columns.fid(row), std::max(0.0, bounds.least - stray), bounds.most + stray});
            wanted.push_back(bounds.most + stray);
            std::ranges::push_heap(wanted);
            if (wanted.size() <= m_query.limit) continue;
            std::ranges::pop_heap(wanted);
            wanted.pop_back();
        }
    }

    std::vector<std::uint32_t> rows_near(tiles::mirror::LiveRun const& live,
                                         std::vector<geo::Box> const& boxes) {
        std::vector<std::uint32_t> rows;
        for (auto const& box : boxes) {
            auto const some = seen_rows(live, box, m_policy);
            rows.insert(rows.end(), some.begin(), some.end());
        }
        std::ranges::sort(rows);
        rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
        m_seen += rows.size();
        keep_chosen(live, rows);
        return rows;
    }

    void keep_chosen(tiles::mirror::LiveRun const& live, std::vector<std::uint32_t>& rows) const {
        auto const& choice = m_query.choice;
        if (m_chosen) {
            auto const of = std::ranges::find(*m_chosen, live.run,
                                              [](ChosenRows const& some) { return some.live.run; });
            if (of == m_chosen->end()) return rows.clear();
            std::erase_if(rows, [&](std::uint32_t row) {
                return !std::ranges::binary_search(of->rows, row);
            });
            return;
        }
        if (choice.period) keep_period(live, *choice.period, rows);
        if (choice.filter) keep_matching(m_view, m_store, live, *choice.filter, rows, m_policy);
    }

    View const& m_view;
    data::postgis::FeatureStore const& m_store;
    NearestQuery const& m_query;
    geo::Policy const& m_policy;
    std::optional<std::vector<ChosenRows>> m_chosen;
    std::vector<tiles::mirror::RunColumns> m_runs;
    std::vector<Candidate> m_candidates;
    std::size_t m_located;
    std::size_t m_seen = 0; ///< rows of the surroundings, chosen or not
};

/// The candidates that may be among the nearest, with their exact distances.
std::vector<NearFeature> read_nearest(View const& view, data::postgis::FeatureStore const& store,
                                      std::span<Candidate const> candidates,
                                      NearestQuery const& query, geo::Policy const& policy) {
    std::vector<NearFeature> found;
    std::size_t next = 0;
    auto const farthest = query.within.value_or(half_earth);
    // Candidates are in the order of their least distances: once the last one wanted is nearer than
    // all that are left, they need not be read.
    while (next < candidates.size() && next < query.limit + most_read) {
        bool const full = found.size() >= query.limit;
        auto const bound = full ? found[query.limit - 1].nearest.metres : farthest;
        if (candidates[next].least > bound) break;
        auto const count =
            std::min(std::max(query.limit, std::size_t{16}), candidates.size() - next);
        std::vector<std::int64_t> fids;
        for (auto const& one : candidates.subspan(next, count)) fids.push_back(one.fid);
        next += count;
        for (auto& feature : store.by_fids(view.collection, fids, policy)) {
            auto const nearest = geo::ops::nearest_point(feature.geometry, query.from);
            if (nearest.metres <= farthest) found.push_back({std::move(feature), nearest});
        }
        std::ranges::sort(found, {}, [](NearFeature const& one) {
            return std::pair{one.nearest.metres, one.feature.fid};
        });
    }
    if (found.size() > query.limit) found.resize(query.limit);
    return found;
}

/// Looks farther and farther, until there is enough.
void look_around(Looking& looking, NearestQuery const& query, geo::Box const& extent) {
    auto const farthest = std::min(half_earth, query.within.value_or(half_earth));
    double const begin = geo::ops::least_distance(extent, query.from); // nothing is nearer
    double reach = first_reach;
    while (!looking.look(std::min(farthest, begin + reach)) && begin + reach < farthest) reach *= 3;
}

} // namespace

std::vector<NearFeature> nearest_features(View const& view,
                                          data::postgis::FeatureStore const& store,
                                          NearestQuery const& query, geo::Policy const& policy) {
    auto const extent = view.layer->extent(policy);
    if (extent.empty()) return {};
    Looking looking{view, store, query, policy};
    look_around(looking, query, extent);
    return read_nearest(view, store, looking.candidates(), query, policy);
}

std::optional<NearRow> nearest_row(View const& view, data::postgis::FeatureStore const& store,
                                   NearestQuery const& query, geo::Policy const& policy) {
    auto const extent = view.layer->extent(policy);
    if (extent.empty()) return std::nullopt;
    Looking looking{view, store, query, policy};
    look_around(looking, query, extent);
    std::optional<NearRow> best;
    geo::Geometry shape;
    for (auto const& candidate : looking.candidates()) {
        if (candidate.least > (best ? best->nearest.metres : query.within.value_or(half_earth)))
            break;
        auto const at = view.layer->find(candidate.fid);
        auto const live = std::ranges::find_if(
            view.layer->runs(), [&](auto const& one) { return at && one.run.get() == at->run; });
        if (live == view.layer->runs().end()) continue;
        tiles::mirror::RunColumns{live->run}.geometry(at->row, shape);
        auto const nearest = geo::ops::nearest_point(shape, query.from);
        if (nearest.metres <= query.within.value_or(half_earth) &&
            (!best || nearest.metres < best->nearest.metres))
            best = NearRow{*at, nearest};
    }
    return best;
}

} // namespace diaban::services::domain
