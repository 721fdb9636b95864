#include "geo/terrain/streams.hpp"

#include "geo/terrain/block_flow.hpp"
#include "geo/terrain/drainage.hpp"

#include <algorithm>
#include <unordered_map>

namespace diaban::geo::terrain {

namespace {

using raster::Shape;

constexpr std::uint32_t nowhere = 0xffffffffU;

/// Streams as a graph of cells.
class StreamCells {
public:
    StreamCells(Shape shape, std::span<Direction const> directions,
                std::span<std::uint8_t const> streams)
        : m_shape{shape}, m_directions{directions}, m_streams{streams}, m_donors(shape.cells(), 0) {
        for (std::uint32_t cell = 0; cell < shape.cells(); ++cell) {
            if (!is_stream(cell)) continue;
            ++m_count;
            if (auto const to = next(cell); to != nowhere) ++m_donors[to];
        }
    }

    [[nodiscard]] bool is_stream(std::uint32_t cell) const noexcept {
        return m_streams[cell] != 0 && m_directions[cell] != unknown;
    }
    /// The stream cell that a cell flows to.
    [[nodiscard]] std::uint32_t next(std::uint32_t cell) const noexcept {
        auto const columns = std::uint32_t(m_shape.columns);
        for (auto const& step : steps) {
            if (step.code != m_directions[cell]) continue;
            auto const x = std::int32_t(cell % columns) + step.column;
            auto const y = std::int32_t(cell / columns) + step.row;
            if (!m_shape.holds(x, y)) return nowhere;
            auto const to = std::uint32_t(m_shape.index(x, y));
            return is_stream(to) ? to : nowhere;
        }
        return nowhere;
    }
    [[nodiscard]] bool starts_link(std::uint32_t cell) const noexcept {
        return is_stream(cell) && m_donors[cell] != 1;
    }
    [[nodiscard]] std::size_t count() const noexcept { return m_count; }

private:
    Shape m_shape;
    std::span<Direction const> m_directions;
    std::span<std::uint8_t const> m_streams;
    std::vector<std::uint8_t> m_donors;
    std::size_t m_count = 0;
};

/// Orders of all links, from the springs downstream.
void give_orders(std::vector<StreamLink>& links) {
    std::vector<std::uint32_t> waits_for(links.size(), 0);
    for (auto const& link : links)
        if (link.downstream) ++waits_for[*link.downstream];
    std::vector<int> highest(links.size(), 0);
    std::vector<int> times(links.size(), 0);
    std::vector<std::uint32_t> ready;
    for (std::uint32_t i = 0; i < links.size(); ++i)
        if (waits_for[i] == 0) ready.push_back(i);
    while (!ready.empty()) {
        auto const here = ready.back();
        ready.pop_back();
        auto& link = links[here];
        if (highest[here] > 0) link.order = highest[here] + (times[here] > 1 ? 1 : 0);
        if (!link.downstream) continue;
        auto const there = *link.downstream;
        if (link.order > highest[there]) {
            highest[there] = link.order;
            times[there] = 1;
        } else if (link.order == highest[there]) {
            ++times[there];
        }
        if (--waits_for[there] == 0) ready.push_back(there);
    }
}

} // namespace

void mark_streams(std::span<std::uint32_t const> accumulation, std::uint32_t least,
                  std::span<std::uint8_t> streams) noexcept {
    for (std::size_t i = 0; i < accumulation.size(); ++i)
        streams[i] = std::uint8_t(accumulation[i] >= least);
}

std::vector<StreamLink> stream_links(Shape shape, std::span<Direction const> directions,
                                     std::span<std::uint8_t const> streams) {
    StreamCells const graph{shape, directions, streams};
    std::vector<StreamLink> links;
    std::unordered_map<std::uint32_t, std::uint32_t> by_first;
    std::size_t taken = 0;
    for (std::uint32_t cell = 0; cell < shape.cells(); ++cell) {
        if (!graph.starts_link(cell)) continue;
        by_first.emplace(cell, std::uint32_t(links.size()));
        auto& link = links.emplace_back();
        link.cells.push_back(cell);
        for (auto to = graph.next(cell); to != nowhere && !graph.starts_link(to);
             to = graph.next(to))
            link.cells.push_back(to);
        taken += link.cells.size();
    }
    if (taken != graph.count()) { // what no link reaches runs in a circle
        std::vector<char> reached(shape.cells(), 0);
        for (auto const& link : links)
            for (auto const cell : link.cells) reached[cell] = 1;
        for (std::uint32_t cell = 0; cell < shape.cells(); ++cell)
            if (graph.is_stream(cell) && reached[cell] == 0)
                refuse_circle(std::int32_t(cell % std::uint32_t(shape.columns)),
                              std::int32_t(cell / std::uint32_t(shape.columns)));
    }
    for (auto& link : links)
        if (auto const to = graph.next(link.cells.back()); to != nowhere)
            link.downstream = by_first.at(to);
    give_orders(links);
    return links;
}

void basins(Shape shape, std::span<Direction const> directions, std::span<StreamLink const> links,
            std::span<std::uint32_t> numbers, unsigned threads) {
    std::ranges::fill(numbers, 0U);
    for (std::uint32_t i = 0; i < links.size(); ++i)
        for (auto const cell : links[i].cells) numbers[cell] = i + 1;
    carry_upstream(shape, directions, numbers, threads);
}

Geometry line_of(raster::Frame const& frame, std::span<StreamLink const> links, std::size_t link) {
    auto const columns = std::uint32_t(frame.shape.columns);
    Geometry line;
    line.kind = GeometryKind::line;
    line.srid = frame.srid;
    auto const add = [&](std::uint32_t cell) {
        line.positions.push_back(
            frame.centre({std::int32_t(cell % columns), std::int32_t(cell / columns)}));
    };
    for (auto const cell : links[link].cells) add(cell);
    if (links[link].downstream) add(links[*links[link].downstream].cells.front());
    if (line.positions.size() == 1) line.positions.push_back(line.positions.front());
    line.path_ends = {std::uint32_t(line.positions.size())};
    return line;
}

} // namespace diaban::geo::terrain
