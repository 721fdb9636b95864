#pragma once

#include "data/model/coverage.hpp"
#include "geo/geometry.hpp"
#include "geo/landuse/class_areas.hpp"
#include "services/domain/coverage_work.hpp"
#include "services/domain/extract.hpp"
#include "services/domain/process.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::domain {

/// The largest number of a class; no data is none.
inline constexpr int most_class = 254;

/// Threads of a process that reads classes.
inline constexpr unsigned class_threads = 2;

/// Refuses an input that is no coverage of classes in metres.
void check_classes(std::string_view input, data::model::Coverage const& coverage);

/// Refuses two coverages whose cells do not lie on each other.
/// Throws   Error{bad_input, "frames-differ"}.
void check_alike(data::model::Coverage const& one, data::model::Coverage const& other);

/// Readers of the classes of one coverage, or of its changes to a second on the same grid, one a
/// thread. They throw Error{bad_input, "not-classes"} where a cell is no whole number of [0, 254].
[[nodiscard]] std::vector<geo::landuse::LabelReader>
class_readers(CoverageWork const& coverages, std::vector<data::model::Coverage> const& layers,
              unsigned threads);

/// The number of a class that an input names. Throws as the readers of inputs.
[[nodiscard]] geo::landuse::Label class_input(std::string_view input, std::string const& text);
/// The input `accuracy`, user's accuracies by class: {"5": 0.9}; empty where it is not there.
[[nodiscard]] std::map<geo::landuse::Label, double> accuracy_input(Json const& inputs);

/// The inputs by which processes choose zones, beside the collection.
inline constexpr char const* zone_parameters[] = {"bbox",   "bbox-crs",    "datetime",
                                                  "filter", "filter-lang", "filter-crs"};

/// Names of the inputs of a process of zones: `collection`, what chooses, and its own.
[[nodiscard]] std::vector<std::string_view> zone_inputs(std::span<std::string_view const> own);

/// Adds the description of those inputs.
void describe_zone_inputs(Json& inputs, std::string_view collection);

/// Refuses inputs that choose no polygons, before there is a job.
void check_zones(Json const& inputs, data::model::Collection const& collection,
                 geo::Policy const& policy);

/// Polygons that a process works on, in the CRS of a raster.
struct ClassZones {
    std::vector<geo::Field> fields; ///< of the collection, as the policy sees them
    std::vector<geo::Geometry> shapes;
    std::vector<std::int64_t> fids;
    std::vector<std::vector<geo::Value>> values; ///< by zone, as `fields`

    /// A value of a zone as text; empty where it has none, or no such field is seen.
    [[nodiscard]] std::string text(std::size_t zone, std::string_view field) const;
};

/// The rows that the inputs choose and that lie near a raster: those of now where they name no
/// time. Throws   Error{too_large, "too-many-zones"} beyond 2,000,000.
[[nodiscard]] ClassZones read_zones(Work const& work, data::model::Collection const& collection,
                                    geo::raster::Frame const& frame);

/// Tells a job how far a raster is read, and waits where somebody wants it to.
[[nodiscard]] geo::landuse::Progress class_progress(Work const& work);

/// What is said of a coverage in an answer's details.
[[nodiscard]] Json coverage_json(data::model::Coverage const& coverage);

} // namespace diaban::services::domain
