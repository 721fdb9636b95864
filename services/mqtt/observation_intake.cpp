#include "services/mqtt/observation_intake.hpp"

#include "geo/codec/nesting.hpp"
#include "geo/error.hpp"
#include "services/api/sta_observation.hpp"

#include <mosquitto.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <spdlog/spdlog.h>

#include <charconv>
#include <chrono>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace diaban::services::mqtt {

namespace {

using data::model::Observation;
using geo::Error;

constexpr char topics[] = "diaban/v1.1/+/Observations";
constexpr std::chrono::seconds between_connects{1};
constexpr std::chrono::milliseconds between_commits{500}; // that fail
constexpr int look_ms = 200;
constexpr int keep_alive_seconds = 20;
constexpr std::size_t most_a_batch = 500;
constexpr std::size_t most_payload = 64U * 1024U;

data::postgis::PoolOptions own_connection(std::string const& database) {
    data::postgis::PoolOptions options;
    options.uri = database;
    options.role = data::postgis::Role::edit;
    options.size = 1;
    options.wait = options.statement_timeout = std::chrono::seconds{10};
    return options;
}

struct Free {
    void operator()(mosquitto* client) const noexcept { mosquitto_destroy(client); }
};

[[noreturn]] void bad_address(std::string const& address) {
    throw Error{geo::Code::bad_input,
                "bad-setting",
                {{"parameter", "mqtt"},
                 {"value", address.substr(0, 7)},
                 {"accepted", "mqtt://[user:password@]host[:port][/client]"}}};
}

} // namespace

Broker read_broker(std::string const& address) {
    constexpr std::string_view scheme = "mqtt://";
    if (!address.starts_with(scheme)) bad_address(address);
    std::string_view rest{address};
    rest.remove_prefix(scheme.size());
    Broker broker;
    if (auto const at = rest.rfind('@'); at != rest.npos) {
        auto const who = rest.substr(0, at);
        auto const colon = std::min(who.find(':'), who.size());
        broker.user = who.substr(0, colon);
        broker.password = who.substr(std::min(colon + 1, who.size()));
        rest.remove_prefix(at + 1);
    }
    if (auto const slash = rest.find('/'); slash != rest.npos) {
        broker.client = rest.substr(slash + 1);
        rest = rest.substr(0, slash);
    }
    auto const colon = rest.rfind(':');
    broker.host = rest.substr(0, colon);
    if (colon != rest.npos) {
        auto const port = rest.substr(colon + 1);
        auto const [end, fault] =
            std::from_chars(port.data(), port.data() + port.size(), broker.port);
        if (fault != std::errc{} || end != port.data() + port.size() || broker.port == 0)
            bad_address(address);
    }
    if (broker.host.empty() || broker.client.empty()) bad_address(address);
    return broker;
}

std::optional<std::int64_t> datastream_of(std::string_view topic) noexcept {
    constexpr std::string_view head = "diaban/v1.1/Datastreams(";
    constexpr std::string_view tail = ")/Observations";
    if (!topic.starts_with(head) || !topic.ends_with(tail)) return std::nullopt;
    topic.remove_prefix(head.size());
    topic.remove_suffix(std::min(tail.size(), topic.size()));
    std::int64_t id = 0;
    auto const [end, fault] = std::from_chars(topic.data(), topic.data() + topic.size(), id);
    if (fault != std::errc{} || end != topic.data() + topic.size()) return std::nullopt;
    return id;
}

/// One connection. libmosquitto queues an acknowledgement before it hands a message on; in a loop
/// that is not its own it writes nothing by itself. So what is queued is written when the batch is
/// committed, and else never: the connection is ended without it.
class ObservationIntake::Session {
public:
    explicit Session(ObservationIntake& intake)
        : m_intake{intake}, m_client{mosquitto_new(intake.m_broker.client.c_str(), false, this)} {
        auto* const client = m_client.get();
        if (client == nullptr) throw Error{geo::Code::unavailable, "provider-unreachable"};
        mosquitto_threaded_set(client, true);
        auto const& broker = intake.m_broker;
        if (!broker.user.empty())
            mosquitto_username_pw_set(client, broker.user.c_str(), broker.password.c_str());
        mosquitto_connect_callback_set(client, [](mosquitto* to, void* self, int refused) {
            auto& session = *static_cast<Session*>(self);
            session.m_intake.m_connected = refused == 0;
            if (refused == 0 && std::exchange(session.m_intake.m_away, false))
                spdlog::info("mqtt: the broker is there again");
            if (refused == 0) mosquitto_subscribe(to, nullptr, topics, 1);
        });
        mosquitto_message_callback_set(
            client, [](mosquitto*, void* self, mosquitto_message const* message) {
                static_cast<Session*>(self)->take(*message);
            });
    }
    ~Session() { m_intake.m_connected = false; }
    Session(Session const&) = delete;
    Session& operator=(Session const&) = delete;

    void run(std::stop_token const& stop) {
        auto* const client = m_client.get();
        auto const& broker = m_intake.m_broker;
        if (mosquitto_connect(client, broker.host.c_str(), broker.port, keep_alive_seconds) !=
            MOSQ_ERR_SUCCESS)
            return;
        while (!stop.stop_requested()) {
            if (!wait(look_ms, mosquitto_want_write(client))) {
                if (mosquitto_loop_misc(client) != MOSQ_ERR_SUCCESS) return;
                if (!write()) return;
                continue;
            }
            while (m_batch.size() < most_a_batch && wait(0, false))
                if (mosquitto_loop_read(client, 1) != MOSQ_ERR_SUCCESS) return;
            if (!commit(stop)) return;
            if (mosquitto_loop_misc(client) != MOSQ_ERR_SUCCESS || !write()) return;
        }
    }

private:
    /// Whether there is something to be read, or written where that is asked too.
    [[nodiscard]] bool wait(int milliseconds, bool to_write) const {
        pollfd socket{mosquitto_socket(m_client.get()), POLLIN, 0};
        if (to_write) socket.events |= POLLOUT;
        return ::poll(&socket, 1, milliseconds) > 0;
    }
    [[nodiscard]] bool write() {
        while (mosquitto_want_write(m_client.get()))
            if (mosquitto_loop_write(m_client.get(), 1) != MOSQ_ERR_SUCCESS) return false;
        return true;
    }

    void take(mosquitto_message const& message) {
        auto const datastream = datastream_of(message.topic);
        auto const size = std::size_t(message.payloadlen);
        if (!datastream || size > most_payload) return refuse(message.topic);
        std::string_view const text{static_cast<char const*>(message.payload), size};
        if (geo::codec::nests_deeper(text, geo::codec::deepest_json)) return refuse(message.topic);
        try {
            auto const body = nlohmann::json::parse(text);
            m_batch.push_back(api::read_observation(body, datastream, std::nullopt));
        } catch (std::exception const&) {
            refuse(message.topic);
        }
    }
    void refuse(std::string_view topic) {
        ++m_intake.m_refused;
        spdlog::warn("mqtt: a message means nothing: {}", topic.substr(0, 100));
    }

    /// Stores what was taken, however long the record is gone; false if it is time to stop first.
    [[nodiscard]] bool commit(std::stop_token const& stop) {
        auto const batch = std::exchange(m_batch, {});
        if (batch.empty()) return true;
        if (stored(batch, stop)) return true;
        if (stop.stop_requested()) return false;
        for (auto const& one : batch) { // one of them is refused, and not the others for it
            if (stored({&one, 1}, stop)) continue;
            if (stop.stop_requested()) return false;
            refuse("Datastreams(" + std::to_string(one.datastream) + ")");
        }
        return true;
    }
    /// Whether the record has them; else it never takes them, or it is time to stop.
    [[nodiscard]] bool stored(std::span<Observation const> some, std::stop_token const& stop) {
        while (!stop.stop_requested()) {
            try {
                static_cast<void>(m_intake.m_store.take(some, geo::Policy::everything()));
                m_intake.m_taken += some.size();
                return true;
            } catch (Error const& error) {
                if (error.code() == geo::Code::bad_input || error.code() == geo::Code::not_found)
                    return false;
                spdlog::debug("mqtt: {}", error.what());
            }
            std::this_thread::sleep_for(between_commits);
        }
        return false;
    }

    ObservationIntake& m_intake;
    std::unique_ptr<mosquitto, Free> m_client;
    std::vector<Observation> m_batch;
};

ObservationIntake::ObservationIntake(std::string const& database, Broker broker)
    : m_broker{std::move(broker)}, m_pool{own_connection(database)}, m_store{m_pool} {
    static int const begun = mosquitto_lib_init();
    if (begun != MOSQ_ERR_SUCCESS) throw Error{geo::Code::internal, "internal"};
}

void ObservationIntake::start() {
    m_thread = std::jthread{[this](std::stop_token const& stop) { run(stop); }};
}

void ObservationIntake::stop() {
    if (!m_thread.joinable()) return;
    m_thread.request_stop();
    m_thread.join();
}

void ObservationIntake::run(std::stop_token const& stop) {
    while (!stop.stop_requested()) {
        try {
            Session{*this}.run(stop);
        } catch (Error const& error) {
            spdlog::debug("mqtt: {}", error.what());
        }
        if (!stop.stop_requested() && !std::exchange(m_away, true))
            spdlog::warn("mqtt: the broker {}:{} is away", m_broker.host, m_broker.port);
        for (auto const end = std::chrono::steady_clock::now() + between_connects;
             !stop.stop_requested() && std::chrono::steady_clock::now() < end;)
            std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
}

} // namespace diaban::services::mqtt
