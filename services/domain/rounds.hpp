#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

namespace diaban::services::domain {

/// How long to rest between rounds.
struct Rest {
    std::chrono::steady_clock::duration least; ///< at any rate
    int times = 0;                             ///< as long as the round took, where that is longer
};

/// Does the same again and again on a thread of its own. A round that throws is told at level
/// debug, and the next one comes as always.
class Rounds {
public:
    using Round = std::function<void(std::stop_token const& stop)>;

    /// `name`   as the log calls it
    explicit Rounds(std::string name) : m_name{std::move(name)} {}
    ~Rounds() { stop(); }
    Rounds(Rounds const&) = delete;
    Rounds& operator=(Rounds const&) = delete;

    void start(Rest rest, Round round);
    /// Waits for the round that is under way, which is asked to end early.
    void stop();

private:
    void run(std::stop_token const& stop, Rest rest, Round const& round);

    std::string m_name;
    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    std::jthread m_thread;
};

} // namespace diaban::services::domain
