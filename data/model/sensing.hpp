#pragma once

#include "geo/feature.hpp"
#include "geo/watch/station.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace diaban::data::model {

/// A value that a station observed, in the unit of its datastream.
struct Observation {
    std::int64_t datastream = 0;
    geo::Instant at; ///< of the phenomenon
    double value = 0;
    std::optional<geo::Instant> result_at{}; ///< when the result was made, where it was said
    std::string message{}; ///< what its sender calls it; the same again is no other observation
};

/// What became of a batch.
struct TakenBatch {
    std::vector<std::int64_t>
        ids;                  ///< of each observation, in order; of one that was there, its own
    std::uint64_t stored = 0; ///< the others were there already
};

/// A datastream as whoever watches it needs it.
struct WatchedStream {
    std::int64_t datastream = 0;
    std::int64_t station = 0;
    std::string name;
    std::string unit;
    geo::watch::StationRule rule; ///< as its row has it; not checked
    std::optional<geo::watch::Reading> latest;
    std::optional<geo::Instant> received_at;
    geo::Instant since; ///< of its row as it is
};

} // namespace diaban::data::model
