#pragma once

#include <geos_c.h>

#include <vector>

namespace diaban::tests {

/// This thread's GEOS.
inline GEOSContextHandle_t geos() {
    thread_local struct Geos {
        GEOSContextHandle_t handle = GEOS_init_r();
        ~Geos() { GEOS_finish_r(handle); }
    } geos;
    return geos.handle;
}

/// A collection of a type of GEOS's, which owns `members`.
inline GEOSGeometry* collection(std::vector<GEOSGeometry*>& members, int type) {
    return GEOSGeom_createCollection_r(geos(), type, members.data(), unsigned(members.size()));
}

} // namespace diaban::tests
