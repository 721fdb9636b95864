#include "services/domain/filtered.hpp"

#include "services/domain/chosen.hpp"
#include "tiles/mirror/run_columns.hpp"

#include <algorithm>

namespace diaban::services::domain {

namespace {

using geo::filter::Answer;
using geo::filter::Evaluation;
using tiles::mirror::LiveRun;
using tiles::mirror::RunColumns;

/// Where to look: boxes to search, or nothing for every row.
std::optional<std::vector<geo::Box>> windows_of(geo::filter::Filter const& filter,
                                                std::vector<geo::Box> const& boxes) {
    auto const& bounds = filter.bounds();
    if (!bounds) return boxes.empty() ? std::nullopt : std::optional{boxes};
    if (boxes.empty()) return std::vector{*bounds};
    std::vector<geo::Box> windows;
    for (auto const& box : boxes) {
        geo::Box const both{std::max(box.min_x, bounds->min_x), std::max(box.min_y, bounds->min_y),
                            std::min(box.max_x, bounds->max_x), std::min(box.max_y, bounds->max_y)};
        if (!both.empty()) windows.push_back(both);
    }
    return windows;
}

std::vector<std::uint32_t> rows_near(LiveRun const& live,
                                     std::optional<std::vector<geo::Box>> const& windows,
                                     geo::Policy const& policy) {
    if (!windows) return seen_rows(live, std::nullopt, policy);
    std::vector<std::uint32_t> rows;
    for (auto const& window : *windows) {
        auto const some = seen_rows(live, window, policy);
        rows.insert(rows.end(), some.begin(), some.end());
    }
    std::ranges::sort(rows);
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    return rows;
}

} // namespace

std::vector<std::int64_t> fids_of_filter(View const& view, data::postgis::FeatureStore const& store,
                                         geo::filter::Filter const& filter,
                                         std::vector<geo::Box> const& boxes,
                                         std::optional<std::vector<std::int64_t>> const& among,
                                         geo::Policy const& policy) {
    auto const windows = windows_of(filter, boxes);
    std::vector<std::int64_t> fids;
    for (auto const& live : view.layer->runs()) {
        auto rows = rows_near(live, windows, policy);
        if (among)
            std::erase_if(rows, [&](std::uint32_t row) {
                return !std::ranges::binary_search(*among, live.run->fids[row]);
            });
        keep_matching(view, store, live, filter, rows, policy);
        for (auto const row : rows) fids.push_back(live.run->fids[row]);
    }
    std::ranges::sort(fids);
    return fids;
}

tiles::RowChoice choice_of(geo::filter::Filter filter) {
    return [filter = std::move(filter)](LiveRun const& live, std::vector<std::uint32_t>& rows) {
        RunColumns const columns{live.run};
        Evaluation const evaluation{filter, columns, rows.size()};
        std::vector<Answer> answers(rows.size());
        evaluation.rows(rows, answers);
        geo::Geometry shape;
        std::size_t kept = 0;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            bool shown = answers[i] == Answer::yes;
            if (answers[i] == Answer::doubtful) {
                columns.geometry(rows[i], shape);
                shown = evaluation.exact(rows[i], shape);
            }
            if (shown) rows[kept++] = rows[i];
        }
        rows.resize(kept);
    };
}

} // namespace diaban::services::domain
