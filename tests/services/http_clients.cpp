// Who a client is behind a proxy, and how much they may ask.

#include "geo/error.hpp"
#include "services/http/application.hpp"
#include "services/http/client_limits.hpp"
#include "services/http/pistache_edge.hpp"
#include "tests/services/raw_client.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <string>
#include <vector>

namespace http = diaban::services::http;
using diaban::services::access::Visitor;
using diaban::tests::get;
using diaban::tests::RawClient;
using namespace std::chrono_literals;

namespace {

std::string client_at(std::string const& peer, std::vector<http::Header> headers,
                      std::string const& trusted = "127.0.0.0/8, ::1, 10.0.0.0/8") {
    http::Request request;
    request.peer = http::read_address(peer).value();
    request.headers = std::move(headers);
    auto const client = http::client_of(request, http::Networks::read(trusted, "trusted_proxies"));
    return client.own ? "own" : to_string(client.address);
}

http::ClientBounds bounds(unsigned rate, std::string const& trusted) {
    http::ClientBounds bounds;
    bounds.trusted = http::Networks::read(trusted, "trusted_proxies");
    bounds.anonymous = bounds.signed_in = bounds.service = rate;
    bounds.burst = 1;
    return bounds;
}

Visitor visitor(Visitor::Way way, std::string login = {}) {
    auto one = Visitor::nobody();
    one.way = way;
    one.login = std::move(login);
    return one;
}

bool may_ask(http::ClientLimits& limits, std::string const& address,
             Visitor const& who = Visitor::nobody()) {
    try {
        limits.take({http::read_address(address).value(), false}, who);
        return true;
    } catch (diaban::geo::Error const& error) {
        BOOST_TEST(error.type() == "too-many-requests");
        return false;
    }
}

/// A server that says who it takes its client for.
struct Door {
    explicit Door(http::ClientBounds const& given)
        : limits{given}, application{router(), options(limits)}, edge{edge_options(limits),
                                                                      application} {
        edge.start();
    }
    static http::Router router() {
        http::Router router;
        router.get(diaban::services::access::Need::open, "/", {}, [](http::Context const& context) {
            return http::answer(200, "text/plain", std::string{context.origin});
        });
        return router;
    }
    static http::ApplicationOptions options(http::ClientLimits& limits) {
        http::ApplicationOptions options;
        options.limits = &limits;
        return options;
    }
    static http::EdgeOptions edge_options(http::ClientLimits& limits) {
        http::EdgeOptions options;
        options.port = 0;
        options.threads = 4;
        options.clients = &limits;
        return options;
    }

    http::ClientLimits limits;
    http::Application application;
    http::PistacheEdge edge;
};

} // namespace

BOOST_AUTO_TEST_SUITE(clients)

BOOST_AUTO_TEST_CASE(addresses_are_read_as_written_and_nothing_else) {
    for (auto const& [text, read] :
         std::vector<std::pair<std::string, std::string>>{{"192.0.2.7", "192.0.2.7"},
                                                          {"192.0.2.7:8080", "192.0.2.7"},
                                                          {"2001:db8::1", "2001:db8::1"},
                                                          {"[2001:DB8::1]:443", "2001:db8::1"},
                                                          {"::ffff:192.0.2.7", "192.0.2.7"}})
        BOOST_TEST(to_string(http::read_address(text).value()) == read);
    for (auto const* const text : {"", "localhost", "192.0.2", "192.0.2.256", "0x7f.1", "[::1",
                                   "::1%eth0", "1.2.3.4 ", "unknown", "_hidden"})
        BOOST_TEST(!http::read_address(text), text);
    BOOST_TEST(!http::read_address(std::string(100'000, ':')));
}

BOOST_AUTO_TEST_CASE(networks_hold_their_addresses_and_no_others) {
    auto const networks =
        http::Networks::read("10.0.0.0/8, 192.0.2.128/25,::1 , fd00::/8", "trusted_proxies");
    for (auto const* const in :
         {"10.255.0.1", "192.0.2.128", "192.0.2.255", "::1", "fd12::1", "::ffff:10.0.0.1"})
        BOOST_TEST(networks.contains(http::read_address(in).value()), in);
    for (auto const* const out : {"11.0.0.1", "192.0.2.127", "::2", "fe00::1", "::a00:1"})
        BOOST_TEST(!networks.contains(http::read_address(out).value()), out);
    for (auto const* const wrong :
         {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "::1/129", "host", "10.0.0.0/8x"})
        BOOST_CHECK_THROW(http::Networks::read(wrong, "x"), diaban::geo::Error);
    BOOST_TEST(!http::Networks::read("", "x").contains(http::Address{}));
    BOOST_TEST(
        http::Networks::read("0.0.0.0/0", "x").contains({http::read_address("9.9.9.9").value()}));
}

BOOST_AUTO_TEST_CASE(a_proxy_that_is_trusted_is_believed_about_its_client_and_nobody_else_is) {
    BOOST_TEST(client_at("127.0.0.1", {}) == "own");
    BOOST_TEST(client_at("192.0.2.7", {}) == "192.0.2.7");
    // What others say of themselves counts for nothing.
    BOOST_TEST(client_at("192.0.2.7", {{"X-Forwarded-For", "127.0.0.1"}}) == "192.0.2.7");
    BOOST_TEST(client_at("192.0.2.7", {{"Forwarded", "for=127.0.0.1"}}) == "192.0.2.7");
    BOOST_TEST(client_at("127.0.0.1", {{"X-Forwarded-For", "127.0.0.1"}}, "") == "127.0.0.1");
    BOOST_TEST(client_at("127.0.0.1", {{"X-Forwarded-For", "203.0.113.9"}}) == "203.0.113.9");
    // The client wrote the first, our proxies the others.
    BOOST_TEST(client_at("127.0.0.1", {{"X-Forwarded-For", "127.0.0.1, 203.0.113.9, 10.1.2.3"}}) ==
               "203.0.113.9");
    BOOST_TEST(client_at("127.0.0.1", {{"X-Forwarded-For", "1.1.1.1"},
                                       {"X-Forwarded-For", "203.0.113.9"}}) == "203.0.113.9");
    BOOST_TEST(
        client_at("::1", {{"Forwarded", "for=1.1.1.1, For=\"[2001:db8::9]:80\";proto=https"}}) ==
        "2001:db8::9");
    BOOST_TEST(client_at("127.0.0.1", {{"X-Forwarded-For", "203.0.113.9, unknown"}}) == "own");
    BOOST_TEST(client_at("127.0.0.1", {{"X-Forwarded-For", "unknown, 203.0.113.9"}}) ==
               "203.0.113.9");
    BOOST_TEST(client_at("127.0.0.1", {{"Forwarded", "for=_hidden, by=10.0.0.1"}}) == "own");
}

BOOST_AUTO_TEST_CASE(a_rate_is_kept_in_the_long_run_and_a_burst_after_a_rest) {
    http::RateLimit limit{10, 30};
    http::RateLimit::Clock::time_point now{1h};
    auto const taken = [&] {
        int count = 0;
        while (!limit.take("one", now)) ++count;
        return count;
    };
    BOOST_TEST(taken() == 30);
    BOOST_TEST(taken() == 0);
    BOOST_TEST(limit.take("one", now)->count() == 100'000'000); // ns until the next
    now += 1s;
    BOOST_TEST(taken() == 10);
    now += 1h;
    BOOST_TEST(taken() == 30);
    BOOST_TEST(!limit.take("other", now));
    http::RateLimit none{0, 0};
    for (int i = 0; i < 1000; ++i) BOOST_REQUIRE(!none.take("one", now));
}

BOOST_AUTO_TEST_CASE(nobody_known_is_counted_by_address_and_accounts_by_themselves) {
    using Way = Visitor::Way;
    http::ClientLimits limits{bounds(1, "")};
    BOOST_TEST(may_ask(limits, "192.0.2.7"));
    BOOST_TEST(!may_ask(limits, "192.0.2.7"));
    BOOST_TEST(may_ask(limits, "192.0.2.8"));
    // A network of 64 bits is one client's.
    BOOST_TEST(may_ask(limits, "2001:db8::1"));
    BOOST_TEST(!may_ask(limits, "2001:db8::2"));
    BOOST_TEST(may_ask(limits, "2001:db8:0:1::1"));
    // Two of one office, and one of them from two places.
    BOOST_TEST(may_ask(limits, "192.0.2.7", visitor(Way::session, "an")));
    BOOST_TEST(may_ask(limits, "192.0.2.7", visitor(Way::session, "binh")));
    BOOST_TEST(!may_ask(limits, "192.0.2.9", visitor(Way::session, "an")));
    BOOST_TEST(may_ask(limits, "192.0.2.9", visitor(Way::token, "an")));
    limits.take({http::read_address("192.0.2.7").value(), true}, Visitor::nobody());
    std::string text;
    limits.write(text);
    BOOST_TEST(text.find("diaban_http_limited_total{class=\"anonymous\"} 2\n") != text.npos);
    BOOST_TEST(text.find("diaban_http_limited_total{class=\"signed_in\"} 1\n") != text.npos);
    BOOST_TEST(text.find("diaban_http_limited_total{class=\"service\"} 0\n") != text.npos);
}

BOOST_AUTO_TEST_CASE(beyond_its_rate_a_client_is_answered_429_and_its_neighbour_as_ever) {
    Door const door{bounds(2, "127.0.0.1")};
    auto const ask = [&](std::string const& address) {
        return get(door.edge.port(), "/", "X-Forwarded-For: " + address + "\r\n");
    };
    BOOST_TEST(ask("203.0.113.9").status == 200);
    BOOST_TEST(ask("203.0.113.9").status == 200);
    auto const refused = ask("203.0.113.9");
    BOOST_TEST(refused.status == 429);
    BOOST_TEST(refused.field("retry-after") == "1");
    BOOST_TEST(refused.field("content-type") == "application/problem+json");
    BOOST_TEST(ask("203.0.113.10").status == 200);
    // Paths that are not there and cookies that mean nothing are counted too.
    BOOST_TEST(
        get(door.edge.port(), "/none", "X-Forwarded-For: 203.0.113.9\r\nCookie: a=b\r\n").status ==
        429);
    for (int i = 0; i < 20; ++i) BOOST_TEST(get(door.edge.port(), "/").status == 200);
}

BOOST_AUTO_TEST_CASE(scheme_and_host_are_taken_from_trusted_proxies_alone) {
    constexpr char said[] = "X-Forwarded-Proto: https\r\nX-Forwarded-Host: site.vn\r\n";
    Door const believing{bounds(0, "127.0.0.1")};
    BOOST_TEST(get(believing.edge.port(), "/", said).body == "https://site.vn");
    Door const doubting{bounds(0, "192.0.2.1")};
    BOOST_TEST(get(doubting.edge.port(), "/", said).body == "http://localhost");
}

BOOST_AUTO_TEST_CASE(an_address_has_so_many_connections_and_another_when_one_ends) {
    auto some = bounds(0, "");
    some.connections = 3;
    Door const door{some};
    std::vector<std::unique_ptr<RawClient>> clients;
    auto const answered = [](RawClient& client) {
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        auto const answer = client.read(5s);
        return answer ? answer->status : 0;
    };
    for (int i = 0; i < 3; ++i) {
        clients.push_back(std::make_unique<RawClient>(door.edge.port()));
        BOOST_TEST(answered(*clients.back()) == 200);
    }
    RawClient one_too_many{door.edge.port()};
    auto const refused = one_too_many.read(5s);
    BOOST_REQUIRE(refused);
    BOOST_TEST(refused->status == 429);
    BOOST_TEST(one_too_many.ends(5s));
    clients.pop_back();
    int status = 0;
    for (auto const end = std::chrono::steady_clock::now() + 5s;
         status != 200 && std::chrono::steady_clock::now() < end;) {
        RawClient next{door.edge.port()};
        status = answered(next);
    }
    BOOST_TEST(status == 200);
}

BOOST_AUTO_TEST_SUITE_END()
