#pragma once

#include "geo/index/packed_rtree.hpp"
#include "geo/synthetic/parcel_grid.hpp"
#include "tiles/mvt.hpp"
#include "tiles/pyramid/keys.hpp"
#include "tiles/pyramid/square.hpp"
#include "tiles/shape.hpp"

#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace diaban::tests {

/// Polygons in memory as a pyramid reads them; those that are `gone` are passed over.
class PolygonRows : public tiles::pyramid::RowSource {
public:
    std::vector<tiles::GridPoint> points;
    std::vector<std::uint32_t> path_begin{0};
    std::vector<std::uint32_t> row_begin{0}; ///< into path_begin
    std::vector<tiles::GridBox> boxes;
    std::vector<std::uint32_t> keys;
    std::vector<double> areas;
    std::vector<bool> gone;

    [[nodiscard]] std::size_t size() const noexcept { return boxes.size(); }

    void add_ring(std::vector<tiles::GridPoint> const& ring) {
        points.insert(points.end(), ring.begin(), ring.end());
        path_begin.push_back(std::uint32_t(points.size()));
    }
    /// Ends a row of the rings added since the last.
    void end_row(std::uint32_t key, double area_m2) {
        auto const first = path_begin[row_begin.back()];
        boxes.push_back(tiles::box_of(std::span{points}.subspan(first)));
        row_begin.push_back(std::uint32_t(path_begin.size() - 1));
        keys.push_back(key);
        areas.push_back(area_m2);
        gone.push_back(false);
    }
    /// Call after the last row.
    void finish() {
        m_tree = geo::index::PackedRtree<tiles::GridBox>{std::span{std::as_const(boxes)}};
    }

    [[nodiscard]] tiles::pyramid::Row row(std::size_t i) const {
        auto const middle = [](std::int32_t low, std::int32_t high) {
            return std::int32_t((std::int64_t{low} + high) / 2);
        };
        auto const& box = boxes[i];
        return {keys[i],
                box,
                {middle(box.min_x, box.max_x), middle(box.min_y, box.max_y)},
                points,
                std::span{path_begin}.subspan(row_begin[i], row_begin[i + 1] - row_begin[i] + 1),
                areas[i],
                {}};
    }
    void visit(tiles::GridBox const& box,
               std::function<void(tiles::pyramid::Row const&)> const& visit) const override {
        m_tree.search(box, [&](std::size_t i) {
            if (!gone[i]) visit(row(i));
        });
    }
    [[nodiscard]] tiles::GridBox bounds() const override { return m_tree.bounds(); }

private:
    geo::index::PackedRtree<tiles::GridBox> m_tree;
};

/// Generated parcels with their land use; `scopes` of them side by side from west to east.
inline void add_parcels(geo::synthetic::ParcelGridPlan const& plan, std::uint32_t scopes,
                        tiles::pyramid::Keys& keys, PolygonRows& rows) {
    geo::synthetic::ParcelGrid const grid{plan};
    geo::synthetic::Parcel parcel;
    std::vector<tiles::GridPoint> ring;
    for (std::uint64_t i = 0; i < grid.size(); ++i) {
        grid.parcel(i, parcel);
        auto const& outline = parcel.outline.positions;
        ring.clear();
        // Counter-clockwise in degrees is clockwise with y down: turned round.
        for (auto p = outline.size() - 1; p > 0; --p) ring.push_back(tiles::to_grid(outline[p]));
        auto const share = (outline[0].x - plan.box.min_x) / (plan.box.max_x - plan.box.min_x);
        auto const scope = std::min(std::uint32_t(share * scopes), scopes - 1);
        tiles::pyramid::Key const key{tiles::mvt::encode_value(parcel.land_use),
                                      std::to_string(scope), 0};
        rows.add_ring(ring);
        // Square steps as if they were square metres: only sums are asked for.
        rows.end_row(keys.number(key), double(tiles::twice_area(ring)) / 2);
    }
    rows.finish();
}

} // namespace diaban::tests
