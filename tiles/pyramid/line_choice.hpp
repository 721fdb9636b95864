#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace diaban::tiles::pyramid {

/// What lines are chosen by: the rank of their class (0 comes first), then their length along the
/// grid in steps, the longest first.
struct LineStanding {
    std::uint32_t rank = 0;
    std::int64_t length = 0;
};

/// Which lines a zoom draws: those of a lower rank, and of `rank` itself those at least as long as
/// `length`. As made by default: all.
struct LineCut {
    std::uint32_t rank = UINT32_MAX;
    std::int64_t length = 0;

    [[nodiscard]] bool shows(LineStanding const& line) const noexcept {
        return line.rank < rank || (line.rank == rank && line.length >= length);
    }
    friend bool operator==(LineCut const&, LineCut const&) = default;
};
/// The one of two that shows fewer.
[[nodiscard]] LineCut stricter(LineCut const& a, LineCut const& b) noexcept;

/// A line whose box is less than this wide and high, in tile units, is not drawn: it would be a
/// dot.
constexpr std::int32_t shortest_line = 8; // half a pixel

/// A point of a line is left out while the triangle it makes with its neighbours is smaller than
/// this, in square tile units: an eighth of a pixel's area.
constexpr double least_line_triangle = 32;

/// How many bytes of a low tile lines may fill, where the whole is to stay within 500 KB.
constexpr std::uint32_t line_bytes = 450'000;

/// What a line takes of one tile.
struct LineLoad {
    std::uint32_t line = 0; ///< its place among the standings
    std::uint64_t tile = 0; ///< its number
    std::uint32_t bytes = 0;
};

/// The most lenient cut of a zoom with which no tile is filled beyond `budget` bytes.
///
/// One rule  holds for all tiles of the zoom: a line is never cut off at a tile's border, and a
/// road
///           in the country is drawn by the measure of one in town. So what is left out can be said
///           in a sentence, and who draws a row does not hang on rows that he may not see.
/// Cost      one sort.
[[nodiscard]] LineCut choose_lines(std::span<LineStanding const> lines,
                                   std::span<LineLoad const> loads, std::uint32_t budget);

} // namespace diaban::tiles::pyramid
