#pragma once

#include "geo/raster/blocks.hpp"
#include "geo/terrain/d8.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace diaban::geo::terrain {

/// The directions of one block, in a frame one cell wider on every side, and where each cell's
/// water goes. What accumulation and what is carried upstream have in common.
class BlockFlow {
public:
    enum class Goes : std::uint8_t {
        on,   ///< to another cell of the block
        out,  ///< to a cell of another block
        away, ///< out of the grid, or into what has no data
    };

    /// Throws    Error{bad_input, "bad-direction"}.
    BlockFlow(raster::Shape shape, std::span<Direction const> directions,
              raster::Window const& window);

    [[nodiscard]] raster::Window const& window() const noexcept { return m_window; }
    [[nodiscard]] std::size_t frame_cells() const noexcept { return m_directions.size(); }
    [[nodiscard]] std::uint32_t place(std::int32_t column, std::int32_t row) const noexcept {
        return std::uint32_t((row + 1) * m_stride + column + 1);
    }
    /// Column and row within the block.
    [[nodiscard]] raster::Cell cell(std::uint32_t place) const noexcept {
        auto const stride = std::uint32_t(m_stride);
        return {std::int32_t(place % stride) - 1, std::int32_t(place / stride) - 1};
    }
    [[nodiscard]] bool known(std::uint32_t place) const noexcept {
        return m_directions[place] < beyond;
    }
    /// The place that water flows to; itself at an outlet.
    [[nodiscard]] std::uint32_t target(std::uint32_t place) const noexcept {
        return std::uint32_t(std::int32_t(place) + m_offset[m_directions[place]]);
    }
    [[nodiscard]] Goes goes(std::uint32_t place, std::uint32_t target) const noexcept {
        if (target == place || m_directions[target] == unknown) return Goes::away;
        return m_directions[target] == beyond ? Goes::out : Goes::on;
    }

private:
    /// In the frame: a cell of another block. A code within the block is below this, or unknown.
    static constexpr Direction beyond = 254;

    void load(raster::Shape shape, std::span<Direction const> directions);

    raster::Window m_window;
    std::int32_t m_stride;
    std::array<std::int32_t, 256> m_offset{};
    std::vector<Direction> m_directions;
};

/// Throws    Error{bad_input, "circular-flow"} that names a cell.
[[noreturn]] void refuse_circle(std::int32_t column, std::int32_t row);
/// The same of the cell on the rim of a block that has the number `at`.
[[noreturn]] void refuse_circle_through(raster::Blocks const& blocks, raster::Rims const& rims,
                                        std::uint32_t at);

/// Walks down the flow of a block and remembers how it went, so that no cell is passed twice.
/// `stops(place)` says where a walk ends before the block does.
template <typename Stops>
class Walk {
public:
    static constexpr std::uint32_t nowhere = 0xffffffffU;

    Walk(BlockFlow const& flow, Stops stops)
        : m_flow{flow}, m_stops{std::move(stops)}, m_end(flow.frame_cells(), unasked) {}

    /// The place at which water from `at` stops or leaves the block; `nowhere` where it drains
    /// away.
    /// Throws    Error{bad_input, "circular-flow"}.
    std::uint32_t end(std::uint32_t at) {
        m_path.clear();
        auto here = at;
        while (m_end[here] >= under_way && m_end[here] != nowhere) {
            if (m_end[here] == under_way) {
                auto const cell = m_flow.cell(here);
                refuse_circle(m_flow.window().column + cell.column, m_flow.window().row + cell.row);
            }
            m_end[here] = under_way;
            m_path.push_back(here);
            auto const to = m_flow.target(here);
            auto const goes = m_flow.goes(here, to);
            if (m_stops(here) || goes == BlockFlow::Goes::out)
                m_end[here] = here;
            else if (goes == BlockFlow::Goes::away)
                m_end[here] = nowhere;
            else
                here = to;
        }
        auto const end = m_end[here];
        for (auto const passed : m_path) m_end[passed] = end;
        return end;
    }

private:
    static constexpr std::uint32_t unasked = nowhere - 1;
    static constexpr std::uint32_t under_way = nowhere - 2;

    BlockFlow const& m_flow;
    Stops m_stops;
    std::vector<std::uint32_t> m_end;
    std::vector<std::uint32_t> m_path;
};

} // namespace diaban::geo::terrain
