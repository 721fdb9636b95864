#include "services/domain/cut_off.hpp"

#include "geo/crs.hpp"
#include "geo/ops/measure.hpp"
#include "geo/ops/relation.hpp"
#include "geo/route/nearest_place.hpp"
#include "services/domain/process_inputs.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace diaban::services::domain {

namespace {

using geo::route::none;

std::uint32_t main_of(CutOff const& found, PartedRoads const& parted) {
    if (found.main_vertex != none) return parted.wet.of[found.main_vertex];
    if (std::ranges::any_of(parted.people, [](auto one) { return one > 0; }))
        return geo::route::most_peopled(parted.people);
    std::vector<std::int64_t> metres(parted.wet.count, 0);
    for (std::size_t e = 0; e < found.graph.edges(); ++e)
        if (parted.open[e] != 0)
            metres[parted.wet.of[found.graph.from[e]]] += std::llround(found.graph.metres[e]);
    return geo::route::most_peopled(metres);
}

/// Does it, step by step.
class Search {
public:
    Search(Work& work, CutOffInputs const& inputs, StandingWater const* water, RoadNet net,
           std::int64_t now)
        : m_work{work}, m_inputs{inputs}, m_water{water} {
        m_found.net = std::move(net);
        m_found.places = read_peopled(work, inputs, now);
        m_found.shelters = read_shelters(work, inputs, now);
    }

    CutOff go() {
        if (m_found.net.lines.size() == 0)
            refuse_input("roads", m_inputs.roads.front(), "lines that are driven");
        step();
        join_roads();
        step();
        close_roads();
        step();
        part();
        step();
        shelter();
        return std::move(m_found);
    }

private:
    static constexpr std::uint64_t steps = 5;
    void step() { m_work.progress.at(++m_done, steps); }

    /// Places, shelters and the main position become stops on the nearest road.
    void join_roads() {
        geo::route::NearestPlace const near{m_found.net.lines.positions};
        std::vector<std::uint32_t> stops;
        std::vector<std::uint32_t*> wanted;
        auto const stop = [&](geo::Position at, std::uint32_t& vertex) {
            vertex = none;
            auto const position = near.find(at, m_inputs.reach);
            if (position == none) return;
            stops.push_back(position);
            wanted.push_back(&vertex);
        };
        m_found.place_vertex.resize(m_found.places.size());
        for (std::size_t i = 0; i < m_found.places.size(); ++i)
            stop(m_found.places[i].at, m_found.place_vertex[i]);
        m_found.shelter_vertex.resize(m_found.shelters.size());
        for (std::size_t i = 0; i < m_found.shelters.size(); ++i)
            stop(m_found.shelters[i].at, m_found.shelter_vertex[i]);
        if (m_inputs.main) stop(*m_inputs.main, m_found.main_vertex);
        m_found.graph = geo::route::road_graph(m_found.net.lines, m_inputs.joins, stops);
        for (std::size_t i = 0; i < wanted.size(); ++i) *wanted[i] = m_found.graph.stops[i];
        for (std::size_t i = 0; i < m_found.places.size(); ++i) {
            auto const vertex = m_found.place_vertex[i];
            m_found.place_off_road.push_back(
                vertex == none ? 0
                               : geo::ops::geodesic_distance(m_found.places[i].at,
                                                             m_found.graph.places[vertex]));
        }
        if (m_inputs.main && m_found.main_vertex == none)
            refuse_input("main", "", "a position within reach of a road");
    }

    void close_roads() {
        m_open.assign(m_found.graph.edges(), 1);
        m_found.shelter_dry.assign(m_found.shelters.size(), 1);
        if (m_water == nullptr) return close_in_polygon();
        auto const& frame = m_water->frame;
        geo::route::FloodedRoads const laid{m_found.graph, m_found.net.lines, frame,
                                            m_found.net.footings};
        m_found.outside = laid.outside();
        m_found.over.resize(m_found.graph.edges());
        laid.depth_over(m_water->depth, m_water->ground, m_found.over);
        geo::route::open_edges(m_found.graph, m_found.net.footings, m_found.over, m_inputs.limits,
                               m_open);
        std::vector<geo::Position> at;
        for (auto const& one : m_found.shelters) at.push_back(one.at);
        geo::Transform::between(4326, frame.srid).apply(at);
        for (std::size_t i = 0; i < at.size(); ++i)
            if (auto const cell = frame.cell(at[i]))
                if (m_water->depth[frame.shape.index(cell->column, cell->row)] > wet_floor)
                    m_found.shelter_dry[i] = 0;
    }

    void close_in_polygon() {
        geo::ops::Reference const closed{m_inputs.water.polygon};
        auto const met = [&](geo::Geometry const& shape) {
            return closed.box().intersects(shape.box()) &&
                   closed.holds(geo::ops::Relation::intersects, shape);
        };
        auto const& graph = m_found.graph;
        for (std::uint32_t e = 0; e < graph.edges(); ++e)
            if (met(geo::route::line_of(graph, m_found.net.lines, {&e, 1}, graph.from[e])))
                m_open[e] = 0;
        geo::Geometry point;
        point.kind = geo::GeometryKind::point;
        point.srid = 4326;
        for (std::size_t i = 0; i < m_found.shelters.size(); ++i) {
            point.positions = {m_found.shelters[i].at};
            if (met(point)) m_found.shelter_dry[i] = 0;
        }
    }

    void part() {
        auto& found = m_found;
        found.dry = geo::route::components(found.graph);
        found.parted = found.part(std::move(m_open));
        found.reconnections =
            geo::route::reconnections(found.graph, found.parted.wet, found.parted.open,
                                      found.net.roads, found.parted.people, found.parted.main);
    }

    void shelter() {
        auto& found = m_found;
        auto at = found.shelter_vertex;
        std::vector<std::int64_t> room;
        for (std::size_t i = 0; i < at.size(); ++i) {
            if (found.shelter_dry[i] == 0) at[i] = none;
            room.push_back(found.shelters[i].capacity.value_or(geo::route::boundless));
        }
        geo::route::ShortestWays ways{found.graph};
        ways.to_nearest(at, found.parted.open);
        std::vector<std::int64_t> people;
        for (std::size_t i = 0; i < found.places.size(); ++i) {
            auto const vertex = found.place_vertex[i];
            NearestShelter one;
            if (vertex != none && ways.source(vertex) != none)
                one = {ways.source(vertex), ways.cost(vertex), ways.way(vertex)};
            found.nearest.push_back(std::move(one));
            bool const goes =
                m_inputs.shelter_all || found.access_of(found.parted, i) == Access::cut_off;
            people.push_back(goes ? found.places[i].people : 0);
        }
        found.sheltering = geo::route::shelter_people(found.graph, found.parted.open,
                                                      found.place_vertex, people, at, room);
    }

    Work& m_work;
    CutOffInputs const& m_inputs;
    StandingWater const* m_water;
    std::uint64_t m_done = 0;
    std::vector<std::uint8_t> m_open;
    CutOff m_found;
};

} // namespace

PartedRoads CutOff::part(std::vector<std::uint8_t> open) const {
    PartedRoads roads;
    roads.open = std::move(open);
    roads.wet = geo::route::components(graph, roads.open);
    roads.first_vertex.assign(roads.wet.count, none);
    for (std::uint32_t v = 0; v < roads.wet.of.size(); ++v)
        if (auto& first = roads.first_vertex[roads.wet.of[v]]; first == none) first = v;
    roads.people.assign(roads.wet.count, 0);
    for (std::size_t i = 0; i < places.size(); ++i)
        if (place_vertex[i] != none)
            roads.people[roads.wet.of[place_vertex[i]]] += places[i].people;
    roads.main = main_of(*this, roads);
    return roads;
}

Access CutOff::access(PartedRoads const& roads, std::uint32_t component) const {
    if (component == roads.main) return Access::joined;
    bool const would_be =
        dry.of[roads.first_vertex[component]] == dry.of[roads.first_vertex[roads.main]];
    return would_be ? Access::cut_off : Access::apart;
}

Access CutOff::access_of(PartedRoads const& roads, std::size_t place) const {
    auto const vertex = place_vertex[place];
    return vertex == none ? Access::far : access(roads, roads.wet.of[vertex]);
}

double CutOff::metres(std::vector<std::uint32_t> const& edges) const {
    double sum = 0;
    for (auto const e : edges) sum += graph.metres[e];
    return sum;
}

CutOff find_cut_off(Work& work, CutOffInputs const& inputs, StandingWater const* water, RoadNet net,
                    std::int64_t now) {
    return Search{work, inputs, water, std::move(net), now}.go();
}

} // namespace diaban::services::domain
