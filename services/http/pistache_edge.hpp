#pragma once

#include "services/http/client_limits.hpp"
#include "services/http/message.hpp"
#include "services/http/request_reader.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace diaban::services::http {

struct EdgeOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8080; ///< 0: any free one
    unsigned threads = 250;    ///< 255 at most (Pistache's reactor)
    RequestLimits limits{};
    ClientLimits* clients = nullptr; ///< connections of an address; outlives the edge; null: any
    std::chrono::seconds whole_request{10}; ///< a request that takes longer to arrive: 408
    std::chrono::seconds keep_alive{30};    ///< a connection without a whole request that long ends
};

/// HTTP over TCP: the only room that knows Pistache.
///
/// Pistache accepts connections, shares them out among threads (by descriptor) and reads. Requests
/// are read by RequestReader and never reach Pistache's own parser, which answers plain-text 500 to
/// a malformed Cookie and believes 4096 bytes to be a large request. Answers are written inside the
/// handler, straight to the socket; Pistache's own queue spins on a full socket until its client
/// reads on, and a ResponseStream whose client leaves ends the process: neither is used. What the
/// socket does not take at once is finished by Drain.
class PistacheEdge {
public:
    PistacheEdge(EdgeOptions options, Service& service);
    ~PistacheEdge();
    PistacheEdge(PistacheEdge const&) = delete;
    PistacheEdge& operator=(PistacheEdge const&) = delete;

    /// Binds and serves on threads of its own.
    /// Throws   Error{unavailable, "port-taken"} if the address cannot be bound.
    void start();
    /// The port bound, once started.
    [[nodiscard]] std::uint16_t port() const;
    /// Answers still being finished for slow clients.
    [[nodiscard]] std::size_t draining() const;
    /// From now on each connection ends with its next answer; new ones are still taken.
    void leave() noexcept;
    /// Lets handlers finish, answers nothing more. Also done by the destructor.
    void stop();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// Status line and fields of an answer as they go on the wire, the empty line included.
///
/// `date`  an IMF-fixdate, as of now.
[[nodiscard]] std::string response_head(Response const& response, bool http_1_0, bool keep_alive,
                                        std::string_view date);

} // namespace diaban::services::http
