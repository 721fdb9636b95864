#include "services/domain/filtered.hpp"

#include "tiles/mirror/run_columns.hpp"
#include "tiles/mirror/visibility.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <unordered_map>

namespace diaban::services::domain {

namespace {

using geo::filter::Answer;
using geo::filter::Evaluation;
using tiles::mirror::LiveRun;
using tiles::mirror::RunColumns;
using tiles::mirror::Visibility;

/// Rows that are asked about at once.
constexpr std::size_t rows_at_once = 4096;
/// Shapes of doubtful rows are read by several statements, each well within the statement timeout.
constexpr std::size_t rows_a_statement = 1000;

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

/// Asks a filter of one run after the other.
class Search {
public:
    Search(View const& view, data::postgis::FeatureStore const& store,
           geo::filter::Filter const& filter, std::optional<std::vector<std::int64_t>> const& among,
           geo::Policy const& policy)
        : m_view{view}, m_store{store}, m_filter{filter}, m_among{among}, m_policy{policy} {}

    void every_row(LiveRun const& live) {
        RunColumns const columns{live.run};
        Evaluation const evaluation{m_filter, columns, columns.rows()};
        Visibility const sees{live, m_policy};
        for (std::size_t first = 0; first < columns.rows(); first += rows_at_once) {
            auto const count = std::min(rows_at_once, columns.rows() - first);
            evaluation.range(first, std::span{m_answers}.first(count));
            for (std::size_t i = 0; i < count; ++i) take(live, sees, first + i, m_answers[i]);
        }
        settle(evaluation);
    }

    void rows_in(LiveRun const& live, std::span<geo::Box const> windows) {
        Visibility const sees{live, m_policy};
        std::vector<std::uint32_t> rows;
        for (auto const& window : windows)
            live.run->index.search(tiles::mirror::grid_around(window), [&](std::size_t row) {
                if (sees(row)) rows.push_back(std::uint32_t(row));
            });
        if (rows.empty()) return;
        std::ranges::sort(rows);
        rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
        RunColumns const columns{live.run};
        Evaluation const evaluation{m_filter, columns, rows.size()};
        for (std::span<std::uint32_t const> left{rows}; !left.empty();) {
            auto const some = left.first(std::min(rows_at_once, left.size()));
            evaluation.rows(some, std::span{m_answers}.first(some.size()));
            for (std::size_t i = 0; i < some.size(); ++i) take(live, sees, some[i], m_answers[i]);
            left = left.subspan(some.size());
        }
        settle(evaluation);
    }

    [[nodiscard]] std::vector<std::int64_t> found() && {
        std::ranges::sort(m_found);
        return std::move(m_found);
    }

private:
    void take(LiveRun const& live, Visibility const& sees, std::size_t row, Answer answer) {
        if (answer == Answer::no || !sees(row)) return;
        auto const fid = live.run->fids[row];
        if (m_among && !std::ranges::binary_search(*m_among, fid)) return;
        if (answer == Answer::yes)
            m_found.push_back(fid);
        else
            m_doubtful.emplace(fid, row);
    }

    /// Decides what this run left in doubt. A row that is gone from the record by now is not found.
    void settle(Evaluation const& evaluation) {
        std::vector<std::int64_t> fids;
        for (auto const& [fid, row] : m_doubtful) fids.push_back(fid);
        std::ranges::sort(fids);
        for (std::span<std::int64_t const> left{fids}; !left.empty();) {
            auto const some = left.first(std::min(rows_a_statement, left.size()));
            for (auto const& feature : m_store.by_fids(m_view.collection, some, m_policy))
                if (evaluation.exact(m_doubtful.at(feature.fid), feature.geometry))
                    m_found.push_back(feature.fid);
            left = left.subspan(some.size());
        }
        m_doubtful.clear();
    }

    View const& m_view;
    data::postgis::FeatureStore const& m_store;
    geo::filter::Filter const& m_filter;
    std::optional<std::vector<std::int64_t>> const& m_among;
    geo::Policy const& m_policy;
    std::array<Answer, rows_at_once> m_answers{};
    std::vector<std::int64_t> m_found;
    std::unordered_map<std::int64_t, std::size_t> m_doubtful; // row by fid
};

} // namespace

std::vector<std::int64_t> fids_of_filter(View const& view, data::postgis::FeatureStore const& store,
                                         geo::filter::Filter const& filter,
                                         std::vector<geo::Box> const& boxes,
                                         std::optional<std::vector<std::int64_t>> const& among,
                                         geo::Policy const& policy) {
    Search search{view, store, filter, among, policy};
    auto const windows = windows_of(filter, boxes);
    for (auto const& live : view.layer->runs()) {
        if (windows)
            search.rows_in(live, *windows);
        else
            search.every_row(live);
    }
    return std::move(search).found();
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
