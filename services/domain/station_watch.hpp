#pragma once

#include "data/postgis/observation_store.hpp"
#include "data/postgis/watch_store.hpp"
#include "services/domain/rounds.hpp"

#include <chrono>
#include <stop_token>

namespace diaban::services::domain {

/// Watches stations: judges what they observed, raises and ends alerts, notices silence, lets
/// alerts expire, and keeps the house of observations in order. Any number of nodes: each
/// datastream is judged by one at a time, each reading once.
///
/// Threads  one of its own.
class StationWatch {
public:
    StationWatch(data::postgis::WatchStore const& store,
                 data::postgis::ObservationStore const& house)
        : m_store{store}, m_house{house} {}

    void start();
    void stop() { m_rounds.stop(); }

    /// One look at everything, as of `now`; what is left where it is to stop is for the next one.
    static void look(data::postgis::WatchStore const& store, geo::Instant now,
                     std::stop_token const& stop = {});

private:
    void round(std::stop_token const& stop);

    data::postgis::WatchStore const& m_store;
    data::postgis::ObservationStore const& m_house;
    std::chrono::steady_clock::time_point m_housekept{};
    Rounds m_rounds{"watch of stations"}; ///< last: ends before what it uses
};

} // namespace diaban::services::domain
