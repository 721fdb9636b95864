#pragma once

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>

namespace diaban::tests {

/// The seed of a property test: `DIABAN_SEED` if it is set, else a new one. Printed, so that a
/// failure can be had again.
inline std::uint64_t seed() {
    char const* const given = std::getenv("DIABAN_SEED");
    std::uint64_t const seed = given != nullptr ? std::stoull(given) : std::random_device{}();
    std::cout << "seed " << seed << " (DIABAN_SEED=" << seed << " repeats it)\n";
    return seed;
}

} // namespace diaban::tests
