#pragma once

#include "geo/cadastre/parcel_set.hpp"
#include "geo/geometry.hpp"
#include "geo/index/packed_rtree.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace diaban::geo::cadastre {

/// The boxes of anything, found by box: sorted along Hilbert's curve under a packed R-tree.
class BoxIndex {
public:
    explicit BoxIndex(std::vector<Box> const& boxes);
    BoxIndex(BoxIndex const&) = delete;
    BoxIndex& operator=(BoxIndex const&) = delete;

    /// Calls `visit(i)` for every box that meets `query`.
    template <typename Visit>
    void search(Box const& query, Visit&& visit) const {
        m_tree.search(query, [&](std::size_t i) { visit(m_order[i]); });
    }

private:
    std::vector<std::uint32_t> m_order;
    std::vector<Box> m_sorted;
    index::PackedRtree<Box> m_tree;
};

/// Which parcels are where.
class ParcelIndex {
public:
    explicit ParcelIndex(ParcelSet const& parcels);

    /// Parcels whose box meets `query`, ascending.
    [[nodiscard]] std::vector<std::uint32_t> meeting(Box const& query) const;
    /// Parcels that hold `p`, borders included, ascending.
    [[nodiscard]] std::vector<std::uint32_t> holding(Position p) const;

private:
    ParcelSet const& m_parcels;
    BoxIndex m_boxes;
};

} // namespace diaban::geo::cadastre
