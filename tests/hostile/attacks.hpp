#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace diaban::tests::hostile {

/// Against whom, and how much of it.
struct Ground {
    std::uint16_t port = 0;
    std::uint16_t live_port = 0;
    std::string large;     ///< a target whose answer is large
    std::size_t scale = 1; ///< 1: seconds; more: so many times the connections and the time
};

/// What an attack came to: a fault, or empty; and what to tell of it.
struct Outcome {
    std::string fault;
    std::string figures;
};

struct Attack {
    std::string name; ///< a sentence that holds if nothing is wrong
    std::function<Outcome(Ground const&)> work;
};

/// In the order in which they are made.
[[nodiscard]] std::vector<Attack> attacks();

} // namespace diaban::tests::hostile
