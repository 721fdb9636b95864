#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace diaban::data::postgis {

class Wire;

/// Tells every node at once that the feed has something new, which each would else find at its next
/// look. Nothing depends on it: what is not announced (psql, QGIS, a crash in between) is found by
/// looking.

/// For a program that has just committed on this connection. Never throws: the commit stands.
void announce(Wire& wire) noexcept;

/// Announces commits of this process, from a thread of its own: what is announced while one NOTIFY
/// is under way, or within 5 ms of it, goes out as one.
///
/// Threads  any number.
/// Faults   with the database gone nothing is announced, and the connection is tried anew with the
///          next announcement.
class Announcer {
public:
    explicit Announcer(std::string uri);
    /// Sends what is still to be announced.
    ~Announcer();
    Announcer(Announcer const&) = delete;
    Announcer& operator=(Announcer const&) = delete;

    /// Call after the commit. Does not wait.
    void announce();
    /// NOTIFYs sent so far.
    [[nodiscard]] std::uint64_t sent() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// Why a wait ended.
enum class Wake : std::uint8_t {
    announced, ///< or the connection is new, and what was announced before was not heard
    ended,     ///< by `end_wait`
    timed_out,
};

/// One follower's wait for announcements, on a connection of its own.
///
/// Threads  one waits; any may end the wait.
/// Faults   a lost connection is opened anew, at most once a second; without one, a wait lasts
/// until
///          its time is over. Connecting to a host that does not answer takes up to 5 s, in which
///          `end_wait` is not heard.
class Listener {
public:
    explicit Listener(std::string uri);
    ~Listener();
    Listener(Listener const&) = delete;
    Listener& operator=(Listener const&) = delete;

    [[nodiscard]] Wake wait(std::chrono::milliseconds patience);
    /// Ends the wait that is under way, or else the next one, at once.
    void end_wait() noexcept;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace diaban::data::postgis
