#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace diaban::tests::hostile {

/// What a server's honest clients have met with.
struct Service {
    std::size_t asked = 0;
    std::size_t failed = 0;
    double p99_ms = 0;
    std::string first_fault;
};

/// A hundred requests a second beside an attack: four clients that keep their connections, by turns
/// for each target. A request is counted from when it was due, so that waiting for the one before
/// counts too.
class GoodClients {
public:
    GoodClients(std::uint16_t port, std::vector<std::string> targets);
    ~GoodClients();
    GoodClients(GoodClients const&) = delete;
    GoodClients& operator=(GoodClients const&) = delete;

    /// What was met with since the last time this was asked.
    Service since();

private:
    void run(std::size_t number);

    std::uint16_t m_port;
    std::vector<std::string> m_targets;
    std::mutex m_mutex;
    std::vector<double> m_took; // ms
    std::size_t m_failed = 0;
    std::string m_first_fault;
    std::atomic<bool> m_end{false};
    std::vector<std::thread> m_threads;
};

} // namespace diaban::tests::hostile
