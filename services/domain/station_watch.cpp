#include "services/domain/station_watch.hpp"

#include "geo/error.hpp"
#include "services/domain/standing.hpp"
#include "services/domain/station_verdict.hpp"

#include <spdlog/spdlog.h>

namespace diaban::services::domain {

namespace {

constexpr std::chrono::milliseconds between_looks{500};
constexpr std::chrono::minutes between_housekeeping{10};

} // namespace

void StationWatch::start() {
    m_rounds.start({between_looks}, [this](std::stop_token const& stop) { round(stop); });
}

void StationWatch::look(data::postgis::WatchStore const& store, geo::Instant at,
                        std::stop_token const& stop) {
    auto const due = store.due(at);
    if (!due.empty()) {
        auto const templates = store.templates();
        auto const verdict = [&](data::postgis::WatchTask const& task) {
            return judge_station(task, templates, at);
        };
        for (auto const datastream : due)
            while (!stop.stop_requested() && store.judge(datastream, verdict)) {
            }
    }
    if (!stop.stop_requested()) store.expire(at);
}

void StationWatch::round(std::stop_token const& stop) {
    look(m_store, {now_microseconds()}, stop);
    if (std::chrono::steady_clock::now() - m_housekept <= between_housekeeping) return;
    while (!stop.stop_requested() && m_house.maintain() > 0) {
    }
    m_housekept = std::chrono::steady_clock::now();
}

} // namespace diaban::services::domain
