#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace diaban::services::domain {

struct ExtractRequest {
    std::string collection;
    std::filesystem::path file; ///< its ending says the format
    bool personal = false;      ///< fields about persons too
};

/// Told now and then how many rows are written, of about how many.
using OnExtract = std::function<void(std::uint64_t written, std::int64_t of)>;

/// Writes all rows of a collection, as of one moment, to a file; gives how many.
///
/// Formats  `.gpkg`, `.fgb`, `.geojson` (one collection), `.geojsonl` (one feature a line), `.csv`
///          (points as columns lon and lat, all else as WKT in the column wkt), `.xlsx` (points as
///          columns; other geometry is left out).
/// Exact    every double comes back as it is stored; in text, in its shortest form.
/// Fields   `fid` first, then the collection's. Dates and instants as RFC 3339, in UTC.
/// Memory   one row.
/// File     under another name until it is whole; what was there before is replaced.
/// Throws   Error{bad_input, "unwritable-file"}, Error{unsupported, "unknown-format"},
///          Error{not_found, "unknown-collection"}.
std::uint64_t extract(std::string const& uri, ExtractRequest const& request,
                      OnExtract const& on_extract = {});

} // namespace diaban::services::domain
