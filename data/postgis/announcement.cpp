#include "data/postgis/announcement.hpp"

#include "data/postgis/wire.hpp"
#include "geo/error.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace diaban::data::postgis {
namespace {

using Clock = std::chrono::steady_clock;

constexpr char const* notify = "NOTIFY diaban_change";
constexpr char const* listen = "LISTEN diaban_change";

constexpr std::chrono::milliseconds least_between_notices{5};
constexpr std::chrono::seconds least_between_connects{1};

} // namespace

void announce(Wire& wire) noexcept {
    try {
        wire.run(notify);
    } catch (...) { // found by looking
    }
}

struct Announcer::State {
    std::string uri;
    std::mutex mutex;
    std::condition_variable changed;
    bool due = false;
    bool stop = false;
    std::uint64_t sent = 0;
    std::optional<Wire> wire; // of the thread alone
    std::thread thread;

    bool send() {
        try {
            if (!wire) {
                wire.emplace(uri, Role::serve);
                // A notice is no news worth a wait for the disk.
                wire->run("SET synchronous_commit = off");
            }
            wire->run(notify);
            return true;
        } catch (geo::Error const&) {
            wire.reset();
            return false;
        }
    }

    /// Sends what is due; tries once more where the connection that failed had lain idle.
    void announce_until_stopped() {
        std::unique_lock lock{mutex};
        for (;;) {
            changed.wait(lock, [this] { return due || stop; });
            if (!due) return;
            due = false;
            lock.unlock();
            bool const was_open = wire.has_value();
            bool const is_sent = send() || (was_open && send());
            lock.lock();
            if (is_sent) ++sent;
            changed.wait_for(lock, least_between_notices, [this] { return stop; });
        }
    }
};

Announcer::Announcer(std::string uri) : m_state{std::make_unique<State>()} {
    m_state->uri = std::move(uri);
    m_state->thread = std::thread{[state = m_state.get()] { state->announce_until_stopped(); }};
}

Announcer::~Announcer() {
    {
        std::lock_guard const lock{m_state->mutex};
        m_state->stop = true;
    }
    m_state->changed.notify_all();
    m_state->thread.join();
}

void Announcer::announce() {
    {
        std::lock_guard const lock{m_state->mutex};
        m_state->due = true;
    }
    m_state->changed.notify_all();
}

std::uint64_t Announcer::sent() const {
    std::lock_guard const lock{m_state->mutex};
    return m_state->sent;
}

struct Listener::State {
    std::string uri;
    int ended = -1; // an eventfd that is readable while a wait is to end
    std::optional<Wire> wire;
    Clock::time_point next_connect{};

    /// Whether a connection was opened.
    bool connect() {
        next_connect = Clock::now() + least_between_connects;
        try {
            wire.emplace(uri, Role::feed);
            wire->run(listen);
            return true;
        } catch (geo::Error const&) {
            wire.reset();
            return false;
        }
    }

    bool heard(std::chrono::milliseconds patience) {
        try {
            return wire->await_notification(patience, ended);
        } catch (geo::Error const&) {
            wire.reset();
            return false;
        }
    }

    void wait_for_end(Clock::time_point end) const {
        pollfd source{ended, POLLIN, 0};
        auto const left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
        if (left.count() > 0) ::poll(&source, 1, static_cast<int>(left.count()));
    }

    [[nodiscard]] bool take_end() const {
        std::uint64_t times = 0;
        return ::read(ended, &times, sizeof times) == sizeof times;
    }
};

Listener::Listener(std::string uri) : m_state{std::make_unique<State>()} {
    m_state->uri = std::move(uri);
    m_state->ended = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (m_state->ended < 0)
        throw geo::Error{geo::Code::internal, "internal", {}, "eventfd: no descriptor left"};
}

Listener::~Listener() {
    ::close(m_state->ended);
}

Wake Listener::wait(std::chrono::milliseconds patience) {
    auto& state = *m_state;
    auto const end = Clock::now() + patience;
    if (!state.wire && Clock::now() >= state.next_connect && state.connect())
        return state.take_end() ? Wake::ended : Wake::announced;
    bool const heard = state.wire && state.heard(patience);
    if (!state.wire) state.wait_for_end(end); // none to be had, or lost meanwhile
    if (state.take_end()) return Wake::ended;
    return heard ? Wake::announced : Wake::timed_out;
}

void Listener::end_wait() noexcept {
    std::uint64_t const once = 1;
    // Fails only where the counter is full, and then the wait ends anyway.
    [[maybe_unused]] auto const written = ::write(m_state->ended, &once, sizeof once);
}

} // namespace diaban::data::postgis
