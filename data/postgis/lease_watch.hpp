#pragma once

#include "data/postgis/pool.hpp"

#include <chrono>

namespace diaban::data::postgis {

/// What one lease of a connection came to.
struct Lease {
    using Time = std::chrono::steady_clock::time_point;

    Role role = Role::serve;
    Time asked{};
    Time begun{}; ///< when the wait was over
    Time ended{};
    bool refused = false; ///< the wait was in vain: `ended` is `begun`
};

/// Called for each lease of any pool in this process, on the thread that has it; to return soon.
struct LeaseWatch {
    void (*asked)() noexcept = nullptr;                   ///< before the wait for a connection
    void (*ended)(Lease const& lease) noexcept = nullptr; ///< when it is back, or refused
};

/// From here on; once in a process, before it leases anything.
void watch_leases(LeaseWatch const& watch) noexcept;

} // namespace diaban::data::postgis
