#pragma once

#include "geo/synthetic/parcel_map.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::geo::synthetic {

/// A street along the borders of blocks; each of its vertices is one of the parcels beside it.
struct Street {
    Geometry line; ///< EPSG:4326
    std::uint32_t commune = 0;
    std::string name;
    std::string_view kind; ///< arterial, local, rural
};

/// Streets around all blocks of settlements and farmland.
std::vector<Street> make_streets(ParcelMap const& map, std::uint64_t seed);

} // namespace diaban::geo::synthetic
