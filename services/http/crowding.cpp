#include "services/http/crowding.hpp"

#include <algorithm>

namespace diaban::services::http {

namespace {

/// Of the request on this thread, if any.
thread_local std::atomic<int>* working_here = nullptr;

} // namespace

Crowding::Place::Place(Crowding& crowding, bool must, Clock::time_point now) noexcept
    : m_crowding{crowding}, m_taken{crowding.enter(must, now)} {
    if (m_taken) working_here = &crowding.m_working;
}

Crowding::Place::~Place() {
    if (!m_taken) return;
    working_here = nullptr;
    --m_crowding.m_working;
}

void Crowding::begin_wait() noexcept {
    if (working_here != nullptr) --*working_here;
}

void Crowding::end_wait() noexcept {
    if (working_here != nullptr) ++*working_here;
}

unsigned Crowding::working() const noexcept {
    return static_cast<unsigned>(std::max(0, m_working.load()));
}

bool Crowding::enter(bool must, Clock::time_point now) noexcept {
    auto const working = ++m_working;
    if (m_most == 0 || !is_crowd(working, now) || must || working <= static_cast<int>(m_most))
        return true;
    --m_working;
    m_refused_at = now.time_since_epoch().count();
    ++m_refused;
    return false;
}

bool Crowding::is_crowd(int working, Clock::time_point now) noexcept {
    auto const time = now.time_since_epoch().count();
    auto const since = [&](Clock::rep then) { return Clock::duration{time - then}; };
    if (auto const refused = m_refused_at.load(); refused != 0) {
        if (since(refused) < calm) return true;
        m_refused_at = 0;
        m_calm_at = time;
    }
    if (working <= static_cast<int>(m_most)) {
        m_calm_at = time;
        return false;
    }
    return since(m_calm_at) >= patience;
}

} // namespace diaban::services::http
