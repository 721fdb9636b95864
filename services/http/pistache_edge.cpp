#include "services/http/pistache_edge.hpp"

#include "geo/error.hpp"
#include "services/http/outbox.hpp"
#include "services/http/status.hpp"

#include <sys/resource.h>
#include <sys/socket.h>

#include <atomic>
#include <ctime>

// Pistache 0.0.5 does not compile under all of our warnings; it is a system header for them.
#include <pistache/endpoint.h>
#include <pistache/peer.h>

namespace diaban::services::http {

namespace {

using Clock = std::chrono::steady_clock;
using Peer = std::shared_ptr<Pistache::Tcp::Peer>;

/// Rubbish a refused client may still send before the connection is cut.
constexpr std::size_t most_ignored_bytes = 1u << 20;
constexpr int accept_backlog = 4096;
constexpr char connection_key[] = "connection";

std::string_view date_now() {
    thread_local std::time_t second = 0;
    thread_local char text[40];
    thread_local std::size_t size = 0;
    auto const now = std::time(nullptr);
    if (now != second) {
        second = now;
        std::tm parts{};
        ::gmtime_r(&now, &parts);
        size = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    }
    return {text, size};
}

/// What the edge keeps of one connection. Only its thread touches it.
struct Connection {
    Connection(EdgeOptions const& options, Address const& from, Drain& drain)
        : place{options.clients, from}, reader{options.limits, from}, outbox{
                                                                          std::make_shared<Outbox>(
                                                                              drain)} {}

    Place place;
    RequestReader reader;
    std::shared_ptr<Outbox> outbox;
    Clock::time_point started{};   // first byte of the request being read
    Clock::time_point refreshed{}; // keep-alive clock was set
    std::size_t ignored = 0;
    bool ended = false; // nothing is answered any more
};

struct Shared {
    EdgeOptions options;
    Service& service;
    Drain drain;
    std::atomic<bool> leaving{false};
};

class Handler : public Pistache::Http::Handler {
    HTTP_PROTOTYPE(Handler)

public:
    explicit Handler(std::shared_ptr<Shared> shared) : m_shared{std::move(shared)} {}

    void onConnection(Peer const& peer) override {
        // Pistache's timer asks every peer for this parser's clock, and closes idle ones silently.
        peer->putData(ParserData, std::make_shared<Pistache::Http::RequestParser>(1));
        peer->setIdle(true);
        auto const connection =
            std::make_shared<Connection>(m_shared->options, address_of(peer), m_shared->drain);
        peer->putData(connection_key, connection);
        if (connection->place.given()) return;
        refuse(*connection, peer, {429, "too-many-connections", ""});
        ::shutdown(peer->fd(), SHUT_RDWR); // not kept until its client has had enough
    }

    void onInput(char const* bytes, std::size_t size, Peer const& peer) override {
        auto const connection =
            std::static_pointer_cast<Connection>(peer->tryGetData(connection_key));
        if (!connection) return;
        try {
            take(*connection, peer, {bytes, size});
        } catch (...) { // out of memory: this client goes, the thread stays
            connection->ended = true;
            cut_off(peer->fd());
        }
    }

    void onRequest(Pistache::Http::Request const&, Pistache::Http::ResponseWriter) override {}

private:
    static Address address_of(Peer const& peer) {
        return read_address(peer->address().host()).value_or(Address{});
    }

    void take(Connection& connection, Peer const& peer, std::string_view bytes) {
        if (connection.ended) {
            connection.ignored += bytes.size();
            if (connection.ignored > most_ignored_bytes) cut_off(peer->fd());
            return;
        }
        auto& reader = connection.reader;
        auto const now = Clock::now();
        if (reader.idle()) connection.started = now;
        reader.append(bytes);
        while (!connection.ended) {
            switch (reader.read()) {
            case RequestReader::State::complete:
                answer_request(connection, peer, now);
                reader.discard();
                connection.started = now;
                if (reader.idle()) return;
                break;
            case RequestReader::State::refused: refuse(connection, peer, reader.refusal()); return;
            case RequestReader::State::expects_100:
                connection.outbox->send(peer->fd(), "HTTP/1.1 100 Continue\r\n\r\n", {}, false);
                return;
            case RequestReader::State::incomplete:
                if (now - connection.started > m_shared->options.whole_request)
                    refuse(connection, peer,
                           {408, "request-too-slow",
                            std::to_string(m_shared->options.whole_request.count())});
                return;
            }
        }
    }

    void answer_request(Connection& connection, Peer const& peer, Clock::time_point now) {
        if (now - connection.refreshed > std::chrono::seconds{1}) {
            getParser(peer)->reset();
            connection.refreshed = now;
        }
        if (!connection.outbox->takes_more()) {
            connection.ended = true;
            cut_off(peer->fd()); // wakes the drain, which then finds it broken
            return;
        }
        auto const& request = connection.reader.request();
        auto response = m_shared->service.serve(request);
        bool const keep_alive = request.keep_alive && !m_shared->leaving;
        connection.ended = !keep_alive;
        auto head = response_head(response, request.http_1_0, keep_alive, date_now());
        if (request.method == Method::head) response.body = Body{};
        connection.outbox->send(peer->fd(), std::move(head), std::move(response.body),
                                connection.ended);
    }

    void refuse(Connection& connection, Peer const& peer, Refusal const& refusal) {
        auto response = m_shared->service.refuse(refusal, connection.reader.request());
        connection.ended = true;
        auto head = response_head(response, false, false, date_now());
        connection.outbox->send(peer->fd(), std::move(head), std::move(response.body), true);
    }

    std::shared_ptr<Shared> m_shared;
};

/// As many descriptors as the system lets us have: one a connection.
void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

} // namespace

struct PistacheEdge::State {
    std::shared_ptr<Shared> shared;
    std::unique_ptr<Pistache::Http::Endpoint> endpoint;
};

PistacheEdge::PistacheEdge(EdgeOptions options, Service& service)
    : m_state{std::make_unique<State>()} {
    m_state->shared = std::shared_ptr<Shared>(new Shared{std::move(options), service, Drain{}});
}

PistacheEdge::~PistacheEdge() {
    stop();
}

void PistacheEdge::start() {
    raise_descriptor_limit();
    auto const& options = m_state->shared->options;
    bool const version_6 = options.address.find(':') != std::string::npos;
    auto const host = version_6 ? "[" + options.address + "]" : options.address;
    auto const flags = Pistache::Flags<Pistache::Tcp::Options>(Pistache::Tcp::Options::ReuseAddr |
                                                               Pistache::Tcp::Options::NoDelay |
                                                               Pistache::Tcp::Options::CloseOnExec);
    auto const threads = static_cast<int>(options.threads);
    try {
        auto endpoint = std::make_unique<Pistache::Http::Endpoint>(
            Pistache::Address{host, Pistache::Port{options.port}});
        endpoint->init(Pistache::Http::Endpoint::options()
                           .threads(threads)
                           .threadsName("edge")
                           .flags(flags)
                           .headerTimeout(options.keep_alive)
                           .bodyTimeout(options.keep_alive)
                           .keepaliveTimeout(options.keep_alive));
        // init() drops the backlog it is given; the listener below it does not.
        endpoint->initArgs(static_cast<std::size_t>(threads), flags, std::string{"edge"},
                           accept_backlog);
        endpoint->setHandler(std::make_shared<Handler>(m_state->shared));
        endpoint->serveThreaded();
        m_state->endpoint = std::move(endpoint);
    } catch (std::exception const& fault) {
        throw geo::Error{geo::Code::unavailable,
                         "port-taken",
                         {{"parameter", std::to_string(options.port)}, {"value", options.address}},
                         fault.what()};
    }
}

std::uint16_t PistacheEdge::port() const {
    return m_state->endpoint ? static_cast<std::uint16_t>(m_state->endpoint->getPort()) : 0;
}

std::size_t PistacheEdge::draining() const {
    return m_state->shared->drain.size();
}

void PistacheEdge::leave() noexcept {
    m_state->shared->leaving = true;
}

void PistacheEdge::stop() {
    if (!m_state->endpoint) return;
    m_state->endpoint->shutdown();
    m_state->endpoint.reset(); // joins the threads
}

std::string response_head(Response const& response, bool http_1_0, bool keep_alive,
                          std::string_view date) {
    std::string head;
    head.reserve(512);
    head += "HTTP/1.1 ";
    head += std::to_string(response.status);
    head += ' ';
    head += reason_phrase(response.status);
    head += "\r\nDate: ";
    head += date;
    head += "\r\n";
    for (auto const& [name, value] : response.headers) {
        head += name;
        head += ": ";
        for (char c : value) // a value may hold what a client sent: it must not end the line
            head += c == '\r' || c == '\n' || c == '\0' ? ' ' : c;
        head += "\r\n";
    }
    bool const bodiless = response.status == 204 || response.status == 304;
    if (!bodiless) {
        head += "Content-Length: ";
        head += std::to_string(response.body.bytes().size());
        head += "\r\n";
    }
    if (!keep_alive)
        head += "Connection: close\r\n";
    else if (http_1_0)
        head += "Connection: keep-alive\r\n";
    head += "\r\n";
    return head;
}

} // namespace diaban::services::http
