#pragma once

#include "geo/geometry.hpp"
#include "services/domain/process.hpp"

#include <optional>
#include <string>
#include <vector>

namespace diaban::services::domain {

/// The stage (m above drainage) that is reached once in so many years on average.
struct ReturnStage {
    double years = 0;
    double stage = 0;
};

/// The stage at a gauge.
struct GaugeStage {
    geo::Position place; ///< EPSG:4326
    double stage = 0;    ///< m above drainage
};

/// Flood zones as they are asked for: by exactly one of stage, returns, gauges and sea.
struct ZoneInputs {
    std::string terrain;
    std::optional<double> stage; ///< m above drainage
    std::vector<ReturnStage> returns;
    std::vector<GaugeStage> gauges;
    std::optional<double> sea;   ///< m in the datum of the ground
    std::vector<double> classes; ///< depths at which one begins, m, ascending
};

/// Reads and bounds all inputs.
/// Throws   Error{bad_input, …} naming the input: "bad-parameter", "unknown-parameter".
[[nodiscard]] ZoneInputs read_zone_inputs(Json const& inputs);

/// What a client may send, as /processes describes it.
[[nodiscard]] Json describe_zone_inputs();

} // namespace diaban::services::domain
