#include "geo/terrain/catchment.hpp"

#include "geo/error.hpp"
#include "geo/terrain/drainage.hpp"

#include <limits>
#include <string>

namespace diaban::geo::terrain {

namespace {

constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

/// The cell that a cell drains to; `none` where its water goes away.
std::uint32_t below(raster::Shape shape, std::span<Direction const> directions,
                    std::uint32_t cell) noexcept {
    auto const columns = std::uint32_t(shape.columns);
    for (auto const& step : steps) {
        if (step.code != directions[cell]) continue;
        auto const x = std::int32_t(cell % columns) + step.column;
        auto const y = std::int32_t(cell / columns) + step.row;
        if (!shape.holds(x, y) || directions[shape.index(x, y)] == unknown) return none;
        return std::uint32_t(shape.index(x, y));
    }
    return none;
}

} // namespace

CatchmentIndex::CatchmentIndex(raster::Shape shape, std::span<Direction const> directions,
                               unsigned threads)
    : m_shape{shape} {
    if (shape.cells() >= none)
        throw Error{
            Code::too_large,
            "too-many-cells",
            {{"cells", std::to_string(shape.cells())}, {"accepted", std::to_string(none - 1)}}};
    m_sizes.resize(shape.cells());
    accumulate(shape, directions, m_sizes, threads);
    m_places.assign(shape.cells(), none);
    m_order.resize(shape.cells());
    std::vector<std::uint32_t> free(shape.cells()); // by cell: where its next donor will stand
    std::vector<std::uint32_t> path;
    std::uint32_t end = 0;
    for (std::uint32_t start = 0; start < shape.cells(); ++start) {
        if (directions[start] == unknown) continue;
        path.clear();
        auto here = start;
        while (here != none && m_places[here] == none) {
            path.push_back(here);
            here = below(shape, directions, here);
        }
        for (auto at = path.rbegin(); at != path.rend(); ++at) {
            auto& place = here == none ? end : free[here];
            m_places[*at] = place;
            m_order[place] = *at;
            free[*at] = place + 1;
            place += m_sizes[*at];
            here = *at;
        }
    }
}

bool CatchmentIndex::drains_through(raster::Cell above, raster::Cell below) const noexcept {
    auto const a = m_shape.index(above.column, above.row);
    auto const b = m_shape.index(below.column, below.row);
    return m_sizes[a] != 0 && m_sizes[b] != 0 && m_places[a] - m_places[b] < m_sizes[b];
}

} // namespace diaban::geo::terrain
