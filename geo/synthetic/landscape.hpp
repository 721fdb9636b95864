#pragma once

#include "geo/geometry.hpp"
#include "geo/ops/edge_boxes.hpp"
#include "geo/synthetic/mosaic.hpp"
#include "geo/synthetic/plane.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace diaban::geo::synthetic {

/// A commune that is to be filled.
struct Commune {
    std::string code;
    std::string name;      ///< Cẩm Duệ
    std::string full_name; ///< Xã Cẩm Duệ
    std::string kind;      ///< xa, phuong, thi_tran, dac_khu
    Geometry outline;      ///< polygon, EPSG:4326, valid

    [[nodiscard]] bool urban() const noexcept { return kind == "phuong" || kind == "thi_tran"; }
};

/// Where a province is made: what is given, and nothing of it is invented here.
struct Ground {
    std::vector<Commune> communes;
    Geometry rivers; ///< lines, EPSG:4326; may be empty
    Geometry coast;  ///< lines, EPSG:4326; may be empty
};

/// The ground in metres, as the makers of land use and towns ask it; and the bent lattice on which
/// parcels, streets and blocks stand.
///
/// Lattice  2.8125 m a step. Nodes are displaced by four octaves of smooth noise, together with a
///          slope below 0.96: so the lattice never folds, and what is a rectangle in it is a simple
///          polygon on the ground.
class Landscape {
public:
    static constexpr double step = 2.8125; ///< metres; 128 of them are 360 m

    Landscape(Ground ground, std::uint64_t seed);

    [[nodiscard]] std::vector<Commune> const& communes() const noexcept {
        return m_ground.communes;
    }
    [[nodiscard]] Plane const& plane() const noexcept { return m_plane; }

    /// Where a node lies, in metres of the plane.
    [[nodiscard]] Position place(Node node) const noexcept;
    /// And in EPSG:4326.
    [[nodiscard]] Position degrees(Node node) const noexcept {
        return m_plane.degrees(place(node));
    }

    /// Whether everything within `radius` metres of `p` lies in a commune. Metres of the plane.
    [[nodiscard]] bool inside(std::size_t commune, Position p, double radius) const noexcept;
    /// A commune's box, in metres of the plane.
    [[nodiscard]] Box const& box(std::size_t commune) const noexcept {
        return m_shapes[commune].box;
    }
    /// Where a commune's main settlement is: the place farthest from its border.
    [[nodiscard]] Position centre(std::size_t commune) const noexcept {
        return m_shapes[commune].centres.front();
    }
    /// Metres from `p` to the nearest settlement of a commune: the main one or one of its villages.
    [[nodiscard]] double to_settlement(std::size_t commune, Position p) const noexcept;
    /// Geodesic, km².
    [[nodiscard]] double area_km2(std::size_t commune) const noexcept {
        return m_shapes[commune].area_km2;
    }

    /// Metres to the nearest river, or coast; infinite if there is none.
    [[nodiscard]] double to_river(Position p) const noexcept;
    [[nodiscard]] double to_coast(Position p) const noexcept;

private:
    /// A geometry in metres, and how to ask distances of it.
    struct Shape {
        explicit Shape(Geometry metres);
        std::unique_ptr<Geometry const> geometry; // the boxes refer to it
        ops::EdgeBoxes edges;
        Box box;
        std::vector<Position> centres; ///< of communes: the main one first
        double area_km2 = 0;
    };

    void found_villages(std::size_t commune);

    Ground m_ground;
    std::uint64_t m_seed;
    Plane m_plane;
    std::vector<Shape> m_shapes;
    std::vector<Shape> m_rivers; ///< one or none
    std::vector<Shape> m_coast;
};

} // namespace diaban::geo::synthetic
