#include "geo/hotspot/lattice.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

namespace diaban::geo::hotspot {

namespace {

constexpr double major = 6'378'137;          // m, WGS 84
constexpr double e2 = 0.0066943799901413165; // WGS 84
constexpr double true_parallel = 16;         // degrees
constexpr double radian = std::numbers::pi / 180;
double const e = std::sqrt(e2);
double const k0 = std::cos(true_parallel * radian) /
                  std::sqrt(1 - e2 * std::pow(std::sin(true_parallel * radian), 2));

/// Equation 3-12.
double q_of(double sine) noexcept {
    double const es = e * sine;
    return (1 - e2) * (sine / (1 - es * es) - std::log((1 - es) / (1 + es)) / (2 * e));
}

/// Equation 3-16: Newton's steps from the sphere, until they are smaller than a nanometre.
double latitude_of(double q) noexcept {
    double phi = std::asin(std::clamp(q / 2, -1.0, 1.0));
    for (int i = 0; i < 12; ++i) {
        double const sine = std::sin(phi);
        double const part = 1 - e2 * sine * sine;
        double const step = part * part / (2 * std::cos(phi)) * (q - q_of(sine)) / (1 - e2);
        phi += step;
        if (std::abs(step) < 1e-16) break;
    }
    return phi;
}

/// From a row of hexagons to the next, in widths of one.
constexpr double row_step = std::numbers::sqrt3 / 2;

} // namespace

Position to_equal_area(Position degrees) noexcept {
    return {major * k0 * degrees.x * radian, major * q_of(std::sin(degrees.y * radian)) / (2 * k0)};
}

Position from_equal_area(Position metres) noexcept {
    return {metres.x / (major * k0) / radian, latitude_of(2 * k0 * metres.y / major) / radian};
}

LatticeCell Lattice::cell_of(Position degrees) const noexcept {
    auto const at = to_equal_area(degrees);
    if (m_kind == CellKind::square)
        return {std::int32_t(std::floor(at.x / m_across)),
                std::int32_t(std::floor(at.y / m_across))};
    // The nearest centre, by rounding the three axes whose sum is 0 and mending the worst.
    double const r = at.y / (m_across * row_step);
    double const q = at.x / m_across - r / 2;
    double const s = -q - r;
    double rounded_q = std::round(q);
    double rounded_r = std::round(r);
    double const rounded_s = std::round(s);
    double const off_q = std::abs(rounded_q - q);
    double const off_r = std::abs(rounded_r - r);
    double const off_s = std::abs(rounded_s - s);
    if (off_q > off_r && off_q > off_s)
        rounded_q = -rounded_r - rounded_s;
    else if (off_r > off_s)
        rounded_r = -rounded_q - rounded_s;
    return {std::int32_t(rounded_q), std::int32_t(rounded_r)};
}

Geometry Lattice::outline(LatticeCell cell) const {
    Geometry shape;
    shape.kind = GeometryKind::polygon;
    shape.srid = 4326;
    // Corners stand on whole numbers of half a cell and of a third of a row, so that neighbours
    // compute them alike.
    auto const add = [&](std::int64_t column, std::int64_t row, double width, double height) {
        shape.positions.push_back(from_equal_area({double(column) * width, double(row) * height}));
    };
    if (m_kind == CellKind::square) {
        constexpr std::array<std::pair<int, int>, 5> corners{
            {{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}}};
        for (auto const& [c, r] : corners)
            add(cell.column + std::int64_t{c}, cell.row + std::int64_t{r}, m_across, m_across);
    } else {
        auto const column = 2 * std::int64_t{cell.column} + cell.row;
        auto const row = 3 * std::int64_t{cell.row};
        constexpr std::array<std::pair<int, int>, 7> corners{
            {{0, -2}, {1, -1}, {1, 1}, {0, 2}, {-1, 1}, {-1, -1}, {0, -2}}};
        for (auto const& [c, r] : corners)
            add(column + c, row + r, m_across / 2, m_across * row_step / 3);
    }
    shape.path_ends.push_back(std::uint32_t(shape.positions.size()));
    shape.part_ends.push_back(1);
    return shape;
}

double Lattice::area_m2() const noexcept {
    double const square = m_across * m_across;
    return m_kind == CellKind::square ? square : square * row_step;
}

} // namespace diaban::geo::hotspot
