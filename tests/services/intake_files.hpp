#pragma once

#include "geo/error.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::tests {

/// A folder for the files of one test, gone with it.
class Folder {
public:
    Folder();
    Folder(Folder const&) = delete;
    Folder& operator=(Folder const&) = delete;
    ~Folder();

    [[nodiscard]] std::filesystem::path operator/(std::string_view name) const {
        return m_path / name;
    }
    [[nodiscard]] std::filesystem::path const& path() const noexcept { return m_path; }

private:
    std::filesystem::path m_path;
};

/// A parameter of an error; empty where it has none of that name.
std::string parameter(geo::Error const& error, std::string_view name);

/// Writes `text` as it is; returns `file`.
std::filesystem::path write(std::filesystem::path const& file, std::string_view text);

/// The bytes of `file`.
std::string read(std::filesystem::path const& file);

/// Puts `to` in the place of every `from` in the bytes of `file`; both of one length.
void replace(std::filesystem::path const& file, std::string_view from, std::string_view to);

/// A GeoJSON collection of `features`, each a GeoJSON feature.
std::string geojson(std::vector<std::string> const& features);

/// A GeoJSON feature; `geometry` and `properties` are JSON.
std::string feature(std::string_view geometry, std::string_view properties);

/// Translates `from` into `to` by GDAL; `arguments` as ogr2ogr takes them.
std::filesystem::path translate(std::filesystem::path const& from, std::filesystem::path const& to,
                                std::vector<std::string> const& arguments);

/// Packs `files` into the zip archive `to`.
std::filesystem::path zip(std::filesystem::path const& to,
                          std::vector<std::filesystem::path> const& files);

/// Packs `from` as `to` (.gz).
std::filesystem::path gzip(std::filesystem::path const& from, std::filesystem::path const& to);

/// Rows of a layer as GDAL itself counts them.
std::uint64_t count_rows(std::filesystem::path const& file, std::string const& layer = {},
                         std::string const& where = {}, std::string const& sql = {});

/// `rows` square parcels of 17 vertices as FlatGeobuf, on a grid around Hà Tĩnh, with the fields
/// number (integer), code (text), area (real).
std::filesystem::path parcels(std::filesystem::path const& to, std::size_t rows);

} // namespace diaban::tests
