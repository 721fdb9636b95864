#pragma once

#include "services/domain/news.hpp"
#include "services/http/client_limits.hpp"
#include "services/http/message.hpp"
#include "services/live/channel.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace diaban::services::live {

struct LiveEdgeOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8081; ///< 0: any free one
    std::string database;      ///< whose feed is read for those who come back
    std::size_t connections = 20'000;
    http::ClientLimits* clients = nullptr;   ///< connections of an address; null: any number
    std::chrono::seconds whole_request{10};  ///< a request that takes longer to arrive ends
    std::chrono::milliseconds farewell{500}; ///< for what is on its way when the edge stops
    int send_buffer = 64 << 10; ///< of a socket, bytes: what a client that does not read may hold
    ChannelOptions channel{};
};

/// What the door lets in.
struct Admission {
    http::Response response; ///< a stream's head, or an answer that is all there is
    bool streams = false;
    Subscription subscription;
    access::Visitor visitor; ///< of a stream: who reads it
    std::optional<std::string> last_id;
};

/// Reads a request to the live port. Called on the edge's thread; never throws.
class Door {
public:
    virtual ~Door() = default;
    virtual Admission admit(http::Request const& request) noexcept = 0;
    virtual http::Response refuse(http::Refusal const& refusal,
                                  http::Request const& request) noexcept = 0;
    /// For one too many.
    virtual http::Response turn_away(http::Request const& request) noexcept = 0;
};

/// Server-sent events over TCP on a port of their own: the only room that knows Boost.Asio, which
/// Boost.Beast stands on. Requests are read by the same strict reader as those of the HTTP edge.
///
/// Threads   one for all connections; an answer lasts as long as its connection.
/// Memory    an idle subscriber holds a socket and what it asked for, no buffer.
class LiveEdge {
public:
    explicit LiveEdge(LiveEdgeOptions options);
    ~LiveEdge();
    LiveEdge(LiveEdge const&) = delete;
    LiveEdge& operator=(LiveEdge const&) = delete;

    /// Binds and serves. `door` outlives the edge's stop.
    /// Throws   Error{unavailable, "port-taken"} if the address cannot be bound.
    void start(Door& door);
    [[nodiscard]] std::uint16_t port() const;
    /// From any thread, before the start and after the stop too.
    void tell(domain::News news);
    /// So many subscribers at once from now on; those who are here stay.
    void allow(std::size_t connections) noexcept;
    struct Counters {
        Channel::Counters channel;
        std::size_t connections = 0;
        std::uint64_t refused = 0; ///< beyond the bound
        std::size_t waiting = 0;   ///< connections that have not taken yet what was given to them
        std::size_t queued = 0;    ///< bytes of it; what many are given is held once
        std::size_t held = 0;      ///< bytes of memory of the connections and what they asked for
    };
    /// Those of memory and queues are as of the last second.
    [[nodiscard]] Counters counters() const noexcept;
    /// Lets what is on its way arrive, ends all connections. Also done by the destructor.
    void stop();

private:
    struct State;
    class Session;
    std::unique_ptr<State> m_state;
};

} // namespace diaban::services::live
