#include "tests/hostile/attacks.hpp"

#include "tests/hostile/socket.hpp"

#include <algorithm>
#include <random>
#include <string_view>
#include <thread>

namespace diaban::tests::hostile {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

std::string request(std::string const& target, std::string const& fields = {}) {
    return "GET " + target + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}

std::vector<Socket> open_many(std::uint16_t port, std::size_t count) {
    std::vector<Socket> sockets;
    for (std::size_t i = 0; i < count; ++i)
        if (Socket one{port}; one.open()) sockets.push_back(std::move(one));
    return sockets;
}

std::string told(std::size_t count, char const* what) {
    return std::to_string(count) + " " + what;
}

/// Sends `bytes` over many connections, one byte of each after the other, over and over from
/// `again` on; tells how many the server has ended.
Outcome dribble(std::uint16_t port, std::size_t count, std::string const& bytes, std::size_t again,
                std::chrono::milliseconds time) {
    auto sockets = open_many(port, count);
    auto const end = Clock::now() + time;
    std::size_t at = 0;
    while (Clock::now() < end) {
        for (auto& one : sockets) one.send(bytes.substr(at, 1));
        if (++at == bytes.size()) at = again;
        std::this_thread::sleep_for(10ms);
    }
    auto const ended = std::ranges::count_if(sockets, &Socket::ended);
    std::string fault;
    // A request may take ten seconds to arrive, and a connection may idle for thirty.
    if (time > 12s && std::size_t(ended) < sockets.size())
        fault = told(sockets.size() - std::size_t(ended), "of them are still listened to");
    return {fault, told(sockets.size(), "connections, ") + told(std::size_t(ended), "ended")};
}

Outcome dribbled_heads(Ground const& ground) {
    auto const head = request("/healthz", "X: ");
    return dribble(ground.port, 400, head.substr(0, head.size() - 2), head.size() - 3,
                   ground.scale * 1500ms);
}

Outcome dribbled_bodies(Ground const& ground) {
    std::string const head = "POST /open311/v2/requests.json HTTP/1.1\r\nHost: a\r\nContent-Type: "
                             "application/x-www-form-urlencoded\r\nContent-Length: 900000\r\n\r\n";
    auto sockets = open_many(ground.port, 400);
    for (auto& one : sockets) one.send(head);
    auto const end = Clock::now() + ground.scale * 1500ms;
    while (Clock::now() < end) {
        for (auto& one : sockets) one.send("a");
        std::this_thread::sleep_for(10ms);
    }
    auto const ended = std::size_t(std::ranges::count_if(sockets, &Socket::ended));
    std::string fault;
    if (ground.scale * 1500ms > 12s && ended < sockets.size())
        fault = told(sockets.size() - ended, "of them are still listened to");
    return {fault, told(sockets.size(), "connections, ") + told(ended, "ended")};
}

Outcome half_open(Ground const& ground) {
    auto const sockets = open_many(ground.port, 2000);
    std::this_thread::sleep_for(ground.scale * 1s);
    return {{}, told(sockets.size(), "connections that say nothing")};
}

Outcome resets(Ground const& ground) {
    std::size_t const count = 2000 * ground.scale;
    auto const text = request(ground.large);
    std::size_t begun = 0;
    for (std::size_t i = 0; i < count; ++i) {
        Socket one{ground.port};
        one.send(text);
        if (i % 2 == 0) begun += one.some(1000, 2s).empty() ? 0 : 1; // half of them mid-answer
        one.reset();
    }
    std::string fault;
    if (begun < count / 2) fault = told(count / 2 - begun, "were not answered at all");
    return {fault, told(count, "resets")};
}

Outcome pipelines(Ground const& ground) {
    constexpr std::size_t clients = 20;
    std::size_t const each = 200 * ground.scale;
    std::string text;
    for (std::size_t i = 0; i < each; ++i) text += request("/healthz");
    std::size_t answers = 0;
    for (std::size_t i = 0; i < clients; ++i) {
        Socket one{ground.port};
        std::string read;
        for (std::size_t sent = 0; sent < text.size(); sent += 20'000) {
            one.send(std::string_view{text}.substr(sent, 20'000));
            read += one.some(1u << 20, 2s);
        }
        read += one.rest(300ms);
        for (auto at = read.find("HTTP/1.1 200"); at != read.npos;
             at = read.find("HTTP/1.1 200", at + 1))
            ++answers;
    }
    std::string fault;
    if (answers != clients * each) fault = told(clients * each - answers, "requests unanswered");
    return {fault, told(answers, "answers in order")};
}

/// Bytes that must be refused, or end the connection, in two seconds: never served, never hung.
Outcome must_be_refused(Ground const& ground, std::vector<std::string> const& cases) {
    std::size_t number = 0;
    for (auto const& bytes : cases) {
        Socket one{ground.port};
        for (std::string_view rest = bytes; !rest.empty();
             rest.remove_prefix(std::min<std::size_t>(rest.size(), 16'384)))
            one.send(rest.substr(0, 16'384));
        auto answer = one.some(65536, 2s);
        answer += one.rest(50ms);
        auto const status = status_of(answer);
        bool const served = answer.find("HTTP/1.1 2") != answer.npos;
        if (served || status == 500 || status == 503 || (status == 0 && !one.ended()))
            return {"case " + std::to_string(number) + " answered " + std::to_string(status), {}};
        ++number;
    }
    return {{}, told(cases.size(), "refused")};
}

Outcome absurd_heads(Ground const& ground) {
    using namespace std::string_literals;
    std::string many = "GET /healthz HTTP/1.1\r\nHost: a\r\n";
    for (int i = 0; i < 1000; ++i) many += "X-" + std::to_string(i) + ": a\r\n";
    auto const get = "GET /healthz HTTP/1.1\r\n"s;
    auto const post = "POST /open311/v2/requests.json HTTP/1.1\r\nHost: a\r\n"s;
    auto const inner = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"s; // what is smuggled
    return must_be_refused(
        ground,
        {get + "Host: a\r\nX: " + std::string(65'536, 'a') + "\r\n\r\n",
         many + "\r\n",
         get + "Host: a\r\nX: a\0b\r\n\r\n"s,
         "GET /healthz HTTP/1.1\nHost: a\n\n",
         get + "Host: a\r\nX: a\nY: b\r\n\r\n",
         get + "Host: a\r\nX: a\r\n folded\r\n\r\n",
         get + "Host : a\r\n\r\n",
         get + "Host: a\r\nHost: b\r\n\r\n",
         get + "\r\n",
         get + "Host: a b\r\n\r\n",
         post + "Content-Length: 0\r\nContent-Length: 5\r\n\r\n" + inner,
         post + "Content-Length: 0, 5\r\n\r\n" + inner,
         post + "Content-Length: +5\r\n\r\n" + inner,
         post + "Content-Length: 0x5\r\n\r\n" + inner,
         post + "Content-Length: -1\r\n\r\n" + inner,
         post + "Content-Length: 18446744073709551617\r\n\r\n" + inner,
         post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner,
         post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" +
             inner,
         post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + inner,
         post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + inner,
         post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + inner,
         post +
             "Transfer-Encoding: \x0b"
             "chunked\r\n\r\n0\r\n\r\n" +
             inner,
         post + "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n" + inner,
         post + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n\r\n" + inner,
         post + "Transfer-Encoding: chunked\r\n\r\n0 x\r\n\r\n" + inner,
         post + "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n" + inner,
         post + "Transfer-Encoding: chunked\r\n\r\n0\nX: y\r\n\r\n" + inner,
         post + "Transfer-Encoding: chunked\r\n\r\n0;" + std::string(70'000, 'x') + "\r\n\r\n",
         post + "Transfer-Encoding: chunked\r\n\r\n0\r\nTrailer: x\r\n\r\n" + inner,
         "POST /open311/v2/requests.json HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" +
             inner,
         "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s,
         "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
         "GET  /healthz  HTTP/1.1\r\nHost: a\r\n\r\n",
         "get /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
         "GET /healthz HTTP/1.1 \r\nHost: a\r\n\r\n",
         "GET /healthz HTTP/9.9\r\nHost: a\r\n\r\n"});
}

Outcome absurd_targets(Ground const& ground) {
    std::vector<std::string> cases{
        request("/" + std::string(100'000, 'a')),
        request("/tiles/" + std::string(8000, ',') + "/1/0/0.mvt"),
        request("/tiles/a/99999999999999999999/0/0.mvt"),
        request("/console/../../../../etc/passwd"),
        request("/console/%2e%2e/%2e%2e/%2e%2e/etc/passwd"),
        request("/console/..%2f..%2f..%2fetc%2fpasswd"),
        request("/console/%00.js"),
        request("/%"),
        request("/%zz"),
        request("/%ff%fe"),
        request("//"),
        request("/./."),
        request("/collections/places/items?" + std::string(8000, '&') + "x=1"),
        request("/collections/places/items?bbox=" + std::string(8000, ',')),
        request("/collections/places/items?filter=" + std::string(7000, '(')),
        request("http://a@b:99999999/x"),
        request("/healthz#x"),
    };
    std::mt19937 random{7};
    for (std::size_t i = 0; i < 100 * ground.scale; ++i) {
        std::string target = "/no-such-path/";
        for (auto k = random() % 60; k > 0; --k) target += char(1 + random() % 255);
        cases.push_back(request(target));
    }
    return must_be_refused(ground, cases);
}

/// All of one address: what many make at once is a matter of how many machines answer.
Outcome never_read(Ground const& ground) {
    auto sockets = open_many(ground.port, 200);
    std::string text;
    for (int i = 0; i < 50; ++i) text += request(ground.large, "X-Forwarded-For: 203.0.113.11\r\n");
    for (auto& one : sockets) {
        one.take_little();
        one.send(text);
    }
    std::this_thread::sleep_for(ground.scale * 1500ms);
    return {{}, told(sockets.size(), "clients with fifty large answers each")};
}

Outcome opened_and_dropped(Ground const& ground) {
    std::size_t const count = 10'000 * ground.scale;
    std::size_t opened = 0;
    for (std::size_t i = 0; i < count; ++i) {
        Socket one{ground.port};
        opened += one.open() ? 1 : 0;
        if (i % 10 != 0) one.reset(); // an orderly end costs us a port for a minute
    }
    std::string fault;
    if (opened < count) fault = told(count - opened, "were not let in");
    return {fault, told(opened, "connections opened and dropped")};
}

Outcome live_abused(Ground const& ground) {
    auto const subscribe = request("/live");
    auto silent = open_many(ground.live_port, 300);
    std::vector<Socket> deaf;
    for (int i = 0; i < 300; ++i) {
        deaf.emplace_back(ground.live_port);
        deaf.back().take_little();
        deaf.back().send(subscribe);
    }
    for (std::size_t i = 0; i < 1000 * ground.scale; ++i) {
        Socket one{ground.live_port};
        one.send(i % 3 == 0   ? subscribe
                 : i % 3 == 1 ? subscribe.substr(0, i % 20)
                              : "\x01\x02\r\n\r\n");
        if (i % 2 == 0) one.reset();
    }
    Socket honest{ground.live_port};
    honest.send(subscribe);
    auto const head = honest.some(4096, 5s);
    std::string fault;
    if (status_of(head) != 200)
        fault = "a subscriber beside them is answered " + head.substr(0, 40);
    return {fault, told(1600 + 1000 * (ground.scale - 1), "connections to the live port")};
}

/// Somebody behind the proxy that this machine is; their neighbours must not notice.
Outcome flood_from_an_address(Ground const& ground) {
    auto const flood = request("/healthz", "X-Forwarded-For: 203.0.113.9\r\n");
    auto const neighbour = request("/healthz", "X-Forwarded-For: 203.0.113.10\r\n");
    Socket client{ground.port};
    Socket beside{ground.port};
    std::size_t limited = 0;
    std::size_t count = 0;
    for (auto const end = Clock::now() + ground.scale * 2s; Clock::now() < end; ++count) {
        client.send(flood);
        auto const answer = client.some(4096, 2s);
        if (status_of(answer) == 429) {
            ++limited;
            if (answer.find("Retry-After: ") == answer.npos) return {"429 without Retry-After", {}};
        }
        if (count % 50 != 0) continue;
        beside.send(neighbour);
        if (status_of(beside.some(4096, 2s)) != 200) return {"a neighbour is refused", {}};
    }
    std::string fault;
    if (limited == 0) fault = "nothing was refused of " + told(count, "requests");
    return {fault, told(limited, "of ") + told(count, "requests answered 429")};
}

} // namespace

std::vector<Attack> attacks() {
    return {{"heads that arrive byte by byte", dribbled_heads},
            {"bodies that arrive byte by byte", dribbled_bodies},
            {"connections half open", half_open},
            {"resets before and amid answers", resets},
            {"requests in long pipelines are all answered", pipelines},
            {"absurd heads and smuggled requests are refused", absurd_heads},
            {"absurd targets are refused", absurd_targets},
            {"answers never read", never_read},
            {"connections opened and dropped", opened_and_dropped},
            {"the live channel abused likewise", live_abused},
            {"a flood from one address is bounded", flood_from_an_address}};
}

} // namespace diaban::tests::hostile
