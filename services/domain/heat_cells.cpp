#include "services/domain/heat_cells.hpp"

#include "geo/error.hpp"
#include "services/domain/field_numbers.hpp"
#include "tiles/grid.hpp"

#include <optional>
#include <string>

namespace diaban::services::domain {

namespace {

void add(HeatCell& cell, double weight) {
    ++cell.count;
    cell.weight += weight;
}

/// Calls `tell(row, weight)` for each row with geometry that counts anything; how many have none.
template <class Tell>
std::uint64_t for_each_located(ChosenRows const& chosen, geo::Field const* weight,
                               Tell const& tell) {
    auto const& run = *chosen.live.run;
    std::optional<FieldNumbers> weights;
    if (weight != nullptr) weights.emplace(run, *weight);
    std::uint64_t unlocated = 0;
    for (std::size_t i = 0; i < chosen.rows.size(); ++i) {
        auto const row = chosen.rows[i];
        double const counts = weights ? (*weights)[row] : 1.0;
        if (!(counts > 0)) continue;
        if (row < run.located())
            tell(i, counts);
        else
            ++unlocated;
    }
    return unlocated;
}

} // namespace

HeatCells cells_of(std::span<ChosenRows const> chosen, geo::Field const* weight,
                   geo::hotspot::Lattice const& lattice, std::size_t most) {
    HeatCells found;
    // Points that follow each other lie near each other: mostly in the same cell.
    geo::hotspot::LatticeCell last;
    HeatCell* cell = nullptr;
    for (auto const& part : chosen)
        found.unlocated += for_each_located(part, weight, [&](std::size_t i, double counts) {
            for (auto const& point : part.live.run->points_of(part.rows[i])) {
                auto const at =
                    lattice.cell_of(tiles::from_grid({double(point.x), double(point.y)}));
                if (cell == nullptr || at != last) {
                    cell = &found.cells[at];
                    last = at;
                    if (found.cells.size() > most)
                        throw geo::Error{geo::Code::too_large,
                                         "too-many-parts",
                                         {{"accepted", std::to_string(most)}}};
                }
                add(*cell, counts);
                add(found.all, counts);
            }
        });
    return found;
}

HeatUnits units_of(std::span<ChosenRows const> chosen, geo::Field const* weight,
                   tiles::mirror::Partition const& units) {
    HeatUnits found;
    for (auto const& part : chosen) {
        auto const& run = *part.live.run;
        auto const parts = tiles::mirror::parts_of(run, part.rows, units);
        found.unlocated += for_each_located(part, weight, [&](std::size_t i, double counts) {
            auto const points = run.points_of(part.rows[i]);
            for (auto const& point : points) {
                auto const unit = points.size() == 1 ? parts[i] : units.holding(point);
                add(unit == tiles::mirror::Partition::nowhere ? found.elsewhere : found.units[unit],
                    counts);
                add(found.all, counts);
            }
        });
    }
    return found;
}

} // namespace diaban::services::domain
