// Observations by MQTT, with Mosquitto as the broker: what it acknowledges is in the record.

#include "geo/error.hpp"
#include "services/mqtt/observation_intake.hpp"
#include "tests/services/world.hpp"

#include <arpa/inet.h>
#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

using namespace diaban;
using namespace std::chrono_literals;
using services::mqtt::ObservationIntake;

namespace {

/// A broker on a free port of loopback that keeps what waits on disk.
class Broker {
public:
    Broker() : m_port{free_port()} {
        std::filesystem::create_directories(m_folder);
        std::ofstream{m_folder / "conf"}
            << fmt::format("listener {} 127.0.0.1\nallow_anonymous true\npersistence true\n"
                           "persistence_location {}/\nautosave_on_changes true\n"
                           "autosave_interval 1\nmax_queued_messages 0\nuser root\n",
                           m_port, m_folder.string());
        begin();
    }
    ~Broker() {
        kill();
        std::filesystem::remove_all(m_folder);
    }
    Broker(Broker const&) = delete;
    Broker& operator=(Broker const&) = delete;

    void begin() {
        m_process = ::fork();
        if (m_process == 0) {
            auto const conf = (m_folder / "conf").string();
            static_cast<void>(std::freopen((m_folder / "log").c_str(), "a", stderr));
            ::execlp("mosquitto", "mosquitto", "-c", conf.c_str(), nullptr);
            ::execl("/usr/sbin/mosquitto", "mosquitto", "-c", conf.c_str(), nullptr);
            ::_exit(127);
        }
        for (int i = 0; i < 200 && !reached(); ++i) std::this_thread::sleep_for(50ms);
        BOOST_TEST_REQUIRE(reached(), "mosquitto does not run");
    }
    void kill() {
        if (m_process <= 0) return;
        ::kill(m_process, SIGTERM);
        ::waitpid(m_process, nullptr, 0);
        m_process = 0;
    }
    [[nodiscard]] std::string address() const { return fmt::format("mqtt://127.0.0.1:{}", m_port); }
    /// By mosquitto_pub, a message a line, each once at least.
    void publish(std::string const& topic, std::string const& lines) const {
        auto const file = m_folder / "lines";
        std::ofstream{file} << lines;
        auto const command =
            fmt::format("mosquitto_pub -p {} -q 1 -t '{}' -l < '{}'", m_port, topic, file.string());
        BOOST_TEST_REQUIRE(std::system(command.c_str()) == 0);
    }

private:
    static std::uint16_t free_port() {
        int const probe = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const any = reinterpret_cast<sockaddr*>(&address);
        ::bind(probe, any, size);
        ::getsockname(probe, any, &size);
        ::close(probe);
        return ntohs(address.sin_port);
    }
    [[nodiscard]] bool reached() const {
        int const probe = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(m_port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        bool const found =
            ::connect(probe, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
        ::close(probe);
        return found;
    }

    std::filesystem::path m_folder{std::filesystem::temp_directory_path() /
                                   fmt::format("diaban-mqtt-{}", ::getpid())};
    std::uint16_t m_port;
    pid_t m_process = 0;
};

/// A datastream, and values of it by the second.
struct Gauge {
    tests::Database database;
    Broker broker;
    std::unique_ptr<ObservationIntake> intake;

    Gauge() {
        database.sql("INSERT INTO record.sensors (name, kind, geom) VALUES ('Linh Cảm', 'gauge', "
                     "ST_Point(105.56, 18.53, 4326)); INSERT INTO record.datastreams (name, "
                     "sensor, observed_property) VALUES ('Mực nước', 1, 1)");
        begin();
    }
    void begin() {
        intake = std::make_unique<ObservationIntake>(database.uri(),
                                                     services::mqtt::read_broker(broker.address()));
        intake->start();
    }
    void connected() const {
        for (int i = 0; i < 200 && !intake->counters().connected; ++i)
            std::this_thread::sleep_for(50ms);
        BOOST_TEST_REQUIRE(intake->counters().connected);
    }
    void sends(int first, int count, int datastream = 1) const {
        std::string lines;
        for (int i = first; i < first + count; ++i)
            lines +=
                fmt::format(R"({{"phenomenonTime": "2026-11-20T{:02}:{:02}:{:02}Z", "result": {}}})"
                            "\n",
                            i / 3600, i / 60 % 60, i % 60, i);
        broker.publish(fmt::format("diaban/v1.1/Datastreams({})/Observations", datastream), lines);
    }
    [[nodiscard]] int stored() const {
        return std::stoi(database.value("SELECT count(*) FROM sensor.observation"));
    }
    void waits(int count) const {
        for (int i = 0; i < 400 && stored() < count; ++i) std::this_thread::sleep_for(50ms);
        BOOST_TEST(stored() == count);
    }
    /// Each value once: as many as there are, from 0 on.
    void whole(int count) const {
        waits(count);
        BOOST_TEST(database.value("SELECT count(DISTINCT value) || ' ' || min(value) || ' ' || "
                                  "max(value) FROM sensor.observation") ==
                   fmt::format("{} 0 {}", count, count - 1));
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(mqtt)

BOOST_AUTO_TEST_CASE(addresses_and_topics_are_read_or_refused) {
    using services::mqtt::datastream_of;
    using services::mqtt::read_broker;
    auto const broker = read_broker("mqtt://ai:mật@khẩu@tram.example:1884/tinh");
    BOOST_TEST(broker.host == "tram.example");
    BOOST_TEST(broker.port == 1884);
    BOOST_TEST(broker.user == "ai");
    BOOST_TEST(broker.password == "mật@khẩu");
    BOOST_TEST(broker.client == "tinh");
    BOOST_TEST(read_broker("mqtt://a").port == 1883);
    for (auto const* const bad : {"", "a:1883", "http://a", "mqtt://", "mqtt://a:x", "mqtt://a:0",
                                  "mqtt://a:99999", "mqtt://a/"})
        BOOST_TEST(tests::throws("bad-setting", [&] { static_cast<void>(read_broker(bad)); }), bad);
    BOOST_TEST(datastream_of("diaban/v1.1/Datastreams(17)/Observations").value_or(0) == 17);
    for (auto const* const bad :
         {"diaban/v1.1/Datastreams()/Observations", "diaban/v1.1/Datastreams(1/Observations",
          "diaban/v1.1/Datastreams(1)x/Observations", "v1.1/Datastreams(1)/Observations"})
        BOOST_TEST(!datastream_of(bad), bad);
}

BOOST_AUTO_TEST_CASE(values_arrive_and_what_means_nothing_holds_none_of_them_up) {
    Gauge gauge;
    gauge.connected();
    gauge.sends(0, 50);
    gauge.sends(0, 50, 99); // no such datastream
    gauge.broker.publish("diaban/v1.1/Datastreams(1)/Observations",
                         "{\n{\"result\": 5}\n{\"result\": \"x\", \"phenomenonTime\": "
                         "\"2026-11-20T00:00:00Z\"}\n");
    gauge.broker.publish("diaban/v1.1/Things(1)/Observations", "{}\n");
    gauge.sends(50, 50);
    gauge.whole(100);
    BOOST_TEST(gauge.intake->counters().taken == 100U);
    BOOST_TEST(gauge.intake->counters().refused == 54U);
    gauge.sends(90, 20); // ten of them again
    gauge.whole(110);
}

BOOST_AUTO_TEST_CASE(a_broker_that_is_killed_and_comes_back_has_lost_nothing_it_took) {
    Gauge gauge;
    gauge.connected();
    gauge.sends(0, 300);
    gauge.broker.kill();
    gauge.broker.begin();
    gauge.connected();
    gauge.sends(300, 300);
    gauge.whole(600);
}

BOOST_AUTO_TEST_CASE(what_came_while_nobody_was_there_waits_and_comes_once) {
    Gauge gauge;
    gauge.connected();
    gauge.sends(0, 10);
    gauge.waits(10);
    gauge.intake.reset();
    gauge.sends(10, 500);
    gauge.begin();
    gauge.intake.reset(); // in the middle, wherever that is
    gauge.begin();
    gauge.sends(510, 100);
    gauge.whole(610);
}

BOOST_AUTO_TEST_CASE(nothing_is_acknowledged_while_the_record_is_gone) {
    Gauge gauge;
    gauge.connected();
    gauge.sends(0, 10);
    gauge.waits(10);
    gauge.database.refuse();
    gauge.sends(10, 100);
    std::this_thread::sleep_for(500ms); // long enough for a batch to be read
    gauge.intake.reset();               // and now it has died with it
    gauge.database.accept();
    BOOST_TEST(gauge.stored() == 10);
    gauge.begin();
    gauge.whole(110);
}

BOOST_AUTO_TEST_CASE(a_server_that_is_told_of_a_broker_takes_what_comes_and_says_so) {
    Broker broker;
    tests::World world{[&](services::Settings& settings) { settings.mqtt = broker.address(); }};
    world.database().sql(
        "INSERT INTO record.datastreams (name, sensor, observed_property) VALUES ('Mực nước', 1, "
        "1)");
    auto const metric = [&](char const* line) {
        auto const says = [&] {
            return world.get("/metrics").body.find(line) != std::string::npos;
        };
        for (int i = 0; i < 200 && !says(); ++i) std::this_thread::sleep_for(50ms);
        BOOST_TEST(says(), line);
    };
    metric("diaban_mqtt_connected 1");
    broker.publish("diaban/v1.1/Datastreams(1)/Observations",
                   R"({"phenomenonTime": "2026-11-20T00:00:00Z", "result": 4.5})"
                   "\n");
    metric("diaban_mqtt_taken_total 1");
    BOOST_TEST(world.database().value("SELECT value FROM sensor.observation") == "4.5");
}

BOOST_AUTO_TEST_SUITE_END()
