#pragma once

#include "geo/geometry.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

namespace diaban::geo::hotspot {

/// Points sorted into squares as wide as a distance, to find those within it of a position.
///
/// Cost     memory follows the points, not the ground they lie on.
/// Borrows  the positions, which outlive it. Not checked: that they are finite.
class Near {
public:
    Near(std::span<Position const> positions, double distance)
        : m_positions{positions}, m_distance{distance} {
        for (std::uint32_t i = 0; i < positions.size(); ++i)
            m_entries.push_back({row(positions[i].y), row(positions[i].x), i});
        std::ranges::sort(m_entries);
    }

    /// Calls `visit(i)` for the points at most the distance away, until one answers false.
    template <typename Visit>
    void visit(Position at, Visit const& visit) const {
        auto const column = row(at.x);
        for (auto r = row(at.y) - 1; r <= row(at.y) + 1; ++r) {
            auto entry = std::ranges::lower_bound(m_entries, Entry{r, column - 1, 0});
            for (; entry != m_entries.end() && entry->row == r && entry->column <= column + 1;
                 ++entry)
                if (is_near(at, m_positions[entry->point]) && !visit(entry->point)) return;
        }
    }

private:
    struct Entry {
        std::int64_t row;
        std::int64_t column;
        std::uint32_t point;
        friend auto operator<=>(Entry const&, Entry const&) = default;
    };

    [[nodiscard]] std::int64_t row(double value) const noexcept {
        return std::int64_t(std::floor(value / m_distance));
    }
    [[nodiscard]] bool is_near(Position a, Position b) const noexcept {
        double const dx = a.x - b.x;
        double const dy = a.y - b.y;
        return dx * dx + dy * dy <= m_distance * m_distance;
    }

    std::span<Position const> m_positions;
    double m_distance;
    std::vector<Entry> m_entries;
};

} // namespace diaban::geo::hotspot
