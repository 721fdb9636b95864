#include "data/gdal/archive.hpp"

#include "data/gdal/session.hpp"
#include "geo/error.hpp"

#include <cpl_string.h>
#include <cpl_vsi.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace diaban::data::gdal {
namespace {

namespace fs = std::filesystem;
using geo::Code;
using geo::Error;

/// Endings of the files that make a data set by themselves; side files (.dbf, .prj) are not here.
constexpr std::array<std::string_view, 21> readable_endings = {
    ".gpkg", ".shp", ".geojson", ".json", ".geojsonl", ".geojsons", ".ndjson",
    ".fgb",  ".kml", ".kmz",     ".csv",  ".tsv",      ".xlsx",     ".ods",
    ".dxf",  ".dgn", ".pbf",     ".osm",  ".gpx",      ".gml",      ".tab"};

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return text;
}

bool is_readable(std::string const& name) {
    auto const ending = lower(fs::path{name}.extension().string());
    return std::ranges::find(readable_endings, ending) != readable_endings.end();
}

std::string join(std::vector<std::string> const& names) {
    std::string text;
    for (auto const& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

std::string only_file_in(fs::path const& archive) {
    std::vector<std::string> remarks;
    Session const session{remarks};
    std::string const root = "/vsizip/" + archive.string();
    CPLStringList const entries{VSIReadDirRecursive(root.c_str())};
    std::vector<std::string> found;
    for (int i = 0; i < entries.size(); ++i)
        if (is_readable(entries[i]) && !std::string_view{entries[i]}.starts_with("__MACOSX/"))
            found.emplace_back(entries[i]);
    if (found.empty())
        throw Error{
            Code::bad_input,
            "unreadable-file",
            {{"file", archive.string()},
             {"reason", entries.empty() ? "not a zip file, or empty" : "no vector file in it"}},
            session.failure()};
    if (found.size() > 1)
        throw Error{Code::bad_input,
                    "ambiguous-archive",
                    {{"file", archive.string()}, {"accepted", join(found)}}};
    return root + "/" + found.front();
}

/// `a.zip` of `a.zip/b/c.shp`, where that is a file; else empty.
fs::path enclosing_archive(fs::path const& file) {
    for (fs::path part = file.parent_path(); part.has_relative_path(); part = part.parent_path())
        if (lower(part.extension().string()) == ".zip" && fs::is_regular_file(part)) return part;
    return {};
}

} // namespace

std::string gdal_name(fs::path const& file) {
    std::error_code none;
    if (!fs::exists(file, none)) {
        auto const archive = enclosing_archive(file);
        if (archive.empty()) throw Error{Code::not_found, "no-file", {{"file", file.string()}}};
        return "/vsizip/" + file.string();
    }
    auto const ending = lower(file.extension().string());
    if (ending == ".zip") return only_file_in(file);
    if (ending == ".gz") return "/vsigzip/" + file.string();
    return file.string();
}

} // namespace diaban::data::gdal
