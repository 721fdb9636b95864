#include "geo/landuse/sample_draw.hpp"

#include "geo/error.hpp"

#include <algorithm>
#include <random>
#include <set>

namespace diaban::geo::landuse {

namespace {

constexpr std::int32_t strip_rows = 64;

/// Calls `visit(row, labels)` for each row, from north to south.
template <typename Visit>
void each_row(raster::Frame const& frame, LabelReader const& reader, Progress const& progress,
              Visit&& visit) {
    auto const& shape = frame.shape;
    std::vector<Label> cells;
    for (std::int32_t top = 0; top < shape.rows; top += strip_rows) {
        auto const rows = std::min(strip_rows, shape.rows - top);
        raster::Window const window{0, top, shape.columns, rows};
        cells.resize(window.shape().cells());
        reader(window, cells);
        auto const columns = std::size_t(shape.columns);
        for (std::int32_t row = 0; row < rows; ++row)
            visit(top + row,
                  std::span<Label const>{cells}.subspan(std::size_t(row) * columns, columns));
        if (progress && !progress(std::uint64_t(top + rows), std::uint64_t(shape.rows)))
            throw Error{Code::unavailable, "stopped"};
    }
}

/// `count` different numbers below `of`.
std::set<std::uint64_t> drawn_below(std::uint64_t of, std::uint64_t count,
                                    std::mt19937_64& random) {
    std::set<std::uint64_t> drawn;
    for (auto last = of - std::min(of, count); last < of; ++last) {
        std::uniform_int_distribution<std::uint64_t> any{0, last};
        if (!drawn.insert(any(random)).second) drawn.insert(last);
    }
    return drawn;
}

} // namespace

std::map<Label, std::uint64_t> count_labels(raster::Frame const& frame, LabelReader const& reader,
                                            Progress const& progress) {
    std::vector<std::uint64_t> counts(std::size_t(unknown) + 1, 0);
    each_row(frame, reader, progress, [&](std::int32_t, std::span<Label const> labels) {
        for (auto const label : labels) ++counts[label];
    });
    std::map<Label, std::uint64_t> found;
    for (std::size_t label = 0; label < counts.size(); ++label)
        if (counts[label] > 0) found.emplace(Label(label), counts[label]);
    return found;
}

std::vector<DrawnCell> draw_cells(raster::Frame const& frame, LabelReader const& reader,
                                  std::map<Label, std::uint64_t> const& there,
                                  std::map<Label, std::uint64_t> const& wanted, std::uint64_t seed,
                                  Progress const& progress) {
    std::mt19937_64 random{seed};
    std::vector<std::vector<std::uint64_t>> places(std::size_t(unknown) + 1);
    for (auto const& [label, count] : wanted)
        if (auto const at = there.find(label); at != there.end()) {
            auto const drawn = drawn_below(at->second, count, random);
            places[label].assign(drawn.rbegin(), drawn.rend()); // the next one is the last
        }
    std::vector<std::uint64_t> passed(places.size(), 0);
    std::vector<DrawnCell> found;
    each_row(frame, reader, progress, [&](std::int32_t row, std::span<Label const> labels) {
        for (std::size_t column = 0; column < labels.size(); ++column) {
            auto const label = labels[column];
            auto& next = places[label];
            if (!next.empty() && next.back() == passed[label]) {
                found.push_back({label, {std::int32_t(column), row}});
                next.pop_back();
            }
            ++passed[label];
        }
    });
    return found;
}

} // namespace diaban::geo::landuse
