#include "services/domain/rounds.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace diaban::services::domain {

void Rounds::start(Rest rest, Round round) {
    m_thread = std::jthread{[this, rest, round = std::move(round)](std::stop_token const& stop) {
        run(stop, rest, round);
    }};
}

void Rounds::stop() {
    if (!m_thread.joinable()) return;
    m_thread.request_stop();
    m_thread.join();
}

void Rounds::run(std::stop_token const& stop, Rest rest, Round const& round) {
    using Clock = std::chrono::steady_clock;
    while (!stop.stop_requested()) {
        auto const begin = Clock::now();
        try {
            round(stop);
        } catch (std::exception const& error) {
            spdlog::debug("{}: {}", m_name, error.what());
        }
        auto const pause = std::max(rest.least, rest.times * (Clock::now() - begin));
        std::unique_lock lock{m_mutex};
        m_wake.wait_for(lock, stop, pause, [] { return false; });
    }
}

} // namespace diaban::services::domain
