#include "services/domain/chosen.hpp"

#include "tiles/mirror/run_columns.hpp"
#include "tiles/mirror/visibility.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <span>

namespace diaban::services::domain {

namespace {

using geo::filter::Answer;
using geo::filter::Evaluation;
using tiles::mirror::LiveRun;
using tiles::mirror::Visibility;

/// Rows that are asked about at once.
constexpr std::size_t rows_at_once = 4096;
/// Shapes of doubtful rows are read by several statements, each well within the statement timeout.
constexpr std::size_t rows_a_statement = 1000;

std::vector<std::int64_t> fids_of(LiveRun const& live, std::span<std::uint32_t const> rows) {
    std::vector<std::int64_t> fids;
    fids.reserve(rows.size());
    for (auto const row : rows) fids.push_back(live.run->fids[row]);
    std::ranges::sort(fids);
    return fids;
}

void sort_once(std::vector<std::uint32_t>& rows) {
    std::ranges::sort(rows);
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
}

std::vector<std::uint32_t> rows_in_boxes(View const& view, data::postgis::FeatureStore const& store,
                                         LiveRun const& live, std::vector<geo::Box> const& boxes,
                                         geo::Policy const& policy) {
    std::vector<std::uint32_t> rows;
    for (auto const& box : boxes) {
        auto const found = tiles::mirror::rows_in(live, box, policy);
        rows.insert(rows.end(), found.matched.begin(), found.matched.end());
        auto const met =
            store.meets_box(view.collection, fids_of(live, found.doubtful), box, policy);
        for (auto const fid : met)
            if (auto const row = live.run->find(fid)) rows.push_back(*row);
    }
    if (boxes.size() > 1 || !std::ranges::is_sorted(rows)) sort_once(rows);
    return rows;
}

/// Those of `doubtful` that the record says match.
std::vector<std::uint32_t> settled(View const& view, data::postgis::FeatureStore const& store,
                                   LiveRun const& live, Evaluation const& evaluation,
                                   std::vector<std::uint32_t> const& doubtful,
                                   geo::Policy const& policy) {
    std::vector<std::uint32_t> matching;
    auto const fids = fids_of(live, doubtful);
    for (std::span<std::int64_t const> left{fids}; !left.empty();) {
        auto const some = left.first(std::min(rows_a_statement, left.size()));
        for (auto const& feature : store.by_fids(view.collection, some, policy)) {
            auto const row = live.run->find(feature.fid);
            if (row && evaluation.exact(*row, feature.geometry)) matching.push_back(*row);
        }
        left = left.subspan(some.size());
    }
    return matching;
}

} // namespace

std::vector<std::uint32_t> seen_rows(LiveRun const& live, std::optional<geo::Box> const& around,
                                     geo::Policy const& policy) {
    Visibility const sees{live, policy};
    std::vector<std::uint32_t> rows;
    if (around) {
        live.run->index.search(tiles::mirror::grid_around(*around), [&](std::size_t row) {
            if (sees(row)) rows.push_back(std::uint32_t(row));
        });
        return rows;
    }
    rows.resize(live.run->size());
    std::size_t kept = 0;
    for (std::uint32_t row = 0; row < rows.size(); ++row) {
        rows[kept] = row;
        kept += sees(row) ? 1 : 0;
    }
    rows.resize(kept);
    return rows;
}

void keep_period(tiles::mirror::LiveRun const& live, geo::Period const& period,
                 std::vector<std::uint32_t>& rows) {
    if (live.run->periods.empty()) return;
    std::erase_if(rows, [&](std::uint32_t row) { return !live.run->periods[row].meets(period); });
}

void keep_matching(View const& view, data::postgis::FeatureStore const& store, LiveRun const& live,
                   geo::filter::Filter const& filter, std::vector<std::uint32_t>& rows,
                   geo::Policy const& policy) {
    if (rows.empty()) return;
    tiles::mirror::RunColumns const columns{live.run};
    Evaluation const evaluation{filter, columns, rows.size()};
    std::array<Answer, rows_at_once> answers{};
    std::vector<std::uint32_t> doubtful;
    std::size_t kept = 0;
    bool const every = rows.size() == live.run->size();
    for (std::size_t first = 0; first < rows.size(); first += rows_at_once) {
        auto const count = std::min(rows_at_once, rows.size() - first);
        auto const asked = std::span{answers}.first(count);
        if (every)
            evaluation.range(first, asked);
        else
            evaluation.rows(std::span{rows}.subspan(first, count), asked);
        for (std::size_t i = 0; i < count; ++i) {
            if (answers[i] == Answer::doubtful) doubtful.push_back(rows[first + i]);
            if (answers[i] == Answer::yes) rows[kept++] = rows[first + i];
        }
    }
    rows.resize(kept);
    if (doubtful.empty()) return;
    auto const matching = settled(view, store, live, evaluation, doubtful, policy);
    rows.insert(rows.end(), matching.begin(), matching.end());
    std::ranges::sort(rows);
}

std::vector<ChosenRows> choose_rows(View const& view, data::postgis::FeatureStore const& store,
                                    Choice const& choice, geo::Policy const& policy) {
    std::vector<ChosenRows> chosen;
    auto const bounds = choice.filter ? choice.filter->bounds() : std::nullopt;
    for (auto const& live : view.layer->runs()) {
        auto rows = choice.boxes.empty() ? seen_rows(live, bounds, policy)
                                         : rows_in_boxes(view, store, live, choice.boxes, policy);
        if (choice.period) keep_period(live, *choice.period, rows);
        if (choice.filter) keep_matching(view, store, live, *choice.filter, rows, policy);
        if (!rows.empty()) chosen.push_back({live, std::move(rows)});
    }
    return chosen;
}

} // namespace diaban::services::domain
