#include "geo/ops/orientation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace diaban::geo::ops {

namespace {

// Shewchuk's bound A for orient2d, (3 + 16ε)ε with ε = 2^-53.
constexpr double filter_bound = (3.0 + 16.0 * 0x1p-53) * 0x1p-53;

int sign(double x) noexcept {
    return (x > 0) - (x < 0);
}

/// An exact sum of doubles, held as components that do not overlap, smallest first.
class Expansion {
public:
    /// Adds a · b exactly: the product and its rounding error, which the fused operation yields.
    void add_product(double a, double b) noexcept {
        double const product = a * b;
        add(std::fma(a, b, -product));
        add(product);
    }

    /// The sign of the whole is that of its largest component.
    [[nodiscard]] int sign_of_sum() const noexcept {
        for (std::size_t i = m_size; i > 0; --i)
            if (m_parts[i - 1] != 0) return sign(m_parts[i - 1]);
        return 0;
    }

private:
    /// GROW-EXPANSION with TWO-SUM (Shewchuk, figures 7 and 6).
    void add(double term) noexcept {
        double carry = term;
        for (std::size_t i = 0; i < m_size; ++i) {
            double const sum = carry + m_parts[i];
            double const virtual_part = sum - carry;
            double const error = (carry - (sum - virtual_part)) + (m_parts[i] - virtual_part);
            m_parts[i] = error;
            carry = sum;
        }
        m_parts[m_size++] = carry;
    }

    std::array<double, 12> m_parts{}; // six products of two components each
    std::size_t m_size = 0;
};

/// Sign of (a − c) × (b − c), multiplied out so that every product is exact.
int exact_orientation(Position a, Position b, Position c) noexcept {
    Expansion sum;
    sum.add_product(a.x, b.y);
    sum.add_product(-a.y, b.x);
    sum.add_product(b.x, c.y);
    sum.add_product(-b.y, c.x);
    sum.add_product(c.x, a.y);
    sum.add_product(-c.y, a.x);
    return sum.sign_of_sum();
}

bool apart(double a, double b, double c, double d) noexcept {
    return std::max(a, b) < std::min(c, d) || std::max(c, d) < std::min(a, b);
}

} // namespace

int orientation(Position a, Position b, Position c) noexcept {
    double const left = (a.x - c.x) * (b.y - c.y);
    double const right = (a.y - c.y) * (b.x - c.x);
    double const determinant = left - right;
    if (std::abs(determinant) > filter_bound * (std::abs(left) + std::abs(right)))
        return sign(determinant);
    return exact_orientation(a, b, c);
}

bool segments_meet(Position a, Position b, Position c, Position d) noexcept {
    if (apart(a.x, b.x, c.x, d.x) || apart(a.y, b.y, c.y, d.y)) return false;
    // Boxes overlap, so segments on one line (all four signs 0) meet.
    int const c_side = orientation(a, b, c);
    if (c_side != 0 && c_side == orientation(a, b, d)) return false;
    int const a_side = orientation(c, d, a);
    return a_side == 0 || a_side != orientation(c, d, b);
}

} // namespace diaban::geo::ops
