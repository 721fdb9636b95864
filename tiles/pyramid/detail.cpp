#include "tiles/pyramid/detail.hpp"

#include "geo/coverage/simplify.hpp"

namespace diaban::tiles::pyramid {

std::vector<std::uint8_t> first_zooms(std::span<GridPoint const> points,
                                      std::span<std::uint32_t const> path_begin,
                                      std::uint32_t lowest, unsigned threads) {
    std::vector<double> thresholds;
    for (auto zoom = full_detail_zoom; zoom-- > lowest;) {
        double const unit = double(std::uint32_t{1} << (TileId::max_zoom - zoom));
        thresholds.push_back(2 * least_triangle * unit * unit);
    }
    geo::coverage::Rings const rings{points, path_begin};
    auto const arcs = geo::coverage::find_arcs(rings, threads);
    auto zooms =
        geo::coverage::by_ring(rings, arcs, geo::coverage::outlived(arcs, thresholds, threads));
    // Gone at threshold k means gone at zoom full_detail_zoom - 1 - k and below.
    for (auto& zoom : zooms)
        zoom = zoom == thresholds.size() ? std::uint8_t{0} : std::uint8_t(full_detail_zoom - zoom);
    return zooms;
}

} // namespace diaban::tiles::pyramid
