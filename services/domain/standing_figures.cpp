#include "services/domain/standing_figures.hpp"

namespace diaban::services::domain {

void StandingFigures::start() {
    constexpr std::chrono::seconds between_looks{5}; // Prometheus asks every 15
    m_rounds.start({between_looks}, [this](std::stop_token const&) { look(); });
}

void StandingFigures::look() {
    Figures figures;
    figures.jobs = m_store.jobs();
    figures.alerts = m_store.alerts();
    figures.read = std::chrono::steady_clock::now();
    std::lock_guard const lock{m_mutex};
    m_last = std::move(figures);
}

std::optional<StandingFigures::Figures> StandingFigures::last() const {
    std::lock_guard const lock{m_mutex};
    return m_last;
}

} // namespace diaban::services::domain
