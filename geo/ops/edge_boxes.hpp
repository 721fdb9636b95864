#pragma once

#include "geo/geometry.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace diaban::geo::ops {

/// Distance from `p` to the boundary of `polygon`, positive inside, by a pass over all edges.
[[nodiscard]] double nearest_edge(Geometry const& polygon, Position p) noexcept;

/// Distances to the boundary of one polygon, asked many times.
///
/// Method   consecutive edges lie near each other: runs of 16 are boxed, and 8 boxes are boxed
/// again,
///          up to one. A question opens only boxes that may hold the nearest edge, or that a ray
///          eastwards from the point crosses.
/// Cost     building n; asking about √n for a compact polygon, n below 64 edges.
/// Borrowed the polygon must outlive this and stay as it is.
class EdgeBoxes {
public:
    explicit EdgeBoxes(Geometry const& polygon);

    [[nodiscard]] double signed_distance(Position p) const noexcept;

private:
    /// A run of edges, as indices of their starts; or of nodes of the level below.
    struct Node {
        Box box;
        std::uint32_t begin = 0;
        std::uint32_t end = 0;
    };
    struct Question;
    void ask(Question& question, std::size_t level, std::size_t node) const noexcept;

    Geometry const* m_polygon;
    std::vector<std::vector<Node>> m_levels; ///< [0] holds edges; the last has one node; or none
};

} // namespace diaban::geo::ops
