#include "geo/ops/relation.hpp"

#include "geo/error.hpp"
#include "geo/ops/geos.hpp"

#include <geos_c.h>

#include <mutex>
#include <utility>

namespace diaban::geo::ops {

namespace {

struct PreparedDelete {
    void operator()(GEOSPreparedGeometry const* prepared) const noexcept {
        GEOSPreparedGeom_destroy_r(geos_context(), prepared);
    }
};

[[noreturn]] void give_up() {
    throw Error{Code::internal, "internal", {}, "GEOS gave up on a relation"};
}

bool answer(char given) {
    if (given == 2) give_up();
    return given == 1;
}

/// A geometry and what GEOS prepares of it; the second refers to the first.
struct Prepared {
    GeosGeometry geometry;
    std::unique_ptr<GEOSPreparedGeometry const, PreparedDelete> ready;

    Prepared() = default;
    explicit Prepared(GeosGeometry made) : geometry{std::move(made)} {
        if (!geometry) give_up();
        ready.reset(GEOSPrepare_r(geos_context(), geometry.get()));
        if (!ready) give_up();
    }
};

GeosGeometry made(Geometry const& shape) {
    auto geometry = to_geos(shape);
    if (!geometry) give_up();
    return geometry;
}

bool contains(Box const& outer, Box const& inner) noexcept {
    return outer.min_x <= inner.min_x && outer.min_y <= inner.min_y && outer.max_x >= inner.max_x &&
           outer.max_y >= inner.max_y;
}

Box wider(Box box, double by) noexcept {
    return {box.min_x - by, box.min_y - by, box.max_x + by, box.max_y + by};
}

Certainty certain(bool yes) noexcept {
    return yes ? Certainty::yes : Certainty::no;
}

/// Whether two kinds can never stand in a relation, wherever they lie.
bool impossible(Relation relation, GeometryKind a, GeometryKind b) noexcept {
    bool const same = a == b;
    switch (relation) {
    case Relation::equals:
    case Relation::overlaps: return !same;
    case Relation::crosses: return same && a != GeometryKind::line;
    case Relation::touches: return same && a == GeometryKind::point;
    case Relation::within: return a > b;
    case Relation::contains: return a < b;
    case Relation::intersects:
    case Relation::disjoint: return false;
    }
    return false;
}

} // namespace

/// What is kept ready, under one lock: GEOS builds parts of it at first use.
struct Reference::Ready {
    std::mutex lock;
    Prepared shape;

    bool holds(Relation relation, GeosGeometry const& other) const {
        auto* const context = geos_context();
        auto const* const me = shape.ready.get();
        auto const* const it = other.get();
        switch (relation) {
        case Relation::intersects: return answer(GEOSPreparedIntersects_r(context, me, it));
        case Relation::equals: return answer(GEOSEquals_r(context, shape.geometry.get(), it));
        case Relation::disjoint: return !answer(GEOSPreparedIntersects_r(context, me, it));
        case Relation::touches: return answer(GEOSPreparedTouches_r(context, me, it));
        case Relation::within: return answer(GEOSPreparedContains_r(context, me, it));
        case Relation::overlaps: return answer(GEOSPreparedOverlaps_r(context, me, it));
        case Relation::crosses: return answer(GEOSPreparedCrosses_r(context, me, it));
        case Relation::contains: return answer(GEOSPreparedWithin_r(context, me, it));
        }
        give_up();
    }
};

Reference::Reference(Geometry shape)
    : m_shape{std::move(shape)}, m_box{m_shape.box()}, m_cells{m_shape},
      m_ready{std::make_unique<Ready>()} {
    m_ready->shape = Prepared{made(m_shape)};
}

Reference::~Reference() = default;

bool Reference::holds(Relation relation, Geometry const& other) const {
    if (impossible(relation, other.kind, m_shape.kind)) return false;
    if (!other.box().intersects(m_box)) return relation == Relation::disjoint;
    auto const geometry = made(other);
    std::lock_guard const guard{m_ready->lock};
    return m_ready->holds(relation, geometry);
}

Certainty Reference::decide(Relation relation, Box const& box) const noexcept {
    switch (m_cells.place(box)) {
    case BorderCells::Place::outside: return certain(relation == Relation::disjoint);
    case BorderCells::Place::inside:
        return certain(relation == Relation::intersects || relation == Relation::within);
    case BorderCells::Place::border: break;
    }
    return Certainty::doubtful;
}

Certainty Reference::decide(Relation relation, Geometry const& other, double tolerance) const {
    if (impossible(relation, other.kind, m_shape.kind)) return Certainty::no;
    if (!(tolerance > 0)) return certain(holds(relation, other));
    auto const box = other.box();
    auto const wide = wider(box, tolerance);
    if (auto const known = decide(relation, wide); known != Certainty::doubtful) return known;
    bool const may_contain = contains(wide, m_box);
    bool const may_equal = may_contain && contains(wider(m_box, tolerance), box);
    if (relation == Relation::contains && !may_contain) return Certainty::no;
    if (relation == Relation::equals && !may_equal) return Certainty::no;

    // A hair more than the tolerance, for what the arithmetic of distances may lose.
    double const apart = tolerance * 1.000001;
    if (!m_cells.near(other, apart)) return certain(holds(relation, other));

    bool meets_inner = false;
    bool leaves_outer = false;
    for (auto const p : other.positions) {
        if (m_cells.near(p, apart)) continue;
        (m_cells.inside(p) ? meets_inner : leaves_outer) = true;
    }
    switch (relation) {
    case Relation::intersects: return meets_inner ? Certainty::yes : Certainty::doubtful;
    case Relation::disjoint:
    case Relation::touches: return meets_inner ? Certainty::no : Certainty::doubtful;
    case Relation::within: return leaves_outer ? Certainty::no : Certainty::doubtful;
    case Relation::crosses:
        return meets_inner && leaves_outer ? Certainty::yes : Certainty::doubtful;
    case Relation::equals:
    case Relation::contains:
    case Relation::overlaps: break;
    }
    return Certainty::doubtful;
}

} // namespace diaban::geo::ops
