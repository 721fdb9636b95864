#pragma once

#include "data/model/wall.hpp"
#include "geo/policy.hpp"
#include "services/domain/picture.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace diaban::services::domain {

/// A wall: a grid of equal screens.
struct Wall {
    std::int64_t fid = 0;
    std::int32_t number = 0; ///< what its address has
    std::string title;
    std::int32_t rows = 1;
    std::int32_t columns = 1;
    std::int32_t pixel_width = 0; ///< of one screen
    std::int32_t pixel_height = 0;
    double pitch = 0;      ///< mm from pixel to pixel
    double gap_across = 0; ///< mm between the pictures of neighbours: their bezels
    double gap_down = 0;
};

/// What can be put on air.
struct WallScene {
    std::int64_t fid = 0;
    std::int32_t position = 0;
    std::string title;
    std::string title_en;                ///< empty: as in Vietnamese
    std::optional<std::int32_t> seconds; ///< in the carousel; absent: it stays out of that
    std::string content;                 ///< JSON, see check_wall_content
};

/// Walls that the policy sees, by number. Read from the mirror.
[[nodiscard]] std::vector<Wall> read_walls(View const& walls, geo::Policy const& policy);
/// Scenes of a wall that the policy sees, in their order. Read from the mirror.
[[nodiscard]] std::vector<WallScene> read_wall_scenes(View const& scenes, geo::Policy const& policy,
                                                      std::int32_t wall);

/// `2` or `1-3`: the first and the last, from 1, at most `most`. Nothing for any other text.
[[nodiscard]] std::optional<std::pair<std::int32_t, std::int32_t>>
read_span(std::string_view text, std::int32_t most) noexcept;

/// `2/3`: a cell of the wall as the record keeps it. Nothing for any other text.
[[nodiscard]] std::optional<std::string> read_wall_cell(std::string_view text, Wall const& wall);

/// Content of a wall: `{"zones": [{"rows": [1, 3], "columns": [1, 2], "kind": "map", …}, …]}`.
/// Zones lie inside the grid and share no cell; a cell in no zone shows the time. By kind:
///
///   map        centre [lon, lat], zoom; layers [collection, …]
///   indicator  indicator: a code of the catalogue
///   list       collection; filter (CQL2), sort
///   clock, text  nothing; text
///
/// `exercise` true stamps every screen. Throws Error{bad_input, "wall-content"} naming the part.
void check_wall_content(nlohmann::json const& content, Wall const& wall);

} // namespace diaban::services::domain
