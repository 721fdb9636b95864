#pragma once

#include "data/postgis/observation_store.hpp"
#include "data/postgis/pool.hpp"

#include <atomic>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

namespace diaban::services::mqtt {

/// Where a broker is, and as whom it is entered.
struct Broker {
    std::string host;
    std::uint16_t port = 1883;
    std::string user; ///< empty: nobody
    std::string password;
    std::string client = "diaban"; ///< names the session that the broker keeps
};
/// Of `mqtt://[user:password@]host[:port][/client]`.
/// Throws   Error{bad_input, "bad-setting"}.
[[nodiscard]] Broker read_broker(std::string const& address);

/// The datastream of `diaban/v1.1/Datastreams(<id>)/Observations`.
[[nodiscard]] std::optional<std::int64_t> datastream_of(std::string_view topic) noexcept;

/// Takes observations from a broker of MQTT 3.1.1 (libmosquitto): QoS 1, a session that the broker
/// keeps while we are away.
///
/// Payload  an Observation of SensorThings. It says its phenomenonTime: what the broker sends twice
///          is then known for the same observation.
/// Once     a message is acknowledged when what it says is committed, a batch at a time; the broker
///          sends again what was not. With the record gone nothing is acknowledged.
/// Refused  what is no such payload or names no datastream is logged, counted and acknowledged.
/// Rights   those of the broker: who may publish there writes.
/// Nodes    one: a second one with this broker would take its session over.
/// Threads  one of its own. It connects anew, at most once a second.
class ObservationIntake {
public:
    /// `database`   URI of the record, which it enters on a connection of its own.
    ObservationIntake(std::string const& database, Broker broker);
    ~ObservationIntake() { stop(); }
    ObservationIntake(ObservationIntake const&) = delete;
    ObservationIntake& operator=(ObservationIntake const&) = delete;

    void start();
    void stop();

    struct Counters {
        bool connected = false;
        std::uint64_t taken = 0;   ///< messages that were committed, those known already among them
        std::uint64_t refused = 0; ///< messages that mean nothing
    };
    [[nodiscard]] Counters counters() const noexcept { return {m_connected, m_taken, m_refused}; }

private:
    class Session;
    void run(std::stop_token const& stop);

    Broker m_broker;
    data::postgis::Pool m_pool;
    data::postgis::ObservationStore m_store;
    std::atomic<bool> m_connected{false};
    std::atomic<std::uint64_t> m_taken{0};
    std::atomic<std::uint64_t> m_refused{0};
    bool m_away = false; // and that was said
    std::jthread m_thread;
};

} // namespace diaban::services::mqtt
