#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace diaban::services::live {

/// How much of the change feed a client was told: what an event's id says. Opaque outside.
struct Position {
    std::int64_t generation = 0; ///< of the feed
    std::int64_t seq = 0;        ///< all changes up to here that concern it
    std::int64_t fresh = 0;      ///< of those up to here, also which tiles to fetch at every zoom

    friend bool operator==(Position const&, Position const&) = default;
};

/// Letters and digits only.
[[nodiscard]] std::string write_position(Position const& position);
/// Nothing for what was never written here.
[[nodiscard]] std::optional<Position> read_position(std::string_view text) noexcept;

} // namespace diaban::services::live
