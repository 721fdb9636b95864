#include "geo/route/flooded_roads.hpp"

#include "geo/crs.hpp"
#include "geo/raster/trace.hpp"

#include <algorithm>
#include <cmath>

namespace diaban::geo::route {

FloodedRoads::FloodedRoads(RoadGraph const& graph, RoadLines const& lines,
                           raster::Frame const& frame, RoadFootings const& footings)
    : m_line{graph.line}, m_footings{footings} {
    auto positions = lines.positions;
    Transform::between(4326, frame.srid).apply(positions);
    m_begin.push_back(0);
    Geometry edge;
    edge.kind = GeometryKind::line;
    edge.srid = frame.srid;
    edge.path_ends.resize(1);
    for (std::size_t e = 0; e < graph.edges(); ++e) {
        edge.positions.assign(positions.begin() + graph.first[e],
                              positions.begin() + graph.last[e] + 1);
        edge.path_ends[0] = std::uint32_t(edge.positions.size());
        for (auto const& cell : raster::cells_along(frame, edge))
            m_cells.push_back(std::uint32_t(frame.shape.index(cell.column, cell.row)));
        m_begin.push_back(std::uint32_t(m_cells.size()));
    }
}

void FloodedRoads::depth_over(std::span<float const> depth, std::span<float const> ground,
                              std::span<float> over) const {
    for (std::size_t e = 0; e < over.size(); ++e) {
        auto const line = m_line[e];
        float const deck = ground.empty() ? RoadFootings::no_deck : m_footings.decks[line];
        bool const known = !std::isnan(deck);
        float most = 0;
        if (known || m_footings.kinds[line] != Footing::bridge)
            for (auto i = m_begin[e]; i < m_begin[e + 1]; ++i) {
                auto const cell = m_cells[i];
                float const water = depth[cell];
                if (!(water > 0)) continue; // nor where it is not known
                float const above = known ? ground[cell] + water - deck : water;
                if (above > most) most = above;
            }
        over[e] = most;
    }
}

std::size_t FloodedRoads::outside() const noexcept {
    std::size_t count = 0;
    for (std::size_t e = 0; e + 1 < m_begin.size(); ++e)
        if (m_begin[e] == m_begin[e + 1]) ++count;
    return count;
}

std::size_t open_edges(RoadGraph const& graph, RoadFootings const& footings,
                       std::span<float const> over, WadingLimits limits,
                       std::span<std::uint8_t> open) {
    float const ford = std::min(limits.ford, limits.road);
    std::size_t closed = 0;
    for (std::size_t e = 0; e < over.size(); ++e) {
        bool const runs_over = footings.kinds[graph.line[e]] == Footing::ford;
        open[e] = over[e] > (runs_over ? ford : limits.road) ? 0 : 1;
        closed += open[e] == 0 ? 1 : 0;
    }
    return closed;
}

} // namespace diaban::geo::route
