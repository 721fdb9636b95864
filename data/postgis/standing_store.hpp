#pragma once

#include "data/postgis/pool.hpp"

#include <cstdint>
#include <vector>

namespace diaban::data::postgis {

/// What of the record its keepers want to know at any time.
///
/// Pools    of Role::edit, and of Role::feed: it counts what everybody may see or not.
/// Cost     of jobs and alerts that are not over, not of those that are.
/// Throws   Error{unavailable, …} if the database is busy, slow or gone.
class StandingStore {
public:
    StandingStore(Pool& edits, Pool& feed) : m_edits{edits}, m_feed{feed} {}

    struct Jobs {
        std::int64_t waiting = 0;
        std::int64_t running = 0;  ///< on all nodes
        std::int64_t paused = 0;   ///< among them
        double oldest_seconds = 0; ///< since the oldest that waits was asked for
    };
    [[nodiscard]] Jobs jobs() const;

    struct Alerts {
        int level = 0; ///< 0: of none
        std::int64_t open = 0;
        std::int64_t acknowledged = 0;
    };
    /// By level; only levels that have any.
    [[nodiscard]] std::vector<Alerts> alerts() const;

private:
    Pool& m_edits;
    Pool& m_feed;
};

} // namespace diaban::data::postgis
