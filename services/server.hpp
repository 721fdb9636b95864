#pragma once

#include "services/config.hpp"
#include "services/domain/atlas.hpp"
#include "services/http/application.hpp"
#include "services/http/pistache_edge.hpp"

#include <chrono>
#include <cstdint>
#include <memory>

namespace diaban::services::access {
struct Accounts;
}

namespace diaban::services {

/// The whole of `diaban serve`: record, atlas, API and edges, put together in one place.
class Server {
public:
    /// Starts to load the mirrors; answers nothing yet. `settings` are complete.
    explicit Server(Settings const& settings);
    ~Server();
    Server(Server const&) = delete;
    Server& operator=(Server const&) = delete;

    /// Binds both ports and answers from here on, ready or not (`/readyz` says which).
    /// Throws   Error{unavailable, "port-taken"}.
    void start();
    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] std::uint16_t live_port() const;
    [[nodiscard]] domain::Atlas& atlas() noexcept;
    [[nodiscard]] access::Accounts& accounts() noexcept;
    [[nodiscard]] http::Application& application() noexcept;
    /// Takes those settings that may change while it serves (changed_settings says which). From the
    /// thread that starts and stops it.
    void take(Settings const& settings);
    /// Says that it is not ready any more, so that a proxy asks another node, and ends each
    /// connection with its next answer; answers meanwhile.
    void leave();
    /// Lets handlers finish, answers nothing more.
    void stop();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace diaban::services
