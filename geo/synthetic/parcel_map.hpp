#pragma once

#include "geo/synthetic/blocks.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::geo::synthetic {

/// A parcel as a land register has it; its holder is invented, and says so.
struct LandParcel {
    Geometry outline; ///< one ring, counter-clockwise, EPSG:4326, valid
    std::uint32_t commune = 0;
    std::int64_t sheet = 0;
    std::int64_t number = 0; ///< sheet and number are unique within the commune
    std::string_view land_use;
    std::string_view planned_use;
    std::string_view origin;  ///< code of how the use right came about
    double area_m2 = 0;       ///< geodesic, to 0.1 m²
    double legal_area_m2 = 0; ///< as the paper says: one in 33 differs by up to 5 %
    std::string geohash;      ///< of a place inside, 12 characters
    std::string owner_name;
};

/// All blocks cut into parcels. Neighbours, also of different blocks, share their boundary vertices
/// exactly, double for double.
class ParcelMap {
public:
    /// `land` must outlive this.
    ParcelMap(Landscape const& land, std::vector<Block> blocks, std::uint64_t seed);

    [[nodiscard]] Landscape const& land() const noexcept { return m_land; }
    [[nodiscard]] std::span<Block const> blocks() const noexcept { return m_blocks; }
    [[nodiscard]] Mosaic const& mosaic() const noexcept { return m_mosaic; }
    /// The parcels of a block, as rectangles of the lattice.
    [[nodiscard]] std::span<Rect const> rects(std::size_t block) const noexcept;
    [[nodiscard]] std::uint64_t size() const noexcept { return m_rects.size(); }

    /// Hands out every parcel, block by block. What is handed out is reused.
    void for_each(std::function<void(LandParcel const&)> const& take) const;

private:
    void fill(LandParcel& parcel, Block const& block, Rect const& rect, std::uint64_t index) const;

    Landscape const& m_land;
    std::uint64_t m_seed;
    std::vector<Block> m_blocks;
    std::vector<std::size_t> m_ends; ///< of each block's rectangles
    std::vector<Rect> m_rects;
    Mosaic m_mosaic;
};

} // namespace diaban::geo::synthetic
