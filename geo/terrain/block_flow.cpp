#include "geo/terrain/block_flow.hpp"

#include "geo/error.hpp"

#include <algorithm>
#include <string>

namespace diaban::geo::terrain {

namespace {

constexpr std::array<bool, 256> codes = [] {
    std::array<bool, 256> known{};
    known[outlet] = known[unknown] = true;
    for (auto const& step : steps) known[step.code] = true;
    return known;
}();

} // namespace

BlockFlow::BlockFlow(raster::Shape shape, std::span<Direction const> directions,
                     raster::Window const& window)
    : m_window{window}, m_stride{window.columns + 2},
      m_directions(std::size_t(window.columns + 2) * std::size_t(window.rows + 2), unknown) {
    for (auto const& step : steps) m_offset[step.code] = step.row * m_stride + step.column;
    load(shape, directions);
}

void BlockFlow::load(raster::Shape shape, std::span<Direction const> directions) {
    auto const note_beyond = [&](std::int32_t column, std::int32_t row) {
        auto const x = m_window.column + column;
        auto const y = m_window.row + row;
        if (shape.holds(x, y) && directions[shape.index(x, y)] != unknown)
            m_directions[place(column, row)] = beyond;
    };
    for (std::int32_t row = -1; row <= m_window.rows; ++row) {
        note_beyond(-1, row);
        note_beyond(m_window.columns, row);
    }
    for (std::int32_t column = 0; column < m_window.columns; ++column) {
        note_beyond(column, -1);
        note_beyond(column, m_window.rows);
    }
    for (std::int32_t row = 0; row < m_window.rows; ++row) {
        auto const from = directions.subspan(shape.index(m_window.column, m_window.row + row),
                                             std::size_t(m_window.columns));
        auto const bad = std::ranges::find_if(from, [](Direction code) { return !codes[code]; });
        if (bad != from.end())
            throw Error{Code::bad_input,
                        "bad-direction",
                        {{"column", std::to_string(m_window.column + (bad - from.begin()))},
                         {"row", std::to_string(m_window.row + row)},
                         {"code", std::to_string(*bad)},
                         {"accepted", "0, 1, 2, 4, 8, 16, 32, 64, 128, 255"}}};
        std::ranges::copy(from, m_directions.begin() + place(0, row));
    }
}

void refuse_circle(std::int32_t column, std::int32_t row) {
    throw Error{Code::bad_input,
                "circular-flow",
                {{"column", std::to_string(column)}, {"row", std::to_string(row)}}};
}

void refuse_circle_through(raster::Blocks const& blocks, raster::Rims const& rims,
                           std::uint32_t at) {
    std::size_t block = 0;
    while (rims.begin(block + 1) <= at) ++block;
    auto const w = blocks.at(block);
    raster::Cell found;
    raster::around(w, [&](std::int32_t column, std::int32_t row) {
        if (rims.id(block, w, column, row) == at) found = {w.column + column, w.row + row};
    });
    refuse_circle(found.column, found.row);
}

} // namespace diaban::geo::terrain
