#include "services/domain/order_watch.hpp"

#include "geo/error.hpp"
#include "services/domain/standing.hpp"

#include <spdlog/spdlog.h>

#include <chrono>

namespace diaban::services::domain {

namespace {

constexpr std::chrono::seconds between_looks{1};

} // namespace

void OrderWatch::start() {
    m_rounds.start({between_looks}, [this](std::stop_token const&) { look({now_microseconds()}); });
}

void OrderWatch::look(geo::Instant now) const {
    if (auto const escalated = m_store.escalate(now))
        spdlog::info("orders not acknowledged in time, escalated: {}", escalated);
}

} // namespace diaban::services::domain
