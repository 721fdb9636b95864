#pragma once

#include "geo/geometry.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace diaban::services::live {

class Client;

/// Which clients watch a place: those whose boxes lie near it, and those who watch everywhere.
///
/// Method    grids of 1, 2, 4 … cells a side over the world; a box lies in the finest whose cells
///           are at least as wide and high as it, so in at most four of them.
/// Cost      of a small box a look at four cells or so of each grid in use, and then what is
///           found: it does not grow with the clients who watch elsewhere.
class Watchers {
public:
    /// `boxes`  EPSG:4326; none: everywhere.
    void add(Client& client, std::span<geo::Box const> boxes);
    /// With the same boxes as it was added with.
    void remove(Client const& client, std::span<geo::Box const> boxes);

    /// Appends the clients that may watch something of `box`, all who do among them; one that
    /// watches several boxes perhaps more than once. An empty box: those of everywhere.
    void find(geo::Box const& box, std::vector<Client*>& found) const;

private:
    static constexpr unsigned grids = 17; // the finest cells: 0.0055° wide, 0.0027° high
    using Cell = std::vector<Client*>;
    using Grid = std::unordered_map<std::uint64_t, Cell>;

    struct Range;
    [[nodiscard]] static Range range(geo::Box const& box, unsigned level) noexcept;
    [[nodiscard]] static unsigned level_of(geo::Box const& box) noexcept;
    template <class Visit>
    void visit_cells(geo::Box const& box, Visit const& visit);

    std::array<Grid, grids> m_grids;
    Cell m_everywhere;
};

} // namespace diaban::services::live
