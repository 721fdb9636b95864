#include "tests/hostile/good_clients.hpp"

#include "tests/services/raw_client.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace diaban::tests::hostile {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t clients = 4;
constexpr std::chrono::milliseconds between{40}; // of one client: a hundred a second of four

} // namespace

GoodClients::GoodClients(std::uint16_t port, std::vector<std::string> targets)
    : m_port{port}, m_targets{std::move(targets)} {
    for (std::size_t i = 0; i < clients; ++i) m_threads.emplace_back([this, i] { run(i); });
}

GoodClients::~GoodClients() {
    m_end = true;
    for (auto& thread : m_threads) thread.join();
}

Service GoodClients::since() {
    std::lock_guard const lock{m_mutex};
    Service service{m_took.size(), m_failed, 0, m_first_fault};
    if (!m_took.empty()) {
        auto const at = m_took.begin() + std::ptrdiff_t(m_took.size() * 99 / 100);
        std::nth_element(m_took.begin(), at, m_took.end());
        service.p99_ms = *at;
    }
    m_took.clear();
    m_failed = 0;
    m_first_fault.clear();
    return service;
}

void GoodClients::run(std::size_t number) {
    std::unique_ptr<RawClient> client;
    auto due = Clock::now() + number * between / clients;
    for (std::size_t turn = number; !m_end; ++turn, due += between) {
        std::this_thread::sleep_until(due);
        auto const& target = m_targets[turn % m_targets.size()];
        std::string fault;
        try {
            if (!client) client = std::make_unique<RawClient>(m_port);
            client->send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
            auto const answer = client->read(std::chrono::seconds{5});
            if (!answer)
                fault = target + ": no answer";
            else if (answer->status != 200 && answer->status != 204)
                fault = target + ": " + std::to_string(answer->status);
        } catch (std::exception const& error) {
            fault = target + ": " + error.what();
        }
        if (!fault.empty()) client.reset();
        std::chrono::duration<double, std::milli> const took = Clock::now() - due;
        std::lock_guard const lock{m_mutex};
        m_took.push_back(took.count());
        if (fault.empty()) continue;
        ++m_failed;
        if (m_first_fault.empty()) m_first_fault = fault;
    }
}

} // namespace diaban::tests::hostile
