#pragma once

#include "geo/geometry.hpp"
#include "geo/raster/grid.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

namespace diaban::services::domain {

/// What is done to ground along lines before it is kept, because somebody says so: heights from the
/// air know neither the river's bed, nor a dyke narrower than a cell, nor the water under a bridge.
struct GroundEdit {
    enum class Kind : std::uint8_t {
        burn,  ///< lowered by `metres`: rivers
        raise, ///< raised by `metres`: dykes
        pass,  ///< lowered, where it is higher, to the straight line between the heights at both
              ///< ends of each path: water under a bridge, through a culvert, also of a raised dyke
    };
    Kind kind = Kind::burn;
    std::filesystem::path lines; ///< a vector file of lines
    double metres = 0;
};

/// The cells that edits change, found before the ground is read through once.
class GroundEdits {
public:
    /// `height` tells what the ground is at a cell (m); NaN: not known.
    /// Throws   Error{bad_input, …}: as VectorSource; "not-a-line"; "unknown-crs" where a file says
    ///          none; "no-lines" where none of a file's lines meets the grid.
    GroundEdits(std::vector<GroundEdit> const& edits, geo::raster::Frame const& frame,
                std::function<float(geo::raster::Cell)> const& height);

    /// Changes the cells of a window, whose rows are whole.
    void apply(geo::raster::Window const& window, std::span<float> cells) const;
    [[nodiscard]] std::size_t cells() const noexcept { return m_changes.size(); }

private:
    struct Change {
        float by = 0;                ///< m, of burning and raising
        std::optional<float> most{}; ///< m: not higher than this
    };
    void add(GroundEdit const& edit, geo::Geometry const& lines, geo::raster::Frame const& frame,
             std::function<float(geo::raster::Cell)> const& height);
    void pass(geo::Geometry const& lines, geo::raster::Frame const& frame,
              std::function<float(geo::raster::Cell)> const& height);

    geo::raster::Shape m_shape;
    std::unordered_map<std::size_t, Change> m_changes; ///< by cell
};

} // namespace diaban::services::domain
