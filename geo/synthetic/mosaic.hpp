#pragma once

#include "geo/geometry.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace diaban::geo::synthetic {

/// A node of a lattice; never negative.
struct Node {
    std::int32_t u = 0;
    std::int32_t v = 0;

    friend bool operator==(Node const&, Node const&) = default;
};

/// A rectangle of lattice nodes, u0 < u1, v0 < v1.
struct Rect {
    std::int32_t u0 = 0;
    std::int32_t v0 = 0;
    std::int32_t u1 = 0;
    std::int32_t v1 = 0;

    [[nodiscard]] Node middle() const noexcept { return {(u0 + u1) / 2, (v0 + v1) / 2}; }
    friend bool operator==(Rect const&, Rect const&) = default;
};

/// Cuts a rectangle into `pieces` rectangles of about equal area, by cuts through and through at
/// seeded places: the pattern of fields that were shared out again and again.
///
/// Needs    an area of at least 16 nodes a piece.
/// Order    depth first, so that neighbours in the list lie near each other.
void cut(Rect const& whole, std::uint32_t pieces, std::uint64_t seed, std::vector<Rect>& into);

/// Rectangles side by side, of any sizes, and the nodes at which they meet.
///
/// The ring of each contains every node at which another one begins or ends on its side. So
/// whatever place a node is given, neighbours have the same vertices between them: no gap, no
/// overlap.
class Mosaic {
public:
    /// `step`: sides longer than that get a node at every multiple of it, so that a bent lattice
    /// shows; 0: none.
    Mosaic(std::span<Rect const> rects, std::int32_t step);

    /// Appends the nodes of a lattice line from `from` to `to`, both among them. The two differ in
    /// one coordinate alone.
    void walk(Node from, Node to, std::vector<Node>& into) const;

    /// The nodes of a rectangle's ring, counter-clockwise, closed.
    void ring(Rect const& rect, std::vector<Node>& into) const;

private:
    std::vector<std::uint64_t> m_by_row;    ///< v, u
    std::vector<std::uint64_t> m_by_column; ///< u, v
};

} // namespace diaban::geo::synthetic
