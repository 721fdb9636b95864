#include "tiles/pyramid/detail.hpp"

#include "geo/coverage/simplify.hpp"

namespace diaban::tiles::pyramid {

Detail detail_of(std::span<GridPoint const> points, std::span<std::uint32_t const> path_begin,
                 std::span<std::uint32_t const> row_begin, std::uint32_t lowest, bool gaps,
                 unsigned threads) {
    std::vector<double> thresholds;
    for (auto zoom = full_detail_zoom; zoom-- > lowest;) {
        double const unit = double(std::uint32_t{1} << (TileId::max_zoom - zoom));
        thresholds.push_back(2 * least_triangle * unit * unit);
    }
    geo::coverage::Rings const rings{points, path_begin};
    auto const arcs = geo::coverage::find_arcs(rings, threads);
    auto by_arc = geo::coverage::outlived(arcs, thresholds, threads);
    // Gone at threshold k means gone at zoom full_detail_zoom - 1 - k and below.
    for (auto& zoom : by_arc)
        zoom = zoom == thresholds.size() ? std::uint8_t{0} : std::uint8_t(full_detail_zoom - zoom);
    return {
        geo::coverage::by_ring(rings, arcs, by_arc),
        find_bends(rings, row_begin, arcs, by_arc, {lowest, TileId::max_zoom - 1}, gaps, threads)};
}

} // namespace diaban::tiles::pyramid
