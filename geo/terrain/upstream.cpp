#include "geo/terrain/block_flow.hpp"
#include "geo/terrain/drainage.hpp"

#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace diaban::geo::terrain {

namespace {

using raster::Blocks;
using raster::Rims;
using raster::Shape;

constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

/// What is known of the cells on the rims of all blocks, by their numbers: the value that water
/// from there meets, or where it crosses into another block before it meets one.
template <typename Value>
struct RimValues {
    RimValues(std::uint32_t size, Value nothing)
        : value(size, nothing), leaves_at(size, none), enters_at(size, none) {}

    std::vector<Value> value;
    std::vector<std::uint32_t> leaves_at;
    std::vector<std::uint32_t> enters_at; ///< by the cell where water leaves
};

/// Carries values across the borders of blocks to the cells where water leaves them. Returns a cell
/// whose water returns to it, if there is one.
template <typename Value>
std::optional<std::uint32_t> join(RimValues<Value>& rim) {
    enum : char { unasked, under_way, settled };
    std::vector<char> state(rim.value.size(), unasked);
    std::vector<std::uint32_t> path;
    for (std::uint32_t start = 0; start < rim.value.size(); ++start) {
        if (rim.enters_at[start] == none) continue;
        path.clear();
        auto here = start;
        while (state[here] == unasked) {
            state[here] = under_way;
            path.push_back(here);
            auto const entered = rim.enters_at[here];
            auto const next = rim.leaves_at[entered];
            if (next == none) {
                rim.value[here] = rim.value[entered];
                state[here] = settled;
            } else {
                here = next;
            }
        }
        if (state[here] == under_way) return here;
        for (auto const passed : path) {
            rim.value[passed] = rim.value[here];
            state[passed] = settled;
        }
    }
    return {};
}

/// Tells each cell of the grid the first value that its water meets.
template <typename Value, typename Own>
class Carrier {
public:
    /// `own.is_source(i)`: whether cell i has a value, `own.value(i)`. Cells whose water meets none
    /// are told `nothing`.
    Carrier(Shape shape, std::span<Direction const> directions, Own own, Value nothing,
            std::int32_t block_side)
        : m_shape{shape}, m_directions{directions}, m_own{std::move(own)}, m_nothing{nothing},
          m_blocks{shape, block_side}, m_rims{m_blocks}, m_rim{m_rims.size(), nothing} {}

    /// Calls `meet(i, value)` once for each cell i. It may give cells values that they are told.
    template <typename Meet>
    void run(unsigned threads, Meet&& meet) {
        in_parallel(m_blocks.size(), threads, [&](std::size_t b) {
            if (m_blocks.size() > 1) look_at_rim(b);
        });
        if (auto const at = join(m_rim)) refuse_circle_through(m_blocks, m_rims, *at);
        in_parallel(m_blocks.size(), threads, [&](std::size_t b) { settle(b, meet); });
    }

private:
    [[nodiscard]] std::size_t index(BlockFlow const& flow, std::uint32_t place) const noexcept {
        auto const cell = flow.cell(place);
        return m_shape.index(flow.window().column + cell.column, flow.window().row + cell.row);
    }
    [[nodiscard]] auto walk(BlockFlow const& flow) const {
        return Walk{flow, [this, &flow](std::uint32_t place) {
                        return m_own.is_source(index(flow, place));
                    }};
    }
    void look_at_rim(std::size_t b) {
        BlockFlow const flow{m_shape, m_directions, m_blocks.at(b)};
        auto walk = this->walk(flow);
        auto const& w = flow.window();
        raster::around(w, [&](std::int32_t column, std::int32_t row) {
            auto const at = flow.place(column, row);
            if (!flow.known(at)) return;
            auto const id = m_rims.id(b, w, column, row);
            auto const end = walk.end(at);
            if (end == walk.nowhere) return;
            if (m_own.is_source(index(flow, end))) {
                m_rim.value[id] = m_own.value(index(flow, end));
                return;
            }
            auto const left = flow.cell(end);
            m_rim.leaves_at[id] = m_rims.id(b, w, left.column, left.row);
            if (end != at) return;
            auto const entered = flow.cell(flow.target(at));
            m_rim.enters_at[id] = m_rims.id(w.column + entered.column, w.row + entered.row);
        });
    }
    template <typename Meet>
    void settle(std::size_t b, Meet&& meet) {
        BlockFlow const flow{m_shape, m_directions, m_blocks.at(b)};
        auto walk = this->walk(flow);
        auto const& w = flow.window();
        for (std::int32_t row = 0; row < w.rows; ++row) {
            for (std::int32_t column = 0; column < w.columns; ++column) {
                auto const at = flow.place(column, row);
                auto const cell = m_shape.index(w.column + column, w.row + row);
                auto const end = flow.known(at) ? walk.end(at) : walk.nowhere;
                if (end == walk.nowhere) {
                    meet(cell, m_nothing);
                    continue;
                }
                auto const stop = index(flow, end);
                auto const left = flow.cell(end);
                meet(cell, m_own.is_source(stop)
                               ? m_own.value(stop)
                               : m_rim.value[m_rims.id(b, w, left.column, left.row)]);
            }
        }
    }

    Shape m_shape;
    std::span<Direction const> m_directions;
    Own m_own;
    Value m_nothing;
    Blocks m_blocks;
    Rims m_rims;
    RimValues<Value> m_rim;
};

/// Streams whose value is the ground's.
struct StreamLevel {
    std::span<float const> ground;
    std::span<std::uint8_t const> streams;
    [[nodiscard]] bool is_source(std::size_t cell) const noexcept { return streams[cell] != 0; }
    [[nodiscard]] float value(std::size_t cell) const noexcept { return ground[cell]; }
};

struct Numbers {
    std::span<std::uint32_t const> values;
    [[nodiscard]] bool is_source(std::size_t cell) const noexcept { return values[cell] != 0; }
    [[nodiscard]] std::uint32_t value(std::size_t cell) const noexcept { return values[cell]; }
};

} // namespace

void carry_upstream(Shape shape, std::span<Direction const> directions,
                    std::span<std::uint32_t> values, unsigned threads, std::int32_t block_side) {
    Carrier carrier{shape, directions, Numbers{values}, std::uint32_t{0}, block_side};
    carrier.run(threads, [&](std::size_t cell, std::uint32_t value) { values[cell] = value; });
}

void height_above_drainage(Shape shape, std::span<float const> ground,
                           std::span<Direction const> directions,
                           std::span<std::uint8_t const> streams, std::span<float> height,
                           unsigned threads, std::int32_t block_side) {
    Carrier carrier{shape, directions, StreamLevel{ground, streams}, raster::no_data, block_side};
    carrier.run(threads,
                [&](std::size_t cell, float level) { height[cell] = ground[cell] - level; });
}

} // namespace diaban::geo::terrain
