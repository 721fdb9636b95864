#pragma once

#include "data/model/coverage.hpp"
#include "geo/geometry.hpp"
#include "geo/hazard/hydrograph.hpp"
#include "services/domain/process.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace diaban::services::domain {

/// Something drawn on the map, and what happens there over time.
struct DrawnWater {
    geo::Geometry place;          ///< EPSG:4326
    geo::hazard::Hydrograph over; ///< seconds since the beginning; m³/s or m
};

/// A dyke that is raised before the run.
struct DrawnDyke {
    geo::Geometry line; ///< EPSG:4326
    double crest = 0;   ///< m, in the datum of the ground
};

/// A flood that was computed, and the frame (from 1) from which another goes on.
struct FloodBranch {
    std::string coverage;
    std::size_t frame = 0;
};

/// A flood as it is asked for.
struct FloodInputs {
    std::string terrain;
    geo::Box box;               ///< EPSG:4326
    std::optional<double> cell; ///< m; the ground's own where it is not said
    double hours = 6;
    double frame_minutes = 10;
    std::optional<geo::Instant> start;
    double friction = 0.035;
    double infiltration = 0;          ///< mm/h
    std::optional<double> sea;        ///< m: where the ground has no data water stands so high
    geo::hazard::Hydrograph rain;     ///< mm/h; empty: none
    std::vector<DrawnWater> breaches; ///< level to which ground sinks
    std::vector<DrawnWater> gates;    ///< level at which a sill stands
    std::vector<DrawnWater> releases; ///< m³/s
    std::vector<DrawnWater> levels;   ///< m
    std::vector<DrawnDyke> dykes;
    bool open_edges = true;
    std::optional<FloodBranch> from;

    [[nodiscard]] std::size_t frames() const noexcept;
};

/// Reads and bounds all inputs.
/// Throws   Error{bad_input, …} naming the input: "bad-parameter", "unknown-parameter",
///          "bad-geojson".
[[nodiscard]] FloodInputs read_flood_inputs(Json const& inputs);

/// What a client may send, as /processes describes it.
[[nodiscard]] Json describe_flood_inputs();

} // namespace diaban::services::domain
