#pragma once

#include "geo/geometry.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace diaban::geo::route {

/// No vertex, no edge, no source.
inline constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

/// Which ways a road may be driven.
enum class Passage : std::uint8_t {
    both,
    forward,  ///< only as it is drawn
    backward, ///< only against that
};

/// Roads as columns; line i is the positions [ends[i-1], ends[i]).
///
/// CRS       EPSG:4326.
struct RoadLines {
    std::vector<Position> positions;
    std::vector<std::uint32_t> ends;
    std::vector<float> speeds; ///< km/h
    std::vector<Passage> passages;

    void add(std::span<Position const> line, float speed, Passage passage = Passage::both);
    [[nodiscard]] std::size_t size() const noexcept { return ends.size(); }
    [[nodiscard]] std::uint32_t begin(std::size_t i) const noexcept {
        return i == 0 ? 0 : ends[i - 1];
    }
};

/// Where lines meet.
enum class Joins : std::uint8_t {
    ends,   ///< where their ends do
    shared, ///< wherever they have a position in common; a bridge shares none with what it crosses
};

/// What positions have in common that are one place: those that are the same to 1e-7 degrees
/// (11 mm).
[[nodiscard]] std::uint64_t place_key(Position p) noexcept;

/// A line with more positions along its long segments, evenly in degrees, so that none is longer
/// than `metres`: what lies beside a road then lies near a position of it. `metres` above 0.
[[nodiscard]] std::vector<Position> in_steps(std::span<Position const> line, double metres);

/// A net of roads. Columns by vertex, by edge and by arc; an arc is an edge as one of its ends sees
/// it: an edge has two, a loop as well.
///
/// Vertices  by the order in which the lines first come to them.
/// Edges     stretches of a line between two vertices, in the order of the lines; `first` and
///           `last` are its positions in RoadLines, `last` included.
/// Costs     milliseconds at the line's speed, rounded; no more than 2^32 - 2.
struct RoadGraph {
    std::vector<Position> places; ///< by vertex

    std::vector<std::uint32_t> from; ///< by edge
    std::vector<std::uint32_t> to;
    std::vector<std::uint32_t> line;
    std::vector<std::uint32_t> first;
    std::vector<std::uint32_t> last;
    std::vector<double> metres; ///< along the WGS 84 ellipsoid
    std::vector<std::uint32_t> cost;

    std::vector<std::uint32_t> arcs_begin; ///< by vertex, and one past the last
    std::vector<std::uint32_t> arc_vertex; ///< the other end
    std::vector<std::uint32_t> arc_edge;
    std::vector<std::uint32_t> arc_cost;
    std::vector<std::uint8_t> arc_ways; ///< `leaves` and `comes`, as far as they are allowed

    std::vector<std::uint32_t> stops; ///< the vertex of each stop that was asked for

    static constexpr std::uint8_t leaves = 1; ///< from this vertex to the other
    static constexpr std::uint8_t comes = 2;  ///< from the other to this vertex

    [[nodiscard]] std::size_t vertices() const noexcept { return places.size(); }
    [[nodiscard]] std::size_t edges() const noexcept { return from.size(); }
};

/// The net of some lines.
///
/// Joined    positions of one place (see place_key).
/// Stops     positions, by their place in `lines.positions`, that are vertices wherever they lie.
///           Under Joins::ends a stop within a line joins that line alone.
/// Left out  lines of fewer than two positions or without a speed, with the stops on them (`none`);
///           segments of no length between two positions of one vertex.
/// Cost      n log n in the positions; a geodesic a segment.
[[nodiscard]] RoadGraph road_graph(RoadLines const& lines, Joins joins,
                                   std::span<std::uint32_t const> stops = {});

/// Some edges driven one after the other from `start`, as one line; empty without edges.
[[nodiscard]] Geometry line_of(RoadGraph const& graph, RoadLines const& lines,
                               std::span<std::uint32_t const> edges, std::uint32_t start);

} // namespace diaban::geo::route
