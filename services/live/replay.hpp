#pragma once

#include "data/postgis/change_feed.hpp"
#include "services/live/channel.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace diaban::services::live {

/// Reads the feed for those who were away, on a thread of its own.
///
/// Faults   with the database gone it tries again for ten seconds, then the answer is `failed`.
class Replay {
public:
    /// Called on the thread of the replay.
    using Answer =
        std::function<void(data::postgis::Cursor from, std::int64_t to, Channel::Lookup lookup,
                           std::vector<data::postgis::Change> changes)>;
    Replay(std::string const& database, Answer answer);
    ~Replay();
    Replay(Replay const&) = delete;
    Replay& operator=(Replay const&) = delete;

    /// Changes after `from` up to `to`; `gone` where the feed does not hold them all any more or
    /// there are more than `limit`.
    void ask(data::postgis::Cursor from, std::int64_t to, std::uint32_t limit);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace diaban::services::live
