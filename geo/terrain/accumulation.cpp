#include "geo/terrain/block_flow.hpp"
#include "geo/terrain/drainage.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

namespace diaban::geo::terrain {

namespace {

using raster::Blocks;
using raster::Rims;
using raster::Shape;

constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

/// What is known of the cells on the rims of all blocks, by their numbers.
template <typename Sum>
struct RimFlow {
    explicit RimFlow(std::uint32_t size)
        : leaves_at(size, none), enters_at(size, none), outflow(size, 0), inflow(size, 0) {}

    std::vector<std::uint32_t> leaves_at; ///< where water that enters here leaves the block again
    std::vector<std::uint32_t> enters_at; ///< the cell of another block that this one drains to
    std::vector<Sum> outflow;             ///< what leaves here
    std::vector<Sum> inflow;              ///< what other blocks bring
};

/// Sums down the flow of one block. `sums` holds each cell's own share on entry.
template <typename Sum>
void run_down(BlockFlow const& flow, std::vector<Sum>& sums) {
    auto const& w = flow.window();
    std::vector<std::uint8_t> donors(flow.frame_cells(), 0);
    auto const each = [&](auto&& visit) {
        for (std::int32_t row = 0; row < w.rows; ++row)
            for (std::int32_t column = 0; column < w.columns; ++column)
                if (auto const at = flow.place(column, row); flow.known(at)) visit(at);
    };
    std::size_t waiting = 0;
    each([&](std::uint32_t at) {
        ++waiting;
        if (auto const to = flow.target(at); to != at) ++donors[to];
    });
    constexpr std::uint8_t done = 255;
    each([&](std::uint32_t at) {
        while (donors[at] == 0) {
            donors[at] = done;
            --waiting;
            auto const to = flow.target(at);
            if (flow.goes(at, to) != BlockFlow::Goes::on) break;
            sums[to] += sums[at];
            if (--donors[to] != 0) break;
            at = to;
        }
    });
    if (waiting == 0) return;
    each([&](std::uint32_t at) {
        auto const cell = flow.cell(at);
        if (donors[at] != done) refuse_circle(w.column + cell.column, w.row + cell.row);
    });
}

/// Adds up what crosses the borders of blocks, downstream from where nothing comes in. Returns a
/// cell whose water returns to it, if there is one.
template <typename Sum>
std::optional<std::uint32_t> join(RimFlow<Sum>& rim) {
    auto const size = std::uint32_t(rim.outflow.size());
    auto const next = [&](std::uint32_t from) { return rim.leaves_at[rim.enters_at[from]]; };
    std::vector<std::uint32_t> donors(size, 0);
    for (std::uint32_t i = 0; i < size; ++i)
        if (rim.enters_at[i] != none && next(i) != none) ++donors[next(i)];
    std::vector<std::uint32_t> ready;
    for (std::uint32_t i = 0; i < size; ++i)
        if (rim.enters_at[i] != none && donors[i] == 0) ready.push_back(i);
    while (!ready.empty()) {
        auto const from = ready.back();
        ready.pop_back();
        rim.inflow[rim.enters_at[from]] += rim.outflow[from];
        auto const to = next(from);
        if (to == none) continue;
        rim.outflow[to] += rim.outflow[from];
        if (--donors[to] == 0) ready.push_back(to);
    }
    auto const left = std::ranges::find_if(donors, [](std::uint32_t count) { return count != 0; });
    if (left == donors.end()) return {};
    return std::uint32_t(left - donors.begin());
}

/// `own(i)` is the share of cell i.
template <typename Sum, typename Own>
void accumulate_all(Shape shape, std::span<Direction const> directions, Own&& own,
                    std::span<Sum> sums, unsigned threads, std::int32_t block_side) {
    Blocks const blocks{shape, block_side};
    Rims const rims{blocks};
    RimFlow<Sum> rim{rims.size()};
    auto const shares = [&](BlockFlow const& flow) {
        auto const& w = flow.window();
        std::vector<Sum> local(flow.frame_cells(), Sum{0});
        for (std::int32_t row = 0; row < w.rows; ++row)
            for (std::int32_t column = 0; column < w.columns; ++column)
                if (auto const at = flow.place(column, row); flow.known(at))
                    local[at] = own(shape.index(w.column + column, w.row + row));
        return local;
    };
    in_parallel(blocks.size(), threads, [&](std::size_t b) {
        if (blocks.size() == 1) return;
        BlockFlow const flow{shape, directions, blocks.at(b)};
        auto local = shares(flow);
        run_down(flow, local);
        Walk crossings{flow, [](std::uint32_t) { return false; }};
        raster::around(flow.window(), [&](std::int32_t column, std::int32_t row) {
            auto const at = flow.place(column, row);
            if (!flow.known(at)) return;
            auto const id = rims.id(b, flow.window(), column, row);
            auto const to = flow.target(at);
            if (flow.goes(at, to) == BlockFlow::Goes::out) {
                auto const entered = flow.cell(to);
                rim.enters_at[id] =
                    rims.id(flow.window().column + entered.column, flow.window().row + entered.row);
                rim.outflow[id] = local[at];
            }
            if (auto const exit = crossings.end(at); exit != crossings.nowhere) {
                auto const left = flow.cell(exit);
                rim.leaves_at[id] = rims.id(b, flow.window(), left.column, left.row);
            }
        });
    });
    if (auto const at = join(rim)) refuse_circle_through(blocks, rims, *at);
    in_parallel(blocks.size(), threads, [&](std::size_t b) {
        BlockFlow const flow{shape, directions, blocks.at(b)};
        auto const& w = flow.window();
        auto local = shares(flow);
        raster::around(w, [&](std::int32_t column, std::int32_t row) {
            local[flow.place(column, row)] += rim.inflow[rims.id(b, w, column, row)];
        });
        run_down(flow, local);
        for (std::int32_t row = 0; row < w.rows; ++row)
            std::copy_n(local.begin() + flow.place(0, row), w.columns,
                        sums.begin() + std::ptrdiff_t(shape.index(w.column, w.row + row)));
    });
}

} // namespace

void accumulate(Shape shape, std::span<Direction const> directions, std::span<std::uint32_t> cells,
                unsigned threads, std::int32_t block_side) {
    accumulate_all(
        shape, directions, [](std::size_t) { return std::uint32_t{1}; }, cells, threads,
        block_side);
}

void accumulate(Shape shape, std::span<Direction const> directions, std::span<float const> weights,
                std::span<double> sums, unsigned threads, std::int32_t block_side) {
    accumulate_all(
        shape, directions, [&](std::size_t i) { return double(weights[i]); }, sums, threads,
        block_side);
}

} // namespace diaban::geo::terrain
