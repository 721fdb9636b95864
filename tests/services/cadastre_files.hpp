#pragma once

#include "geo/geometry.hpp"
#include "tests/support/database.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace diaban::tests {

/// A parcel of a sheet in EPSG:9209, to the millimetre.
struct PlainParcel {
    std::int64_t number = 0;
    std::string land_use;
    std::string legal_area; ///< as papers write it
    std::string holder;
    std::vector<geo::Position> ring; ///< closed
};

/// Four rows of five lots near Hà Tĩnh; lot 7 is 621.3 m². The lots of the last row are road (DGT).
std::vector<PlainParcel> plain_sheet();

/// A commune around it, `18801`, since 2020.
void make_commune(Database const& database);

/// The sheet as a GeoPackage with texts in Unicode, in any zone.
std::filesystem::path as_geopackage(std::filesystem::path const& folder,
                                    std::vector<PlainParcel> const& parcels);
/// As a drawing of AutoCAD, texts in the bytes of `encode`.
std::filesystem::path as_dxf(std::filesystem::path const& folder,
                             std::vector<PlainParcel> const& parcels);
/// As a drawing of MicroStation V7.
std::filesystem::path as_dgn(std::filesystem::path const& folder,
                             std::vector<PlainParcel> const& parcels);

/// `text` in the bytes of ABC fonts.
std::string in_tcvn3(std::string_view text);

/// A manifest of one sheet; `more` are further lines of its table.
std::filesystem::path manifest(std::filesystem::path const& folder,
                               std::filesystem::path const& file, std::string const& more = {},
                               int number = 12, std::string const& crs = "EPSG:9209");

} // namespace diaban::tests
