#pragma once

#include <cstdint>
#include <optional>

namespace diaban::geo::watch {

/// How long whoever joins a queue now will wait, in minutes, with the bounds that hold with 95 %.
struct Waiting {
    std::optional<double> minutes; ///< nothing where none passed: it is at least `low`
    double low = 0;
    std::optional<double> high; ///< likewise
};

/// Of a queue of `queue` vehicles where `passed` went through in `minutes`.
///
/// Method    who is served in turn waits for those before: queue ÷ rate (Little 1961). Passing is
///           a Poisson process; the exact interval of its rate (Garwood 1936) gives the bounds. The
///           queue is taken as counted: its own error is not in them.
/// Nothing   where the queue is negative or no number, or the time is not above 0.
[[nodiscard]] std::optional<Waiting> waiting(double queue, std::uint64_t passed, double minutes);

} // namespace diaban::geo::watch
