#include "geo/cadastre/parcel_index.hpp"

#include "geo/index/hilbert.hpp"

#include <algorithm>

namespace diaban::geo::cadastre {

namespace {

std::vector<std::uint32_t> hilbert_order(std::vector<Box> const& boxes) {
    Box all;
    for (auto const& box : boxes) all.extend(box);
    constexpr double steps = 65535;
    double const side = std::max({all.max_x - all.min_x, all.max_y - all.min_y, 1e-9});
    std::vector<std::pair<std::uint32_t, std::uint32_t>> keys;
    keys.reserve(boxes.size());
    for (std::uint32_t i = 0; i < boxes.size(); ++i) {
        auto const at = [&](double low, double high, double from) {
            double const step = ((low + high) / 2 - from) / side * steps;
            return step > 0 ? static_cast<std::uint32_t>(std::min(step, steps)) : 0U;
        };
        keys.emplace_back(index::hilbert(at(boxes[i].min_x, boxes[i].max_x, all.min_x),
                                         at(boxes[i].min_y, boxes[i].max_y, all.min_y)),
                          i);
    }
    std::ranges::sort(keys);
    std::vector<std::uint32_t> order;
    order.reserve(keys.size());
    for (auto const& [_, i] : keys) order.push_back(i);
    return order;
}

std::vector<Box> boxes_of(ParcelSet const& parcels) {
    std::vector<Box> boxes(parcels.size());
    for (std::size_t i = 0; i < boxes.size(); ++i) boxes[i] = parcels.box(i);
    return boxes;
}

} // namespace

BoxIndex::BoxIndex(std::vector<Box> const& boxes) : m_order{hilbert_order(boxes)} {
    m_sorted.reserve(boxes.size());
    for (auto const i : m_order) m_sorted.push_back(boxes[i]);
    m_tree = index::PackedRtree<Box>{std::span<Box const>{m_sorted}};
}

ParcelIndex::ParcelIndex(ParcelSet const& parcels)
    : m_parcels{parcels}, m_boxes{boxes_of(parcels)} {}

std::vector<std::uint32_t> ParcelIndex::meeting(Box const& query) const {
    std::vector<std::uint32_t> found;
    m_boxes.search(query, [&](std::uint32_t i) { found.push_back(i); });
    std::ranges::sort(found);
    return found;
}

std::vector<std::uint32_t> ParcelIndex::holding(Position p) const {
    auto found = meeting({p.x, p.y, p.x, p.y});
    std::erase_if(found, [&](std::uint32_t i) { return !m_parcels.holds(i, p); });
    return found;
}

} // namespace diaban::geo::cadastre
