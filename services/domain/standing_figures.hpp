#pragma once

#include "data/postgis/standing_store.hpp"
#include "services/domain/rounds.hpp"

#include <chrono>
#include <mutex>
#include <optional>
#include <vector>

namespace diaban::services::domain {

/// What stands in the record and is asked for often: read now and then, told from memory, so that
/// whoever asks waits for no database.
///
/// Threads  one of its own; `last` from any.
class StandingFigures {
public:
    struct Figures {
        std::chrono::steady_clock::time_point read{};
        data::postgis::StandingStore::Jobs jobs;
        std::vector<data::postgis::StandingStore::Alerts> alerts;
    };

    explicit StandingFigures(data::postgis::StandingStore const& store) : m_store{store} {}

    void start();
    void stop() { m_rounds.stop(); }
    /// Reads them once.
    void look();
    /// As last read; nothing before the first time.
    [[nodiscard]] std::optional<Figures> last() const;

private:
    data::postgis::StandingStore const& m_store;
    mutable std::mutex m_mutex;
    std::optional<Figures> m_last;
    Rounds m_rounds{"figures of the record"}; ///< last: ends before what it uses
};

} // namespace diaban::services::domain
