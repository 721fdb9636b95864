#pragma once

#include "geo/cadastre/topology.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace diaban::tests {

/// A fault that was put into a sound coverage, and the parcel it was put into.
struct PlantedFault {
    geo::cadastre::TopologyFault fault;
    std::uint32_t parcel = 0;
};

/// A generated coverage in metres with known faults and no others.
struct PlantedParcels {
    geo::cadastre::ParcelSet parcels;
    std::vector<PlantedFault> faults;
};

/// `count` parcels of about 400 m², 17 positions each, with `of_each` faults of each kind, far
/// enough from each other not to meet. Sheets must be at least twice `of_each`: one in 500 parcels.
PlantedParcels planted_parcels(std::uint64_t count, std::uint32_t of_each, std::uint64_t seed);

/// What is wrong with `found`: planted faults not found, findings that nobody planted. Empty: all
/// is as it should be.
std::string differences(PlantedParcels const& planted,
                        std::vector<geo::cadastre::TopologyFinding> const& found);

} // namespace diaban::tests
