#pragma once

#include "services/domain/cut_off.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace diaban::services::domain {

/// Who is cut off at one frame of a flood.
struct CutOffMoment {
    geo::Instant at;
    std::int64_t people = 0;
    std::size_t places = 0;
    std::size_t closed = 0; ///< stretches
};

/// How long a place is cut off: from the first frame that shows it so to the first that does not.
struct CutOffSpell {
    std::size_t place = 0;
    geo::Instant from;
    std::optional<geo::Instant> until; ///< nothing: no frame shows that
};

struct CutOffCourse {
    std::vector<CutOffMoment> moments; ///< by time
    std::vector<CutOffSpell> spells;   ///< by their beginning, then by place
};

/// Frame by frame of the coverage of depths, up to the instant that is asked for.
///
/// `ground`  as that of the frame that `found` is of.
/// Main      at each frame the component of most people then, or that of the position.
[[nodiscard]] CutOffCourse cut_off_course(Work& work, CutOffInputs const& inputs,
                                          CutOff const& found, StandingWater const& water);

[[nodiscard]] Json course_json(CutOff const& found, CutOffCourse const& course);

} // namespace diaban::services::domain
