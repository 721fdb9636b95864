#pragma once

#include "geo/geometry.hpp"

#include <memory>

// Opaque types of the C interface of GEOS, as its own header declares them: so this header needs
// the standard library alone.
struct GEOSContextHandle_HS;
struct GEOSGeom_t;

namespace diaban::geo::ops {

/// This thread's GEOS context: made at first use, freed with the thread. GEOS's messages are
/// dropped; what matters of them is asked for.
[[nodiscard]] GEOSContextHandle_HS* geos_context();

struct GeosDelete {
    void operator()(GEOSGeom_t* geometry) const noexcept;
};
using GeosGeometry = std::unique_ptr<GEOSGeom_t, GeosDelete>;

/// `geometry` as GEOS has it, in this thread's context. Null if GEOS refuses to build it: a ring
/// that is not closed or has fewer than four positions, a line of one.
[[nodiscard]] GeosGeometry to_geos(Geometry const& geometry);

/// The parts of `geometry` that are of `kind`, collections opened.
[[nodiscard]] Geometry from_geos(GEOSGeom_t const* geometry, GeometryKind kind, std::int32_t srid);

/// `shape` made valid by its structure: exteriors united, holes taken out, what has lost its area
/// left out. Null if GEOS gives up.
[[nodiscard]] GeosGeometry made_valid_by_structure(GeosGeometry const& shape);

} // namespace diaban::geo::ops
