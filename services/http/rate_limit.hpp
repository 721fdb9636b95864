#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace diaban::services::http {

/// How often each of any number of clients may do something: so many times a second in the long
/// run, and a burst at once after a rest.
///
/// Method   the generic cell rate algorithm (ITU-T I.371, annex A): of a client one time is kept,
///          the one at which it will have rested.
/// Memory   2 MB whoever comes. Clients that fall into one of 262,144 cells share it; into which,
///          nobody can compute outside.
/// Threads  any number, without a lock.
class RateLimit {
public:
    using Clock = std::chrono::steady_clock;

    /// `per_second` 0: no limit.
    RateLimit(unsigned per_second, unsigned burst);

    /// Counts one; or says how long the client is to wait, and counts nothing.
    [[nodiscard]] std::optional<std::chrono::nanoseconds> take(std::string_view client,
                                                               Clock::time_point now) noexcept;

private:
    static constexpr std::size_t cells = 1u << 18;

    std::int64_t m_interval = 0; // ns; 0: no limit
    std::int64_t m_most_ahead = 0;
    std::uint64_t m_secret = 0;
    std::unique_ptr<std::atomic<std::int64_t>[]> m_rested;
};

} // namespace diaban::services::http
