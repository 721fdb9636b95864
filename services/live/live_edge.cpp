#include "services/live/live_edge.hpp"

#include "geo/error.hpp"
#include "services/http/request_reader.hpp"
#include "services/http/status.hpp"
#include "services/live/replay.hpp"

#include <boost/asio.hpp>
#include <spdlog/spdlog.h>

#include <array>
#include <atomic>
#include <list>
#include <thread>
#include <unordered_set>
#include <utility>
#include <vector>

namespace diaban::services::live {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;
using boost::system::error_code;

constexpr std::chrono::milliseconds beat{100};
constexpr unsigned beats_a_second = 10;
constexpr int accept_backlog = 4096;
constexpr std::size_t read_bytes = 4096;

std::string head_of(http::Response const& response, bool streams) {
    std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
    head += http::reason_phrase(response.status);
    head += "\r\n";
    for (auto const& [name, value] : response.headers) {
        head += name;
        head += ": ";
        for (char c : value) head += c == '\r' || c == '\n' || c == '\0' ? ' ' : c;
        head += "\r\n";
    }
    if (!streams && response.status != 204)
        head += "Content-Length: " + std::to_string(response.body.bytes().size()) + "\r\n";
    return head + "Connection: close\r\n\r\n"; // a stream ends with its connection
}

std::size_t bytes_of(Subscription const& subscription) {
    auto bytes = subscription.boxes.capacity() * sizeof(geo::Box) +
                 subscription.collections.capacity() * sizeof(std::string);
    for (auto const& id : subscription.collections)
        if (id.capacity() > std::string{}.capacity()) bytes += id.capacity() + 1;
    return bytes;
}

} // namespace

struct LiveEdge::State {
    explicit State(LiveEdgeOptions given)
        : options{std::move(given)}, acceptor{io}, timer{io},
          channel{options.channel,
                  [this](data::postgis::Cursor from, std::int64_t to, std::uint32_t limit) {
                      replay->ask(from, to, limit);
                  },
                  [this](std::function<void()> what) { asio::post(io, std::move(what)); }} {}

    void accept();
    void begin(tcp::socket socket);
    void tick();
    void measure();
    void forget(Session& session);

    LiveEdgeOptions options;
    asio::io_context io{1};
    tcp::acceptor acceptor;
    asio::steady_timer timer;
    Channel channel;                      // of the io thread, as is what follows
    std::unordered_set<Session*> opening; // their request is not whole yet
    std::unordered_set<Session*> sessions;
    bool ending = false;
    unsigned beats = 0;
    Door* door = nullptr;
    std::unique_ptr<Replay> replay;
    std::thread thread;
    std::atomic<std::size_t> allowed{options.connections};
    std::atomic<std::uint16_t> port{0}; // asked by the HTTP edge, which starts first
    std::atomic<std::size_t> connections{0};
    std::atomic<std::uint64_t> refused{0};
    std::atomic<std::size_t> waiting{0};
    std::atomic<std::size_t> queued{0};
    std::atomic<std::size_t> held{0};
};

/// One connection: reads a request, then streams, or answers and ends.
class LiveEdge::Session : public Client, public std::enable_shared_from_this<Session> {
public:
    Session(State& state, tcp::socket socket, http::Address const& peer)
        : m_state{state}, m_socket{std::move(socket)}, m_place{state.options.clients, peer},
          m_opening{std::make_unique<Opening>(peer)} {}

    /// Whether its address may have one more.
    [[nodiscard]] bool admitted() const noexcept { return m_place.given(); }

    void open() {
        error_code ignored;
        m_socket.set_option(tcp::no_delay{true}, ignored);
        m_socket.set_option(asio::socket_base::send_buffer_size{m_state.options.send_buffer},
                            ignored);
        m_state.sessions.insert(this);
        m_state.opening.insert(this);
        m_state.connections = m_state.sessions.size();
        read_request();
    }

    void send(std::vector<Message> messages) override {
        m_messages = std::move(messages);
        std::vector<asio::const_buffer> buffers;
        buffers.reserve(m_messages.size() + 1);
        if (!m_head.empty()) buffers.push_back(asio::buffer(m_head));
        for (auto const& message : m_messages) buffers.push_back(asio::buffer(*message));
        asio::async_write(
            m_socket, std::move(buffers),
            [self = shared_from_this()](error_code fault, std::size_t) { self->written(fault); });
    }

    void drop() override {
        asio::post(m_state.io, [self = shared_from_this()] { self->close(); });
    }

    void close() {
        if (!m_socket.is_open()) return;
        auto const self = shared_from_this(); // the channel may hold the last one
        error_code ignored;
        m_socket.shutdown(tcp::socket::shutdown_both, ignored);
        m_socket.close(ignored);
        m_state.channel.leave(*this);
        m_state.forget(*this);
    }

    [[nodiscard]] bool busy() const noexcept { return !m_messages.empty(); }
    /// Bytes that are being written.
    [[nodiscard]] std::size_t queued() const noexcept {
        auto bytes = m_head.size();
        for (auto const& message : m_messages) bytes += message->size();
        return bytes;
    }
    /// Bytes of memory that it alone holds.
    [[nodiscard]] std::size_t held() const noexcept {
        return sizeof(Session) + (m_opening ? sizeof(Opening) : 0) + m_head.capacity() + m_asked +
               m_messages.capacity() * sizeof(Message);
    }
    [[nodiscard]] bool late() const noexcept {
        return m_opening && Clock::now() - m_opening->begun > m_state.options.whole_request;
    }

private:
    /// What a connection needs until its request is whole.
    struct Opening {
        explicit Opening(http::Address const& peer = {}) : reader{{}, peer} {}

        http::RequestReader reader;
        std::array<char, read_bytes> bytes{};
        Clock::time_point begun = Clock::now();
    };

    void read_request() {
        m_socket.async_read_some(
            asio::buffer(m_opening->bytes),
            [self = shared_from_this()](error_code fault, std::size_t size) {
                if (fault || !self->m_opening) return self->close();
                self->m_opening->reader.append({self->m_opening->bytes.data(), size});
                self->take_request();
            });
    }

    void take_request() {
        using Reading = http::RequestReader::State;
        auto& reader = m_opening->reader;
        switch (reader.read()) {
        case Reading::incomplete:
        case Reading::expects_100: return read_request();
        case Reading::refused:
            return answer(m_state.door->refuse(reader.refusal(), reader.request()), false);
        case Reading::complete: break;
        }
        auto const& request = reader.request();
        bool const bodiless = request.method == http::Method::head;
        auto admission = m_state.door->admit(request);
        if (!admission.streams) return answer(admission.response, bodiless);
        if (m_state.channel.counters().subscribers >= m_state.allowed) {
            ++m_state.refused;
            return answer(m_state.door->turn_away(request), bodiless);
        }
        if (!take_place_behind_proxy(request)) {
            ++m_state.refused;
            return answer(m_state.door->refuse({429, "too-many-connections", ""}, request), false);
        }
        m_head = head_of(admission.response, true);
        opened();
        m_streams = true;
        m_asked = bytes_of(admission.subscription);
        await_end();
        m_state.channel.join(shared_from_this(), std::move(admission.subscription),
                             admission.visitor, std::move(admission.last_id));
    }

    /// Of those whom a proxy asks for, each address has as many streams as it may.
    bool take_place_behind_proxy(http::Request const& request) {
        auto* const clients = m_state.options.clients;
        if (clients == nullptr) return true;
        auto const client = http::client_of(request, clients->bounds().trusted);
        if (client.own || client.address == request.peer) return true;
        m_behind_proxy = std::make_unique<http::Place>(clients, client.address);
        return m_behind_proxy->given();
    }

    /// Nothing more is to come from a subscriber but its end.
    void await_end() {
        m_socket.async_wait(tcp::socket::wait_read, [self = shared_from_this()](error_code fault) {
            if (fault) return self->close();
            std::array<char, 512> bytes{};
            error_code end;
            auto const size = self->m_socket.read_some(asio::buffer(bytes), end);
            if (end || (self->m_heard += size) > read_bytes) return self->close();
            self->await_end();
        });
    }

    void answer(http::Response const& response, bool bodiless) {
        auto text = head_of(response, false);
        if (!bodiless) text += response.body.bytes();
        m_farewell = true;
        opened();
        send({std::make_shared<std::string const>(std::move(text))});
    }

    void opened() {
        m_state.opening.erase(this);
        m_opening.reset();
    }

    void written(error_code fault) {
        m_messages.clear();
        std::string{}.swap(m_head);
        if (fault || m_farewell || m_state.ending) return finish();
        m_state.channel.sent(*this);
    }

    /// Ends our side and waits a moment for the other: what is unread at a close becomes a reset,
    /// which throws away what is on its way.
    void finish() {
        error_code ignored;
        m_socket.shutdown(tcp::socket::shutdown_send, ignored);
        if (m_streams || ignored) return close();
        m_opening = std::make_unique<Opening>(); // its time is bounded likewise
        m_state.opening.insert(this);
        drain();
    }

    void drain() {
        m_socket.async_read_some(asio::buffer(m_opening->bytes),
                                 [self = shared_from_this()](error_code fault, std::size_t size) {
                                     self->m_heard += size;
                                     if (fault || self->m_heard > 16 * read_bytes)
                                         return self->close();
                                     self->drain();
                                 });
    }

    State& m_state;
    tcp::socket m_socket;
    http::Place m_place;
    std::unique_ptr<http::Place> m_behind_proxy;
    std::unique_ptr<Opening> m_opening;
    std::string m_head; // goes with the first messages
    std::vector<Message> m_messages;
    std::size_t m_asked = 0; // bytes
    std::size_t m_heard = 0;
    bool m_farewell = false;
    bool m_streams = false;
};

void LiveEdge::State::accept() {
    acceptor.async_accept([this](error_code fault, tcp::socket socket) {
        if (fault == asio::error::operation_aborted || !acceptor.is_open()) return;
        constexpr std::size_t at_the_door = 1000; // beyond those who stream
        if (!fault && sessions.size() < allowed + at_the_door)
            begin(std::move(socket));
        else if (!fault)
            ++refused;
        if (!fault) return accept();
        spdlog::warn("live: a connection could not be accepted: {}", fault.message());
        auto const pause = std::make_shared<asio::steady_timer>(io, beat);
        pause->async_wait([this, pause](error_code) { accept(); });
    });
}

void LiveEdge::State::begin(tcp::socket socket) {
    error_code ignored;
    auto const peer = http::read_address(socket.remote_endpoint(ignored).address().to_string());
    auto const session =
        std::make_shared<Session>(*this, std::move(socket), peer.value_or(http::Address{}));
    if (session->admitted())
        session->open();
    else
        ++refused;
}

void LiveEdge::State::tick() {
    timer.expires_after(beat);
    timer.async_wait([this](error_code fault) {
        if (fault) return;
        std::vector<Session*> late;
        for (auto* const session : opening)
            if (session->late()) late.push_back(session);
        for (auto* const session : late) session->drop();
        channel.beat();
        if (++beats % beats_a_second == 0) measure();
        tick();
    });
}

void LiveEdge::State::measure() {
    std::size_t busy = 0;
    std::size_t to_write = 0;
    std::size_t memory = 0;
    for (auto const* const session : sessions) {
        memory += session->held();
        if (!session->busy()) continue;
        ++busy;
        to_write += session->queued();
    }
    waiting = busy;
    queued = to_write;
    held = memory;
}

void LiveEdge::State::forget(Session& session) {
    sessions.erase(&session);
    opening.erase(&session);
    connections = sessions.size();
}

LiveEdge::LiveEdge(LiveEdgeOptions options) : m_state{std::make_unique<State>(std::move(options))} {
    auto& state = *m_state;
    state.replay = std::make_unique<Replay>(
        state.options.database,
        [&state](data::postgis::Cursor from, std::int64_t to, Channel::Lookup lookup,
                 std::vector<data::postgis::Change> changes) {
            asio::post(state.io,
                       [&state, from, to, lookup, changes = std::move(changes)]() mutable {
                           state.channel.found(from, to, lookup, std::move(changes));
                       });
        });
}

LiveEdge::~LiveEdge() {
    stop();
}

void LiveEdge::start(Door& door) {
    auto& state = *m_state;
    state.door = &door;
    try {
        auto const at =
            tcp::endpoint{asio::ip::make_address(state.options.address), state.options.port};
        state.acceptor.open(at.protocol());
        state.acceptor.set_option(tcp::acceptor::reuse_address{true});
        state.acceptor.bind(at);
        state.acceptor.listen(accept_backlog);
        state.port = state.acceptor.local_endpoint().port();
    } catch (boost::system::system_error const& fault) {
        throw geo::Error{
            geo::Code::unavailable,
            "port-taken",
            {{"parameter", std::to_string(state.options.port)}, {"value", state.options.address}},
            fault.what()};
    }
    state.accept();
    state.tick();
    state.thread = std::thread{[&state] { state.io.run(); }};
}

std::uint16_t LiveEdge::port() const {
    return m_state->port;
}

void LiveEdge::tell(domain::News news) {
    asio::post(m_state->io, [state = m_state.get(), news = std::move(news)]() mutable {
        state->channel.tell(std::move(news));
    });
}

void LiveEdge::allow(std::size_t connections) noexcept {
    m_state->allowed = connections;
}

LiveEdge::Counters LiveEdge::counters() const noexcept {
    return {m_state->channel.counters(),
            m_state->connections,
            m_state->refused,
            m_state->waiting,
            m_state->queued,
            m_state->held};
}

void LiveEdge::stop() {
    auto& state = *m_state;
    if (!state.thread.joinable()) return;
    asio::post(state.io, [&state] {
        state.ending = true;
        error_code ignored;
        state.acceptor.close(ignored);
        std::vector<Session*> idle;
        for (auto* const session : state.sessions)
            if (!session->busy()) idle.push_back(session);
        for (auto* const session : idle) session->close();
        state.timer.expires_after(state.options.farewell);
        state.timer.async_wait([&state](error_code) {
            auto const left = state.sessions;
            for (auto* const session : left) session->close();
            state.io.stop();
        });
    });
    state.thread.join();
}

} // namespace diaban::services::live
