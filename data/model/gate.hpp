#pragma once

#include "geo/watch/station.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace diaban::data::model {

/// One figure of a border gate, as one of its datastreams counts it.
struct GateFigure {
    std::string direction; ///< out, in
    std::string figure;    ///< lanes that are open, vehicles in the queue, vehicles passed
    std::optional<geo::watch::Reading> latest;
    std::int64_t expected = 0; ///< µs between values; 0: not said
    /// Of what passed, in the hour before: values since `from`, which counted until then.
    double passed = 0;
    std::optional<geo::Instant> from;
};

struct Gate {
    std::int64_t fid = 0; ///< of its row in `sensors`
    std::string name;
    std::vector<GateFigure> figures; ///< by direction and figure
};

} // namespace diaban::data::model
