#pragma once

#include "geo/feature.hpp"
#include "tiles/mirror/layer.hpp"
#include "tiles/mirror/rows.hpp"
#include "tiles/mirror/run.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace diaban::tiles::mirror {

/// Rows that go into a run, wherever they lie now: as they arrived, or in a run of their own, of
/// which the dead stay behind. Borrowed.
struct Part {
    struct Values {
        std::span<std::uint32_t const> codes;  ///< by row; 0 is null
        std::span<std::uint32_t const> places; ///< by code; empty: the code less one
        Texts texts;
    };

    explicit Part(Rows const& rows);
    explicit Part(LiveRun const& live);

    [[nodiscard]] bool is_located(std::size_t row) const noexcept {
        return row < boxes.size() && !boxes[row].empty();
    }
    [[nodiscard]] bool is_alive(std::size_t row) const noexcept {
        return live == nullptr || live->is_alive(row);
    }

    LiveRun const* live = nullptr;
    std::span<std::int64_t const> fids;
    std::span<std::uint32_t const> classes;
    std::span<geo::Period const> periods; ///< empty where all are open
    std::span<std::uint8_t const> safe_zooms;
    std::span<GridBox const> boxes;
    std::span<std::uint32_t const> path_begin;
    std::span<std::uint32_t const> point_begin;
    std::span<GridPoint const> points;
    std::span<GridPoint const> labels;
    std::span<double const> measures;
    std::vector<Values> columns;
    std::span<RowClass const> class_table;
};

/// One run of all living rows of `parts`, which are of one schema and share no fid.
///
/// Memory   the run, and about 24 bytes a row while it is made.
/// Cost     sorting the rows and copying their points; on `threads` threads.
[[nodiscard]] std::shared_ptr<Run const> gather(std::shared_ptr<geo::Schema const> schema,
                                                std::vector<Part> const& parts, unsigned threads);

} // namespace diaban::tiles::mirror
