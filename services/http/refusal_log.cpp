#include "services/http/refusal_log.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace diaban::services::http {

void RefusalLog::note(geo::Error const& error) {
    constexpr std::chrono::minutes between{1};
    // The follower says that once; there is nothing to add for each who asks.
    if (error.type() == "database-down") return;
    auto const now = std::chrono::steady_clock::now();
    std::uint64_t since = 0;
    {
        std::lock_guard const lock{m_mutex};
        auto const [it, first] = m_said.try_emplace(error.type(), Said{now, 0});
        auto& said = it->second;
        if (!first && now - said.at < between) {
            ++said.since;
            return;
        }
        said.at = now;
        since = std::exchange(said.since, 0);
    }
    if (since == 0)
        spdlog::warn("requests cannot be answered for now: {}", error.what());
    else
        spdlog::warn("requests cannot be answered for now: {} ({} before it)", error.what(), since);
}

} // namespace diaban::services::http
