#include "services/http/application.hpp"
#include "services/http/pistache_edge.hpp"
#include "tests/services/raw_client.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace http = diaban::services::http;
using diaban::services::access::Need;
using diaban::tests::get;
using diaban::tests::RawClient;
using namespace std::chrono_literals;

namespace {

http::Response say(std::string text) {
    return http::answer(200, "text/plain", std::move(text));
}

http::Router sample() {
    http::Router router;
    router.get(Need::open, "/small", {}, [](http::Context const&) { return say("hello"); });
    auto const large = std::make_shared<std::string const>(64u << 20, 'x');
    router.get(Need::open, "/large", {}, [large](http::Context const&) {
        return http::answer(200, "text/plain", http::Body{large, *large});
    });
    router.get(Need::open, "/bytes/{count}", {}, [](http::Context const&, std::uint32_t count) {
        return say(std::string(count, 'y'));
    });
    router.get(Need::open, "/slow", {}, [](http::Context const&) {
        std::this_thread::sleep_for(300ms);
        return say("slow");
    });
    router.get(Need::open, "/echo", {}, [](http::Context const& context) {
        auto response = say("");
        response.with("X-Echo", std::string{context.request.header("x-say")});
        return response;
    });
    router.add(http::Method::post, Need::open, "/length", {}, [](http::Context const& context) {
        return say(std::to_string(context.request.body.size()));
    });
    return router;
}

struct Running {
    explicit Running(unsigned threads = 16, http::EdgeOptions options = {})
        : application{sample(), {}}, edge{with(std::move(options), threads), application} {
        edge.start();
    }
    static http::EdgeOptions with(http::EdgeOptions options, unsigned threads) {
        options.port = 0;
        options.threads = threads;
        return options;
    }
    [[nodiscard]] std::uint16_t port() const { return edge.port(); }

    http::Application application;
    http::PistacheEdge edge;
};

constexpr char ask[] = "GET /small HTTP/1.1\r\nHost: a\r\n\r\n";

} // namespace

BOOST_AUTO_TEST_SUITE(edge)

BOOST_AUTO_TEST_CASE(a_connection_is_kept_without_asking_and_closed_when_asked) {
    Running const server;
    RawClient client{server.port()};
    for (int i = 0; i < 3; ++i) {
        client.send(ask);
        auto const answer = client.read();
        BOOST_REQUIRE(answer);
        BOOST_TEST(answer->status == 200);
        BOOST_TEST(answer->body == "hello");
        BOOST_TEST(!answer->field("date").empty());
    }
    client.send("GET /small HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    auto const last = client.read();
    BOOST_REQUIRE(last);
    BOOST_TEST(last->field("connection") == "close");
    BOOST_TEST(client.ends(2s));
}

BOOST_AUTO_TEST_CASE(head_has_the_length_but_not_the_body) {
    Running const server;
    RawClient client{server.port()};
    client.send("HEAD /small HTTP/1.1\r\nHost: a\r\n\r\nGET /small HTTP/1.1\r\nHost: a\r\n\r\n");
    auto const head = client.read(10s, true);
    BOOST_REQUIRE(head);
    BOOST_TEST(head->field("content-length") == "5");
    auto const next = client.read();
    BOOST_REQUIRE(next);
    BOOST_TEST(next->body == "hello");
}

BOOST_AUTO_TEST_CASE(pipelined_requests_are_answered_in_order) {
    Running const server;
    RawClient client{server.port()};
    std::string text;
    for (int i = 0; i < 200; ++i)
        text += "GET /bytes/" + std::to_string(i * 1000) + " HTTP/1.1\r\nHost: a\r\n\r\n";
    client.send(text);
    for (std::size_t i = 0; i < 200; ++i) {
        auto const answer = client.read();
        BOOST_REQUIRE(answer);
        BOOST_TEST(answer->body.size() == i * 1000);
    }
}

BOOST_AUTO_TEST_CASE(rubbish_is_answered_with_a_problem_and_ends_the_connection) {
    Running const server;
    struct Case {
        std::string bytes;
        int status;
    };
    std::vector<Case> const cases{
        {std::string{"\x16\x03\x01\x02\x00\x01\x00\x01", 8}, 400}, // a TLS greeting
        {"GET /small\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n", 400},
        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        {"FROB / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
        {"GET /" + std::string(100'000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
        {"GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(100'000, 'a') + "\r\n\r\n", 431},
        {"POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n", 413},
        {"POST /length HTTP/1.1\r\nHost: a\r\nExpect: magic\r\n\r\n", 417},
    };
    for (auto const& [bytes, status] : cases) {
        RawClient client{server.port()};
        client.send(bytes);
        auto const answer = client.read();
        BOOST_REQUIRE_MESSAGE(answer, "no answer to " << bytes.substr(0, 40));
        BOOST_TEST(answer->status == status);
        BOOST_TEST(answer->field("content-type") == "application/problem+json");
        BOOST_TEST(answer->field("connection") == "close");
        BOOST_TEST(client.ends(2s));
    }
    BOOST_TEST(get(server.port(), "/small").status == 200);
}

BOOST_AUTO_TEST_CASE(malformed_cookies_and_accept_fields_harm_no_one) {
    Running const server;
    for (auto const* const field :
         {"Cookie: a=b; c\r\n", "Cookie: ;;;=\r\n", "Accept: ;;;\r\n", "Accept: a/b/c;q=x\r\n",
          "Content-Type: nonsense\r\n", "Authorization: x\r\n", "Accept-Encoding: ,,q=\r\n",
          "If-Modified-Since: never\r\n", "Cache-Control: ====\r\n", "Connection: ,,,\r\n"})
        BOOST_TEST(get(server.port(), "/small", field).status == 200, field);
}

BOOST_AUTO_TEST_CASE(what_a_client_says_cannot_add_a_field_to_its_answer) {
    Running const server;
    auto const answer = get(server.port(), "/echo", "X-Say: a\tb\r\n");
    BOOST_TEST(answer.status == 200);
    http::Response response{.status = 200, .headers = {}, .body = {}};
    response.with("X-Echo", "a\r\nSet-Cookie: b");
    auto const head = http::response_head(response, false, true, "now");
    BOOST_TEST(head.find("\r\nSet-Cookie") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(bodies_are_read_after_a_continue) {
    Running const server;
    RawClient client{server.port()};
    client.send("POST /length HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                "Content-Length: 100000\r\n\r\n");
    auto const go_on = client.read();
    BOOST_REQUIRE(go_on);
    BOOST_TEST(go_on->status == 100);
    client.send(std::string(100'000, 'z'));
    auto const answer = client.read();
    BOOST_REQUIRE(answer);
    BOOST_TEST(answer->body == "100000");
}

BOOST_AUTO_TEST_CASE(a_client_that_does_not_read_keeps_no_thread) {
    Running const server{1};
    std::vector<std::unique_ptr<RawClient>> idle;
    for (int i = 0; i < 8; ++i) {
        idle.push_back(std::make_unique<RawClient>(server.port()));
        idle.back()->send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    std::this_thread::sleep_for(200ms);
    auto const begin = std::chrono::steady_clock::now();
    BOOST_TEST(get(server.port(), "/small").body == "hello");
    BOOST_TEST((std::chrono::steady_clock::now() - begin < 1s));
    BOOST_TEST(server.edge.draining() == 8u);
    // The one that reads after all gets every byte, and its next answer after it.
    idle[0]->send(ask);
    auto const large = idle[0]->read();
    BOOST_REQUIRE(large);
    BOOST_TEST(large->body.size() == 64u << 20);
    BOOST_TEST(large->body.find_first_not_of('x') == std::string::npos);
    auto const small = idle[0]->read();
    BOOST_REQUIRE(small);
    BOOST_TEST(small->body == "hello");
    for (auto& client : idle) client->reset();
    for (int i = 0; i < 50 && server.edge.draining() > 0; ++i) std::this_thread::sleep_for(100ms);
    BOOST_TEST(server.edge.draining() == 0u);
}

BOOST_AUTO_TEST_CASE(a_client_that_ends_its_side_still_gets_the_whole_answer) {
    Running const server;
    RawClient client{server.port()};
    client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
    client.finish();
    std::this_thread::sleep_for(200ms);
    auto const answer = client.read();
    BOOST_REQUIRE(answer);
    BOOST_TEST(answer->body.size() == 64u << 20);
}

BOOST_AUTO_TEST_CASE(two_thousand_clients_that_reset_leave_the_server_whole) {
    Running const server{64};
    std::vector<std::thread> storm;
    for (int thread = 0; thread < 4; ++thread)
        storm.emplace_back([&, thread] {
            for (int i = 0; i < 500; ++i) {
                RawClient client{server.port()};
                switch ((i + thread) % 5) {
                case 0: client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n"); break;
                case 1: client.send("GET /lar"); break;
                case 2: client.send(std::string{ask} + ask + ask); break;
                case 3:
                    client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
                    client.some(10'000, 50ms);
                    break;
                default: break;
                }
                client.reset();
            }
        });
    for (auto& thread : storm) thread.join();
    for (int i = 0; i < 200; ++i) BOOST_REQUIRE(get(server.port(), "/small").body == "hello");
}

BOOST_AUTO_TEST_CASE(a_request_that_dribbles_in_is_refused_and_a_silent_one_closed) {
    http::EdgeOptions options;
    options.whole_request = 1s;
    options.keep_alive = 2s;
    Running const server{4, options};
    RawClient slow{server.port()};
    slow.send("GET /small HTTP/1.1\r\n");
    std::this_thread::sleep_for(1500ms);
    slow.send("Host: a\r\n");
    auto const answer = slow.read(2s);
    BOOST_REQUIRE(answer);
    BOOST_TEST(answer->status == 408);
    RawClient silent{server.port()};
    BOOST_TEST(silent.ends(5s));
}

BOOST_AUTO_TEST_CASE(a_busy_port_is_one_clear_error) {
    Running const server;
    http::EdgeOptions options;
    options.port = server.port();
    options.threads = 2;
    http::Application application{sample(), {}};
    http::PistacheEdge second{options, application};
    try {
        second.start();
        BOOST_FAIL("bound twice");
    } catch (diaban::geo::Error const& error) {
        BOOST_TEST(error.type() == "port-taken");
        BOOST_TEST(error.parameters().front().second == std::to_string(server.port()));
    }
}

BOOST_AUTO_TEST_CASE(stopping_finishes_what_was_begun_and_takes_no_time) {
    auto server = std::make_unique<Running>(8);
    RawClient client{server->port()};
    RawClient idle{server->port()};
    client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    std::this_thread::sleep_for(100ms);
    auto const begin = std::chrono::steady_clock::now();
    server->edge.stop();
    BOOST_TEST((std::chrono::steady_clock::now() - begin < 2s));
    auto const answer = client.read();
    BOOST_REQUIRE(answer);
    BOOST_TEST(answer->body == "slow");
}

BOOST_AUTO_TEST_SUITE_END()
