#pragma once

#include "data/model/alert.hpp"
#include "data/model/sensing.hpp"
#include "data/postgis/pool.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::data::postgis {

/// What a watch is shown of a datastream: what it knew, and what came since.
struct WatchTask {
    model::WatchedStream stream;
    std::string station;                       ///< its name
    std::string state;                         ///< JSON; `{}` at first
    geo::Instant since;                        ///< when the datastream was made
    std::vector<geo::watch::Reading> readings; ///< in order; at most a thousand
};

/// What it makes of that.
struct WatchVerdict {
    std::string state;
    bool silent = false;
    std::vector<model::AlertAct> acts;
    std::string reading;      ///< words of the last value; empty: none
    std::optional<int> level; ///< nothing while there is no data
};

/// Datastreams under watch: readings are judged in their order, each once, whichever node does it
/// and whatever dies meanwhile: what was judged, the alerts and what the station shows are one
/// transaction.
///
/// Pool     of Role::edit. Sees everything: who may see an alert is decided by the datastream's
///          scope and sensitivity, which it takes over.
/// Throws   Error{unavailable, …}.
class WatchStore {
public:
    explicit WatchStore(Pool& pool) : m_pool{pool} {}

    /// Datastreams that have something new, or are silent beyond what is expected at `now`.
    [[nodiscard]] std::vector<std::int64_t> due(geo::Instant now) const;

    /// Judges one of them; nothing if another node is at it. Whether there were more readings.
    bool judge(std::int64_t datastream,
               std::function<WatchVerdict(WatchTask const&)> const& verdict) const;

    [[nodiscard]] std::vector<model::AlertTemplate> templates() const;

    /// Marks what has expired by `now`; how many.
    std::uint64_t expire(geo::Instant now) const;

private:
    Pool& m_pool;
};

} // namespace diaban::data::postgis
