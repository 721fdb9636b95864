#pragma once

#include "geo/geometry.hpp"
#include "geo/synthetic/territory.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace diaban::services::commands {

/// Communes of a vector file, in EPSG:4326.
///
/// Needs    polygons with the fields `code`, `name` and `full_name` (Xã Cẩm Duệ).
/// Throws   what VectorSource and geo::Transform throw; Error{bad_input, …}: "missing-crs",
///          "unknown-source-field" with the one that lacks, "no-communes".
std::vector<geo::synthetic::Commune> read_communes(std::filesystem::path const& file,
                                                   std::string const& where);

/// Lines of a vector file or of a dump that `gmt coast -M` wrote, in EPSG:4326, joined where they
/// were cut. An empty path gives none.
geo::Geometry read_lines(std::filesystem::path const& file);

/// One province of a table of units: a head line and the columns `ward_code`, `ward`,
/// `district_code`, `district`, `province_code` and `province`, comma-separated, in any order.
///
/// Throws   Error{not_found, "no-file"}; Error{bad_input, …}: "unknown-source-field" with the
/// column
///          that lacks, "no-communes" if the province is not there.
geo::synthetic::Unit read_units(std::filesystem::path const& file, std::string const& province);

} // namespace diaban::services::commands
