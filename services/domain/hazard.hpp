#pragma once

#include "geo/crs.hpp"
#include "geo/exposure/marked_cells.hpp"
#include "geo/geometry.hpp"
#include "geo/ops/relation.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace diaban::services::domain {

/// Where a hazard is, as exposure asks it. All geometries are EPSG:4326 and valid.
/// Threads   one at a time.
class Hazard {
public:
    Hazard() = default;
    Hazard(Hazard const&) = delete;
    Hazard& operator=(Hazard const&) = delete;
    virtual ~Hazard() = default;

    [[nodiscard]] virtual geo::Box box() const = 0;
    [[nodiscard]] virtual bool holds(geo::Position p) const = 0;
    [[nodiscard]] virtual double area(geo::Geometry polygon) const = 0; ///< m² in the hazard
    [[nodiscard]] virtual double length(geo::Geometry line) const = 0;  ///< m in the hazard
    /// m² of all of a polygon, measured alike.
    [[nodiscard]] virtual double whole(geo::Geometry polygon) const = 0;
};

/// Cells of a grid that are marked.
///
/// Areas     exact shares of cells, in square metres of the grid's CRS.
/// Lengths   cut at the sides of cells, in metres of the grid's CRS.
class GridHazard final : public Hazard {
public:
    /// Not checked: that the frame's CRS is in metres.
    explicit GridHazard(geo::exposure::MarkedCells marked);

    [[nodiscard]] geo::Box box() const override { return m_box; }
    [[nodiscard]] bool holds(geo::Position p) const override;
    [[nodiscard]] double area(geo::Geometry polygon) const override;
    [[nodiscard]] double length(geo::Geometry line) const override;
    [[nodiscard]] double whole(geo::Geometry polygon) const override;

private:
    geo::exposure::MarkedCells m_marked;
    geo::Transform m_from_degrees;
    geo::Box m_box;
};

/// A polygon that somebody drew.
///
/// Areas     on the WGS 84 ellipsoid, sides straight in degrees; lengths along its geodesics.
class PolygonHazard final : public Hazard {
public:
    explicit PolygonHazard(geo::Geometry polygon);

    [[nodiscard]] geo::Box box() const override { return m_reference.box(); }
    [[nodiscard]] bool holds(geo::Position p) const override;
    [[nodiscard]] double area(geo::Geometry polygon) const override;
    [[nodiscard]] double length(geo::Geometry line) const override;
    [[nodiscard]] double whole(geo::Geometry polygon) const override;

private:
    geo::ops::Reference m_reference;
};

} // namespace diaban::services::domain
