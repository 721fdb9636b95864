#pragma once

#include "geo/geometry.hpp"
#include "tests/support/mvt_reader.hpp"
#include "tiles/tile_id.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace diaban::tests {

/// An open ring in a tile's units.
using TileRing = std::vector<ReadPoint>;

/// What GEOS says of the polygons that a tile draws, all layers together.
class TileShapes {
public:
    explicit TileShapes(std::vector<ReadLayer> const& layers);

    [[nodiscard]] std::size_t polygons() const noexcept { return m_polygons; }
    [[nodiscard]] std::size_t invalid() const noexcept { return m_invalid; }
    [[nodiscard]] double sum() const noexcept { return m_sum; } ///< of their areas, square units
    [[nodiscard]] double united() const noexcept { return m_united; } ///< area of their union
    [[nodiscard]] std::vector<TileRing> const& holes() const noexcept { return m_holes; }
    /// Where two of them overlap; looked for where sum and union differ.
    [[nodiscard]] std::vector<TileRing> const& overlaps() const noexcept { return m_overlaps; }

private:
    std::size_t m_polygons = 0;
    std::size_t m_invalid = 0;
    double m_sum = 0;
    double m_united = 0;
    std::vector<TileRing> m_holes; // of the union
    std::vector<TileRing> m_overlaps;
};

/// Polygons to ask about places, in steps.
class Ground {
public:
    explicit Ground(geo::Geometry const& polygons);
    ~Ground();
    Ground(Ground&&) noexcept;

    /// Whether what a ring in a tile encloses lies wholly on this ground.
    [[nodiscard]] bool covers(tiles::TileId tile, TileRing const& ring) const;
    /// Whether it comes as near as so many tile units.
    [[nodiscard]] bool is_near(tiles::TileId tile, TileRing const& ring, double units) const;

private:
    struct Prepared;
    std::unique_ptr<Prepared> m_prepared;
};

} // namespace diaban::tests
