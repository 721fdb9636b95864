#pragma once

#include "geo/geometry.hpp"
#include "geo/ops/border_cells.hpp"

#include <cstdint>
#include <memory>

namespace diaban::geo::ops {

/// The named spatial relations of OGC Simple Features (06-103r4, 6.1.15).
enum class Relation : std::uint8_t {
    intersects,
    equals,
    disjoint,
    touches,
    within,
    overlaps,
    crosses,
    contains,
};

/// The relation of b to a where `relation` is that of a to b.
[[nodiscard]] constexpr Relation converse(Relation relation) noexcept {
    if (relation == Relation::within) return Relation::contains;
    if (relation == Relation::contains) return Relation::within;
    return relation;
}

enum class Certainty : std::uint8_t { no, yes, doubtful };

/// A geometry that many others are held against: "other relation reference".
///
/// Takes     a valid geometry of one kind, not empty. Planar, whatever the CRS; straight edges.
/// Threads   any: what GEOS keeps ready is used by one at a time.
/// Throws    Error{internal} if GEOS gives up, which it does not on valid geometries.
class Reference {
public:
    explicit Reference(Geometry shape);
    ~Reference();
    Reference(Reference const&) = delete;
    Reference& operator=(Reference const&) = delete;

    [[nodiscard]] Geometry const& shape() const noexcept { return m_shape; }
    [[nodiscard]] Box const& box() const noexcept { return m_box; }

    /// As GEOS answers on the doubles as they are.
    [[nodiscard]] bool holds(Relation relation, Geometry const& other) const;

    /// What can be said of a geometry by a box that holds it; no call of GEOS.
    [[nodiscard]] Certainty decide(Relation relation, Box const& box) const noexcept;

    /// What can be said of a geometry no position of which is farther than `tolerance` from that
    /// of `other`, its nesting being the same; `holds` itself for tolerance 0.
    ///
    /// Method   where the borders (lines and points: the whole) stay farther apart than the
    ///          tolerance, no relation can change, and GEOS answers. Nearer, a position that lies
    ///          inside or outside by more than the tolerance proves what it proves; the rest is
    ///          doubtful.
    [[nodiscard]] Certainty decide(Relation relation, Geometry const& other,
                                   double tolerance) const;

private:
    struct Ready;
    Geometry m_shape;
    Box m_box;
    BorderCells m_cells;
    std::unique_ptr<Ready> m_ready;
};

} // namespace diaban::geo::ops
