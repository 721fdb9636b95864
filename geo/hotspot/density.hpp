#pragma once

#include "geo/raster/grid.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace diaban::geo::hotspot {

/// Something that happened at a position and counts `weight` times.
struct WeightedPoint {
    double x = 0;
    double y = 0;
    double weight = 1;
};

/// The quartic kernel of bandwidth `radius`: 3 / (π h²) · (1 − d²/h²)² nearer than h, else 0
/// (Silverman 1986, eq. 4.5). Per square unit; over the plane it integrates to 1.
[[nodiscard]] double quartic(double distance, double radius) noexcept;

/// Density at the centre of each cell of `frame`, per square unit of its CRS: the sum of
/// weight · quartic(distance, radius) over the points.
///
/// Exact   to 1e-9 of the kernel's peak times the largest number of points within reach.
/// Method  a sweep along each row: a point adds its kernel there, a polynomial of the fourth
/// degree,
///         at the cell where it begins and takes it away where it ends. (Sweep lines for kernel
///         density: Chan et al. 2022, SLAM. Ours keeps the polynomial about the cell it has come
///         to, so that nothing cancels.)
/// Cost    points × rows within reach; the area within reach does not matter.
/// Throws  Error{bad_input, "bad-parameter"} unless 0 < radius and it is at most 4096 cells.
[[nodiscard]] raster::Grid<double> exact_density(std::span<WeightedPoint const> points,
                                                 raster::Frame const& frame, double radius);

/// Weights brought to the centres of a lattice's cells, each shared by the four cells around it in
/// proportion to nearness (linear binning: Wand 1994). Column 0, row 0 is the centre of the first
/// cell.
class Bins {
public:
    explicit Bins(raster::Shape shape) : m_shape{shape}, m_weights(shape.cells(), 0.0) {}

    /// Nothing for what lies outside of the outermost centres. Not checked: that `weight` is
    /// finite.
    void add(double column, double row, double weight) noexcept;
    /// The same in 256ths of a cell, from the first centre. Shares are exact there.
    void add_fixed(std::int64_t column, std::int64_t row, double weight) noexcept {
        auto const c = column >> 8;
        auto const r = row >> 8;
        if (c < 0 || r < 0 || c + 1 >= m_shape.columns || r + 1 >= m_shape.rows) return;
        auto const right = double(column & 255);
        auto const below = double(row & 255);
        double const unit = weight / 65536;
        auto* const at = &m_weights[m_shape.index(std::int32_t(c), std::int32_t(r))];
        at[0] += (256 - right) * (256 - below) * unit;
        at[1] += right * (256 - below) * unit;
        at[m_shape.columns] += (256 - right) * below * unit;
        at[m_shape.columns + 1] += right * below * unit;
    }

    [[nodiscard]] raster::Shape const& shape() const noexcept { return m_shape; }
    [[nodiscard]] std::span<double const> row(std::int32_t r) const noexcept {
        return std::span{m_weights}.subspan(m_shape.index(0, r), std::size_t(m_shape.columns));
    }

private:
    raster::Shape m_shape;
    std::vector<double> m_weights;
};

/// How far the kernel reaches from a row of bins, in cells along each axis. Differs by row where
/// the cells' true sides do, as in Web Mercator.
struct Reach {
    double columns = 1;
    double rows = 1;

    friend bool operator==(Reach const&, Reach const&) = default;
};

/// How bins spread: what lies in each cell of `window` when every bin's weight is shared out by the
/// quartic kernel over the cells around it.
///
/// `reaches`  one a row of `bins`.
/// Mass       the shares of a bin sum to its weight, to 1e-9: the cells of a plane sum to the
/// weights. Error      per cell at most `binning_error(reach)` of the kernel's peak for each unit
/// of weight
///            within reach and a cell, against the exact density.
/// Cost       rows of bins × rows within reach × columns of the window, whatever the weights.
[[nodiscard]] std::vector<double> spread(Bins const& bins, std::span<Reach const> reaches,
                                         raster::Window const& window);

/// The bound that `spread` states, as a share of the kernel's peak 3 / (π · columns · rows): what
/// linear binning may err, 1.5 / reach² (an eighth of the second derivatives), and what the sum
/// over cells differs from the integral.
[[nodiscard]] double binning_error(Reach const& reach) noexcept;

} // namespace diaban::geo::hotspot
