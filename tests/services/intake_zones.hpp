#pragma once

#include "services/domain/intake.hpp"
#include "tests/services/intake_files.hpp"
#include "tests/support/database.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace diaban::tests {

// Around Hà Tĩnh, in degrees.
inline constexpr auto square = R"({"type":"Polygon","coordinates":
    [[[105.5,18],[105.6,18],[105.6,18.1],[105.5,18.1],[105.5,18]]]})";
inline constexpr auto triangle = R"({"type":"MultiPolygon","coordinates":
    [[[[105.7,18],[105.8,18],[105.8,18.1],[105.7,18]]]]})";
inline constexpr auto bow_tie = R"({"type":"Polygon","coordinates":
    [[[105,18],[106,19],[106,18],[105,19],[105,18]]]})";

/// A feature with code, name and people.
std::string zone(char const* shape, char const* code, char const* name, int people);

/// A collection of such features: `zones`.
void make_zones(Database const& database, geo::GeometryKind kind = geo::GeometryKind::polygon,
                bool keeps_source = false);

/// A GeoJSON file of `features`.
std::filesystem::path zones_file(Folder const& folder, std::vector<std::string> const& features);

services::domain::ImportRequest
into_zones(std::filesystem::path const& file,
           data::postgis::ImportMode mode = data::postgis::ImportMode::append);

/// Writes all rows of a collection to a file; how many.
std::uint64_t extract_all(std::string const& uri, std::string const& collection,
                          std::filesystem::path const& file);

/// Whether nothing of an import is to be seen in an empty record.
bool untouched(Database const& database);

} // namespace diaban::tests
