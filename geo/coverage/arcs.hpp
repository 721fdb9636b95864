#pragma once

#include "geo/grid_point.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace diaban::geo::coverage {

/// The rings of a coverage, borrowed: ring r is points [ring_begin[r], ring_begin[r + 1]), open
/// (the first point is not repeated), three points or more, none equal to the one before it.
/// `ring_begin` has one entry past the last ring. To which polygon a ring belongs does not matter.
struct Rings {
    std::span<GridPoint const> points;
    std::span<std::uint32_t const> ring_begin;

    [[nodiscard]] std::size_t size() const noexcept {
        return ring_begin.empty() ? 0 : ring_begin.size() - 1;
    }
};

/// A coverage's boundaries, each held once, however many rings run along it.
///
/// Arc         a run of boundary between two nodes, ends included; or a whole ring without nodes,
///             which begins and ends at its least point.
/// Node        a point at which boundaries part: its neighbours along all rings through it are not
///             the same two points. Tips of spikes are nodes too.
/// Reference   r >= 0: arc r as it is stored; r < 0: arc ~r, run backwards.
/// Order       an arc's direction depends on its points alone; the order of arcs is that in which
///             the rings first use them.
struct Arcs {
    std::vector<GridPoint> points;
    std::vector<std::uint32_t> arc_begin{0};  ///< into points; one entry past the last
    std::vector<std::int32_t> references;     ///< ring by ring, in the ring's direction
    std::vector<std::uint32_t> ring_begin{0}; ///< into references; one entry past the last
    std::vector<std::uint32_t> ring_start; ///< by ring: which of its points the first arc begins at

    [[nodiscard]] std::size_t size() const noexcept { return arc_begin.size() - 1; }
    [[nodiscard]] std::span<GridPoint const> arc(std::size_t a) const noexcept {
        return std::span{points}.subspan(arc_begin[a], arc_begin[a + 1] - arc_begin[a]);
    }
};

/// Finds the boundaries that rings share, by equal points: every ring is the run of its references.
///
/// Input    rings may overlap, cross, touch themselves and each other; then arcs meet elsewhere
/// than
///          at nodes, and only what has equal points is shared.
/// Method   a point is a node as Bostock has it (TopoJSON, 2012): wherever rings that pass it do
/// not
///          all have the same two neighbours there. Chains between nodes are equal where their
///          first two points are.
/// Cost     some 90 ns a point in all, of which `threads` threads share the greater part.
///          Memory while it runs: 21 bytes a point. Fast where rings lie in the order of a curve.
/// Limit    2^31 points.
[[nodiscard]] Arcs find_arcs(Rings const& rings, unsigned threads);

/// Calls `visit(arc, forwards, ring_point)` for every reference of every ring; `ring_point` turns a
/// point of the arc into the rings' point it is there.
template <typename Visit>
void follow(Rings const& rings, Arcs const& arcs, Visit&& visit) {
    for (std::size_t ring = 0; ring < rings.size(); ++ring) {
        auto const begin = rings.ring_begin[ring];
        auto const size = rings.ring_begin[ring + 1] - begin;
        auto step = arcs.ring_start[ring];
        for (auto r = arcs.ring_begin[ring]; r < arcs.ring_begin[ring + 1]; ++r) {
            bool const forwards = arcs.references[r] >= 0;
            auto const arc = std::uint32_t(forwards ? arcs.references[r] : ~arcs.references[r]);
            auto const first = arcs.arc_begin[arc];
            auto const last = arcs.arc_begin[arc + 1] - 1;
            visit(arc, forwards, [&](std::uint32_t arc_point) {
                auto const offset = forwards ? arc_point - first : last - arc_point;
                return begin + (step + offset) % size;
            });
            step = (step + last - first) % size;
        }
    }
}

} // namespace diaban::geo::coverage
