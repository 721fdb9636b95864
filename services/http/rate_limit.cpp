#include "services/http/rate_limit.hpp"

#include <xxhash.h>

#include <algorithm>
#include <random>

namespace diaban::services::http {

RateLimit::RateLimit(unsigned per_second, unsigned burst) {
    if (per_second == 0) return;
    constexpr std::int64_t second = 1'000'000'000;
    m_interval = std::max<std::int64_t>(second / per_second, 1);
    m_most_ahead = m_interval * std::max(burst, 1u);
    std::random_device random;
    m_secret = (std::uint64_t{random()} << 32) | random();
    m_rested = std::make_unique<std::atomic<std::int64_t>[]>(cells);
}

std::optional<std::chrono::nanoseconds> RateLimit::take(std::string_view client,
                                                        Clock::time_point now) noexcept {
    if (m_interval == 0) return std::nullopt;
    auto& rested = m_rested[XXH3_64bits_withSeed(client.data(), client.size(), m_secret) % cells];
    auto const at =
        std::chrono::duration_cast<std::chrono::nanoseconds>(now.time_since_epoch()).count();
    auto kept = rested.load(std::memory_order_relaxed);
    for (;;) {
        auto const next = std::max(kept, at) + m_interval;
        if (next - at > m_most_ahead) return std::chrono::nanoseconds{next - at - m_most_ahead};
        if (rested.compare_exchange_weak(kept, next, std::memory_order_relaxed))
            return std::nullopt;
    }
}

} // namespace diaban::services::http
