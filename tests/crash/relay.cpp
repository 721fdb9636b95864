#include "tests/crash/relay.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <thread>

namespace diaban::crash {
namespace {

sockaddr_un address_of(std::string const& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) throw std::runtime_error{"too long: " + path};
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

/// Two sockets that are closed once nobody passes anything on between them.
struct Ends {
    int client;
    int server;
    Ends(int one, int other) : client{one}, server{other} {}
    Ends(Ends const&) = delete;
    Ends& operator=(Ends const&) = delete;
    ~Ends() {
        ::close(client);
        ::close(server);
    }
};

bool send_all(int to, std::string_view bytes) {
    while (!bytes.empty()) {
        auto const sent = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(std::size_t(sent));
    }
    return true;
}

void pass(std::shared_ptr<Ends> const& ends, int from, int to, std::string const& delay_file) {
    std::array<char, 65536> bytes{};
    for (;;) {
        auto const size = ::recv(from, bytes.data(), bytes.size(), 0);
        if (size <= 0) break;
        int delay = 0;
        std::ifstream{delay_file} >> delay;
        std::this_thread::sleep_for(std::chrono::milliseconds{delay});
        if (!send_all(to, {bytes.data(), std::size_t(size)})) break;
    }
    ::shutdown(ends->client, SHUT_RDWR);
    ::shutdown(ends->server, SHUT_RDWR);
}

} // namespace

void pass_on(Relay const& relay) {
    auto const here = address_of(relay.from);
    auto const there = address_of(relay.to);
    int const door = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    constexpr int waiting = 64;
    if (door < 0 || ::bind(door, reinterpret_cast<sockaddr const*>(&here), sizeof here) != 0 ||
        ::listen(door, waiting) != 0)
        throw std::runtime_error{"cannot listen at " + relay.from};
    for (;;) {
        int const client = ::accept4(door, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) continue;
        auto const ends =
            std::make_shared<Ends>(client, ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (::connect(ends->server, reinterpret_cast<sockaddr const*>(&there), sizeof there) != 0)
            continue;
        std::thread{pass, ends, ends->client, ends->server, relay.delay_file}.detach();
        std::thread{pass, ends, ends->server, ends->client, relay.delay_file}.detach();
    }
}

} // namespace diaban::crash
