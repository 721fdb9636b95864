#pragma once

#include "data/model/coverage.hpp"
#include "services/domain/flood_inputs.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace diaban::services::domain {

/// A stretch of a flood under one scenario.
struct FloodLeg {
    FloodInputs inputs;
    std::size_t frames = 0; ///< after which it ends
};

/// What comes of a flood that goes on from a frame of another, and that one perhaps from a third.
struct FloodCourse {
    std::vector<FloodLeg> legs;        ///< the last is what was asked for
    std::optional<geo::Instant> start; ///< of all legs
    /// Frames that there are already, with what was said of each.
    std::vector<std::pair<data::model::CoverageFile, Json>> kept;
};

/// Throws   Error{bad_input, "bad-parameter"} naming `from` where that is no flood with so many
///          frames, or on other ground, cells, frames or friction; and as `find` does.
[[nodiscard]] FloodCourse
course_of(FloodInputs const& inputs,
          std::function<data::model::Coverage(std::string const& id)> const& find);

} // namespace diaban::services::domain
