#pragma once

#include "geo/feature.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace diaban::data::model {

/// Cells of a wall, from 1, both ends included.
struct WallCells {
    std::int32_t first_row = 1;
    std::int32_t last_row = 1;
    std::int32_t first_column = 1;
    std::int32_t last_column = 1;
};

/// What a page on a wall says of itself.
struct WallBeat {
    std::string client; ///< what the page calls itself
    WallCells cells;
    std::int64_t prepared = 0; ///< newest revision that it can show at once
    std::int64_t shown = 0;
    std::optional<geo::Instant> switched_at{}; ///< when it switched to what it shows
    std::optional<geo::Instant> painted_at{};
};

/// The same, and when it was last heard of.
struct WallScreen : WallBeat {
    geo::Instant seen_at;
};

/// What a wall shows, or is about to.
struct WallState {
    geo::Instant now; ///< of the record's clock, which all screens go by
    std::int64_t revision = 0;
    std::optional<std::int64_t> scene{};
    std::string content;   ///< JSON
    std::string stands_in; ///< JSON: cell of a dead screen -> cell of the one that shows it
    geo::Instant begun_at;
    std::optional<geo::Instant> switch_at{}; ///< absent: screens are preparing
    std::optional<std::string> view{};       ///< JSON: where the operator has moved the map
    std::optional<geo::Instant> view_at{};
    std::optional<std::string> locked_by{};
    bool carousel = false;
    std::int32_t undoable = 0;            ///< how often undo has something to take back
    std::optional<std::string> standby{}; ///< JSON: content that is likely to come next
    std::int64_t standby_number = 0;      ///< counts its changes
};

} // namespace diaban::data::model
