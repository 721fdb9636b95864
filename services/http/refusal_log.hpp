#pragma once

#include "geo/error.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace diaban::services::http {

/// Says in the log why requests cannot be answered for now: a kind of reason once, and then once a
/// minute with how many it met since, however many they are.
///
/// Threads   any.
class RefusalLog {
public:
    void note(geo::Error const& error);

private:
    struct Said {
        std::chrono::steady_clock::time_point at;
        std::uint64_t since = 0;
    };
    std::mutex m_mutex;
    std::map<std::string, Said> m_said; // by type, of which there are few
};

} // namespace diaban::services::http
