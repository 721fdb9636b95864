#pragma once

#include "geo/geometry.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace diaban::services::print {

class Page;

/// What a mark on the map stands for: its shape is the kind, its filling the state.
enum class Symbol : std::uint8_t {
    call_new,
    call_assigned,
    call_done,
    team_free,
    team_busy,
    team_off,
    shelter,
};
inline constexpr std::size_t symbols = 7;

/// What the map of an event shows; all of it decided, nothing left to the drawing.
///
/// CRS      one plane, metres, easting first.
struct SituationMap {
    struct Unit {
        geo::Geometry outline;
        std::string name;
        geo::Position label;
    };
    struct Mark {
        geo::Position at;
        Symbol symbol = Symbol::call_new;
        std::string figure; ///< beside it; may be empty
    };
    std::string title;
    geo::Box extent; ///< is seen whole
    std::vector<Unit> units;
    geo::Geometry area;      ///< the event's; may be empty
    std::vector<Mark> marks; ///< later ones lie on top
    std::string unit_word, area_word, scale_word, north_word;
    std::array<std::string, symbols> symbol_words; ///< empty: this reader sees none of them
    std::vector<std::string> notes;                ///< at the foot: date, sources, CRS
};

/// Draws the map on the page below `top`, with frame, legend (how many of each are drawn), scale,
/// north and notes: vectors and text, nothing rasterised.
///
/// Scale    the largest of 1:1000, 1500, 2000, 3000, 5000, 7500, 10,000, … at which the extent
///          fits the frame.
/// Labels   of units, where they meet no other.
/// Legend   its numbers count what lies in the frame.
void draw_situation_map(Page const& page, SituationMap const& map, double top, double bottom);

} // namespace diaban::services::print
