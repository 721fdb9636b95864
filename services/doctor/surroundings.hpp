#pragma once

#include "geo/feature.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

namespace diaban::services::doctor {

/// How much a file system holds, in bytes.
struct Room {
    std::uint64_t free = 0; ///< for whoever is not root
    std::uint64_t size = 0;
};

/// What the doctor learns of the machine; a test hands its own.
struct Surroundings {
    std::function<geo::Instant()> now;
    std::function<std::optional<Room>(std::filesystem::path const&)> room;
};

/// The machine's own clock and disks.
[[nodiscard]] Surroundings machine();

} // namespace diaban::services::doctor
