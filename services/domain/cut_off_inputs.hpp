#pragma once

#include "geo/feature.hpp"
#include "geo/geometry.hpp"
#include "geo/route/flooded_roads.hpp"
#include "geo/route/road_graph.hpp"
#include "services/domain/process.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace diaban::services::domain {

/// Water over roads, as it is asked for: one of three.
struct WaterInputs {
    std::string coverage; ///< of depths, with …
    std::optional<std::string> band;
    std::optional<geo::Instant> at;

    std::string terrain;         ///< heights, with …
    std::optional<double> stage; ///< m above drainage, or
    std::optional<double> sea;   ///< m in their datum

    geo::Geometry polygon; ///< what lies in it is closed

    /// The coverage that is read; empty for a polygon.
    [[nodiscard]] std::string source() const;
};

/// Where people may stay.
struct ShelterInputs {
    std::string collection = "facilities";
    std::vector<std::string> kinds{"shelter"};
    double capacity = 0; ///< people, at least
};

/// What `cut-off` takes; see `described_cut_off_inputs`.
struct CutOffInputs {
    WaterInputs water;
    std::vector<std::string> roads{"roads"};           ///< collections that are one net
    std::map<std::string, double, std::less<>> speeds; ///< km/h by value of the class field
    geo::route::Joins joins = geo::route::Joins::shared;
    double gap = 0;         ///< m by which ends of roads may fall short of each other
    std::string road_field; ///< rows with one value are one road; empty: each row is one
    std::string vehicle = "car";
    geo::route::WadingLimits limits;
    std::string units = "places";
    std::string level; ///< empty: hamlets where there are any, else communes
    double reach = 3000;
    std::optional<geo::Position> main;
    ShelterInputs shelters;
    bool shelter_all = false; ///< not only who is cut off
    bool course = false;      ///< frame by frame as well
};

/// Throws   as the readers of process_inputs.hpp.
[[nodiscard]] CutOffInputs read_cut_off_inputs(Json const& inputs);

[[nodiscard]] Json described_cut_off_inputs();

/// Roads first, then the water's coverage, places and shelters.
[[nodiscard]] std::vector<std::string> cut_off_collections(CutOffInputs const& inputs);

} // namespace diaban::services::domain
