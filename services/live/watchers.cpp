#include "services/live/watchers.hpp"

#include <algorithm>

namespace diaban::services::live {

namespace {

constexpr double world_width = 360;
constexpr double world_height = 180;

std::uint64_t key(std::uint32_t x, std::uint32_t y) noexcept {
    return std::uint64_t{y} << 32 | x;
}

void take_out(std::vector<Client*>& cell, Client const& client) {
    auto const it = std::ranges::find(cell, &client);
    if (it == cell.end()) return;
    *it = cell.back();
    cell.pop_back();
}

} // namespace

/// The cells of a grid that a box touches; what lies beyond the world is in the cells at its edge.
struct Watchers::Range {
    std::uint32_t west, south, east, north;

    [[nodiscard]] std::uint64_t cells() const noexcept {
        return (std::uint64_t{east} - west + 1) * (std::uint64_t{north} - south + 1);
    }
    [[nodiscard]] bool holds(std::uint64_t cell) const noexcept {
        auto const x = static_cast<std::uint32_t>(cell);
        auto const y = static_cast<std::uint32_t>(cell >> 32);
        return x >= west && x <= east && y >= south && y <= north;
    }
};

Watchers::Range Watchers::range(geo::Box const& box, unsigned level) noexcept {
    auto const side = double(1U << level);
    auto const cell = [&](double share) {
        return static_cast<std::uint32_t>(std::clamp(share * side, 0.0, side - 1));
    };
    return {cell((box.min_x + world_width / 2) / world_width),
            cell((box.min_y + world_height / 2) / world_height),
            cell((box.max_x + world_width / 2) / world_width),
            cell((box.max_y + world_height / 2) / world_height)};
}

unsigned Watchers::level_of(geo::Box const& box) noexcept {
    unsigned level = 0;
    while (level + 1 < grids && box.max_x - box.min_x <= world_width / double(2U << level) &&
           box.max_y - box.min_y <= world_height / double(2U << level))
        ++level;
    return level;
}

template <class Visit>
void Watchers::visit_cells(geo::Box const& box, Visit const& visit) {
    auto const level = level_of(box);
    auto const cells = range(box, level);
    for (auto y = cells.south; y <= cells.north; ++y)
        for (auto x = cells.west; x <= cells.east; ++x) visit(m_grids[level], key(x, y));
}

void Watchers::add(Client& client, std::span<geo::Box const> boxes) {
    if (boxes.empty()) m_everywhere.push_back(&client);
    for (auto const& box : boxes)
        visit_cells(box, [&](Grid& grid, std::uint64_t cell) { grid[cell].push_back(&client); });
}

void Watchers::remove(Client const& client, std::span<geo::Box const> boxes) {
    if (boxes.empty()) take_out(m_everywhere, client);
    for (auto const& box : boxes)
        visit_cells(box, [&](Grid& grid, std::uint64_t cell) {
            auto const it = grid.find(cell);
            if (it == grid.end()) return;
            take_out(it->second, client);
            if (it->second.empty()) grid.erase(it);
        });
}

void Watchers::find(geo::Box const& box, std::vector<Client*>& found) const {
    found.insert(found.end(), m_everywhere.begin(), m_everywhere.end());
    if (box.empty()) return;
    for (unsigned level = 0; level < grids; ++level) {
        auto const& grid = m_grids[level];
        if (grid.empty()) continue;
        auto const cells = range(box, level);
        if (cells.cells() > grid.size()) {
            for (auto const& [cell, clients] : grid)
                if (cells.holds(cell)) found.insert(found.end(), clients.begin(), clients.end());
            continue;
        }
        for (auto y = cells.south; y <= cells.north; ++y)
            for (auto x = cells.west; x <= cells.east; ++x)
                if (auto const it = grid.find(key(x, y)); it != grid.end())
                    found.insert(found.end(), it->second.begin(), it->second.end());
    }
}

} // namespace diaban::services::live
