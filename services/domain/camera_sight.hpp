#pragma once

#include "data/gdal/raster_source.hpp"
#include "data/model/collection.hpp"
#include "geo/crs.hpp"
#include "geo/feature.hpp"
#include "geo/raster/grid.hpp"
#include "geo/terrain/viewshed.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::domain {

/// Where a camera stands and what it can be turned to. What the register does not say is as here.
struct CameraPose {
    std::int64_t fid = 0;
    std::string name;
    geo::Position at;       ///< EPSG:4326
    double height = 5;      ///< metres above ground
    double range = 100;     ///< metres
    double azimuth = 0;     ///< degrees from true north
    double opening = 360;   ///< degrees; 360 where the register has no direction
    double tilt = 0;        ///< degrees above the horizon
    double vertical = 180;  ///< degrees; 180 where the register has none
    bool in_service = true; ///< not under maintenance nor out of service
};

/// The longest range that is computed with.
inline constexpr double most_camera_range = 10'000;

/// Reads poses from features whose values follow `fields`; one without a position is none.
class CameraReader {
public:
    explicit CameraReader(std::vector<geo::Field> const& fields);
    [[nodiscard]] std::optional<CameraPose> read(geo::Feature const& feature) const;

private:
    [[nodiscard]] std::optional<double> number(geo::Feature const& feature,
                                               std::string_view name) const;
    [[nodiscard]] std::string text(geo::Feature const& feature, std::string_view name) const;

    std::vector<geo::Field> const& m_fields;
};

/// The sector as a polygon in EPSG:4326: geodesics of the range, an arc every two degrees.
[[nodiscard]] geo::Geometry sector_of(CameraPose const& camera);

/// Whether a position lies in range and between the sides of the sector, whatever the ground.
[[nodiscard]] bool sector_holds(CameraPose const& camera, geo::Position at);

/// Ground around cameras, in the CRS of the coverage that it is of.
///
/// Cells   the coverage's, read linearly between their centres at a finer step where the range is
///         short; NaN where the coverage has none.
/// Metres  sides of cells on the ground: of a coverage in degrees as they are at the window's
/// middle.
struct SightWindow {
    geo::raster::Grid<float> ground;
    double width = 1;
    double height = 1;

    [[nodiscard]] geo::terrain::SightGround view() const {
        return {ground.shape(), ground.cells(), width, height};
    }
};

/// A coverage of heights, and how positions come to it.
struct SightTerrain {
    geo::raster::Frame const& frame;
    geo::Transform const& from_degrees;

    /// Metres of a unit of the CRS along x and y at a position of it.
    [[nodiscard]] geo::Position unit_metres(geo::Position at) const;
};

/// Throws   Error{too_large, "too-many-cells"} for a frame of more than 16 million cells.
[[nodiscard]] SightWindow read_window(data::gdal::RasterSource const& source,
                                      SightTerrain const& terrain, geo::raster::Frame const& frame);

/// A frame around a camera, of cells fine enough for its range, or as they are in the coverage.
[[nodiscard]] geo::raster::Frame frame_around(SightTerrain const& terrain,
                                              CameraPose const& camera);

/// The camera as it stands in a frame of the terrain's CRS; `target`: metres above ground of what
/// it is to see.
[[nodiscard]] geo::terrain::Watcher watcher_in(geo::raster::Frame const& frame,
                                               SightTerrain const& terrain,
                                               CameraPose const& camera, double target);

/// What a camera sees.
struct CameraView {
    geo::Geometry seen;   ///< EPSG:4326
    geo::Geometry hidden; ///< in range and sector, behind ground
    double seen_m2 = 0;
    double hidden_m2 = 0;
    double unknown_m2 = 0; ///< of the sector where there is no ground
    double cell_m = 0;
};
[[nodiscard]] CameraView view_of(data::gdal::RasterSource const& source,
                                 SightTerrain const& terrain, CameraPose const& camera,
                                 double target);

/// Whether a camera sees a position; `unasked` where it lies outside its sector or the ground.
[[nodiscard]] geo::terrain::Sight sees(data::gdal::RasterSource const& source,
                                       SightTerrain const& terrain, CameraPose const& camera,
                                       geo::Position at, double target);

} // namespace diaban::services::domain
