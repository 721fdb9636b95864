#pragma once

#include "data/model/collection.hpp"
#include "geo/filter/filter.hpp"
#include "geo/geometry.hpp"
#include "geo/period.hpp"
#include "geo/policy.hpp"
#include "services/api/presentation.hpp"
#include "services/http/messages.hpp"
#include "services/http/uri.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace diaban::services::domain {

/// What leaves the record, and how.
struct ExtractRequest {
    data::model::Collection collection;
    std::filesystem::path file; ///< its ending says the form
    geo::Policy policy = geo::Policy::everything();
    std::vector<geo::Box> boxes; ///< EPSG:4326; a row meets any of them; none: everywhere
    std::optional<geo::Period> period;
    std::optional<geo::filter::Filter> filter; ///< made of the collection's schema, the same policy
    api::Presentation shown;                   ///< its `zoom` says nothing here
    bool personal = false; ///< fields about persons too; then `shown.chosen` is empty
    bool guarded = false;  ///< see CsvLayout
    http::Language language = http::Language::vi; ///< of a sheet's header
    unsigned threads = 1;                         ///< for the forms that are text; at least 1
};

/// The parameters of items that an extract has: all but those of pages and of order.
inline constexpr char const* extract_parameters[] = {"bbox",   "bbox-crs",    "datetime",
                                                     "filter", "filter-lang", "filter-crs",
                                                     "crs",    "properties",  "skipGeometry"};

/// Which rows and how they are shown, as items read the same parameters.
/// Throws   as the readers of services/api do.
[[nodiscard]] ExtractRequest read_extract(http::Query const& query,
                                          data::model::Collection const& collection,
                                          geo::Policy const& policy);

/// The registry's entry. Throws Error{not_found, "unknown-collection"}.
[[nodiscard]] data::model::Collection extracted_collection(std::string const& uri,
                                                           std::string const& id);

/// Told now and then how many rows are looked at, of about how many.
using OnExtract = std::function<void(std::uint64_t read, std::int64_t of)>;

/// Is given a feature with the values of all fields that are not about persons and that the policy
/// sees, in the collection's order, and when it is.
using OnFeature = std::function<void(geo::Feature& feature, geo::Period const& period)>;

/// The rows chosen, as of one moment, one after the other; gives how many. `file` and `shown` say
/// nothing here.
std::uint64_t chosen_features(std::string const& uri, ExtractRequest const& request,
                              OnFeature const& on_feature, OnExtract const& on_extract = {});

/// Writes the rows chosen, as of one moment, to a file; gives how many.
///
/// Formats  `.gpkg`, `.fgb`, `.geojson` (one collection), `.geojsonl` (one feature a line),
/// `.jsonfg`,
///          `.csv` (points as columns lon and lat, x and y in a CRS of the plane; all else as WKT
///          in the column wkt), `.xlsx` (points as columns; other geometry is left out).
/// Exact    every double comes back as it is stored; in text, in its shortest form. In another CRS
/// to
///          a tenth of a millimetre. Easting or longitude first, but for WKT and JSON-FG, whose
///          axes are those of the CRS.
/// Chosen   by the one evaluator on the record's doubles: what items answer to the same question.
/// Fields   `fid` first, then the collection's. Dates and instants as RFC 3339, in UTC.
/// Memory   some thousand rows, or 200,000 positions; with several threads, 32 MB of text each.
/// Threads  `on_extract` is called by one at a time.
/// File     under another name until it is whole; what was there before is replaced.
/// Throws   Error{bad_input, "unwritable-file"}, Error{unsupported, "unknown-format"},
///          Error{bad_input, "form-without-geometry"}: a FlatGeobuf holds no row without one.
std::uint64_t extract(std::string const& uri, ExtractRequest const& request,
                      OnExtract const& on_extract = {});

} // namespace diaban::services::domain
