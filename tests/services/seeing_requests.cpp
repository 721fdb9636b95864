// The name of a request: in its answer, in problems, in the log. And what happens in a crowd.

#include "services/http/crowding.hpp"
#include "services/http/request_mark.hpp"
#include "services/logging.hpp"
#include "tests/services/world.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <optional>
#include <set>
#include <sstream>
#include <thread>

using namespace diaban;
using namespace diaban::services;
using nlohmann::json;
using tests::World;

namespace {

constexpr char trace[] = "4bf92f3577b34da6a3ce929d0e0e4736"; // of W3C Trace Context, 3.2

/// The default log, written into a text while it lives.
class KeptLog {
public:
    explicit KeptLog(std::string_view format) : m_before{spdlog::default_logger()} {
        auto const sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(m_text);
        auto const logger = std::make_shared<spdlog::logger>("kept", sink);
        logger->set_formatter(log_formatter(format));
        logger->set_level(spdlog::level::debug);
        spdlog::set_default_logger(logger);
    }
    ~KeptLog() { spdlog::set_default_logger(m_before); }
    KeptLog(KeptLog const&) = delete;
    KeptLog& operator=(KeptLog const&) = delete;
    [[nodiscard]] std::string text() const { return m_text.str(); }

private:
    std::ostringstream m_text;
    std::shared_ptr<spdlog::logger> m_before;
};

} // namespace

BOOST_AUTO_TEST_SUITE(seeing_requests)

BOOST_AUTO_TEST_CASE(a_clients_name_for_its_request_comes_back) {
    auto const& world = World::shared();
    auto const named = world.get("/healthz", "X-Request-Id: wall-7_screen.3\r\n");
    BOOST_TEST(named.field("x-request-id") == "wall-7_screen.3");
    auto const traced =
        world.get("/healthz", std::string{"traceparent: 00-"} + trace + "-00f067aa0ba902b7-01\r\n");
    BOOST_TEST(traced.field("x-request-id") == trace);
}

BOOST_AUTO_TEST_CASE(a_request_without_a_usable_name_gets_one_of_its_own) {
    auto const& world = World::shared();
    std::set<std::string> made;
    for (auto const* const fields :
         {"", "X-Request-Id: two words\r\n", "X-Request-Id: <b>\r\n",
          "traceparent: 00-00000000000000000000000000000000-00f067aa0ba902b7-01\r\n"}) {
        auto const id = world.get("/healthz", fields).field("x-request-id");
        BOOST_TEST(id.size() == 32U);
        BOOST_TEST(id.find_first_not_of("0123456789abcdef") == std::string::npos);
        made.insert(id);
    }
    BOOST_TEST(made.size() == 4U);
    auto const longest = std::string(129, 'a');
    BOOST_TEST(world.get("/healthz", "X-Request-Id: " + longest + "\r\n").field("x-request-id") !=
               longest);
}

BOOST_AUTO_TEST_CASE(a_problem_names_the_request_and_refusals_of_the_reader_do_too) {
    auto const& world = World::shared();
    auto const problem = world.get("/no/such/path", "X-Request-Id: q1\r\n");
    BOOST_TEST(problem.status == 404);
    BOOST_TEST(json::parse(problem.body)["request"] == "q1");
    BOOST_TEST(json::parse(problem.body)["instance"] == "/no/such/path");
    tests::RawClient client{world.port()};
    client.send("BREW /tea HTTP/1.1\r\nHost: x\r\n\r\n");
    auto const refused = client.read();
    BOOST_REQUIRE(refused);
    BOOST_TEST(json::parse(refused->body)["request"] == refused->field("x-request-id"));
}

BOOST_AUTO_TEST_CASE(traceparent_is_read_as_its_standard_says) {
    auto const read = [](std::string const& text) { return http::read_traceparent(text); };
    std::string const id{trace};
    auto const sampled = read("00-" + id + "-00f067aa0ba902b7-01");
    BOOST_REQUIRE(sampled);
    BOOST_TEST(sampled->trace == id);
    BOOST_TEST(sampled->parent == "00f067aa0ba902b7");
    BOOST_TEST(sampled->sampled);
    BOOST_TEST(!read("00-" + id + "-00f067aa0ba902b7-00")->sampled);
    BOOST_TEST(read("cc-" + id + "-00f067aa0ba902b7-01-what-comes").has_value());
    for (auto const& wrong :
         {"ff-" + id + "-00f067aa0ba902b7-01", "00-" + id + "-0000000000000000-01",
          "00-" + id + "-00f067aa0ba902b7-01-more", "00-" + id + "-00F067AA0BA902B7-01",
          "00-" + id + "-00f067aa0ba902b7", std::string{"0"}, std::string{}})
        BOOST_TEST(!read(wrong), wrong);
}

BOOST_AUTO_TEST_CASE(every_line_of_the_log_during_a_request_names_it) {
    auto const& world = World::shared();
    for (auto const* const format : {"json", "text"}) {
        KeptLog const log{format};
        static_cast<void>(world.get("/healthz", "X-Request-Id: log-1\r\n"));
        spdlog::info("nobody's \"line\"");
        std::istringstream lines{log.text()};
        bool seen = false;
        for (std::string line; std::getline(lines, line);) {
            bool const of_request = line.find("GET /healthz 200") != std::string::npos;
            seen |= of_request;
            if (std::string_view{format} == "text") {
                BOOST_TEST((line.find("[log-1] GET") != std::string::npos) == of_request);
                continue;
            }
            auto const object = json::parse(line);
            BOOST_TEST(object.contains("time"));
            BOOST_TEST(object.contains("level"));
            if (of_request) BOOST_TEST(object["request"] == "log-1");
            if (object["message"] == "nobody's \"line\"") BOOST_TEST(!object.contains("request"));
        }
        BOOST_TEST(seen);
    }
}

BOOST_AUTO_TEST_CASE(a_burst_passes_and_a_crowd_is_turned_away_until_it_is_over) {
    using Clock = http::Crowding::Clock;
    using std::chrono::milliseconds;
    http::Crowding crowding{2};
    auto const begin = Clock::now();
    auto const at = [&](int ms) { return begin + milliseconds{ms}; };
    std::vector<std::unique_ptr<http::Crowding::Place>> places;
    auto const enter = [&](int ms, bool must = false) {
        places.push_back(std::make_unique<http::Crowding::Place>(crowding, must, at(ms)));
        return places.back()->taken();
    };
    for (int ms = 0; ms < 400; ms += 100) BOOST_TEST(enter(ms)); // four at work: a burst
    BOOST_TEST(!enter(650));                                     // too many for half a second
    BOOST_TEST(enter(651, true));
    BOOST_TEST(crowding.refused() == 1U);
    while (places.size() > 1) places.pop_back();
    BOOST_TEST(enter(700));  // the second
    BOOST_TEST(!enter(701)); // a third is one too many while it is a crowd
    BOOST_TEST(!enter(2600));
    BOOST_TEST(enter(4700)); // two seconds without a refusal
}

BOOST_AUTO_TEST_CASE(who_waits_for_the_database_is_not_at_work) {
    http::Crowding crowding{1};
    http::Crowding::Place const place{crowding, false, http::Crowding::Clock::now()};
    BOOST_TEST(crowding.working() == 1U);
    http::Crowding::begin_wait();
    BOOST_TEST(crowding.working() == 0U);
    http::Crowding::end_wait();
    BOOST_TEST(crowding.working() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
