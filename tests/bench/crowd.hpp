#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace diaban::bench {

/// A change: row and version.
using Change = std::pair<std::int64_t, std::int64_t>;

inline std::int64_t number_after(std::string_view text, std::string_view name) {
    auto const at = text.find(name);
    std::int64_t number = 0;
    if (at != std::string_view::npos)
        std::from_chars(text.data() + at + name.size(), text.data() + text.size(), number);
    return number;
}

/// Many subscribers on one thread; notes when which change came to one of them.
class Crowd {
public:
    using Clock = std::chrono::steady_clock;

    explicit Crowd(std::uint16_t port) : m_port{port}, m_poll{::epoll_create1(EPOLL_CLOEXEC)} {}
    Crowd(Crowd const&) = delete;
    Crowd& operator=(Crowd const&) = delete;
    ~Crowd() {
        m_stop = true;
        if (m_thread.joinable()) m_thread.join();
        for (auto const& member : m_members) ::close(member->socket);
        ::close(m_poll);
    }

    void add(std::string const& query) {
        auto member = std::make_unique<Member>();
        member->socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(m_port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(member->socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
            throw std::runtime_error{"a subscriber cannot connect"};
        auto const request = "GET /live?" + query + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
        if (::send(member->socket, request.data(), request.size(), MSG_NOSIGNAL) < 0)
            throw std::runtime_error{"a subscriber cannot ask"};
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = member.get();
        ::epoll_ctl(m_poll, EPOLL_CTL_ADD, member->socket, &event);
        m_members.push_back(std::move(member));
    }
    void listen() {
        m_thread = std::thread{[this] { run(); }};
    }
    [[nodiscard]] std::size_t started() const noexcept { return m_started; }
    [[nodiscard]] std::vector<std::pair<Change, Clock::time_point>> take() {
        std::lock_guard const lock{m_mutex};
        return std::exchange(m_told, {});
    }

private:
    struct Member {
        int socket = -1;
        std::string buffer;
    };

    void run() {
        std::vector<epoll_event> events(256);
        std::string bytes(1u << 16, '\0');
        while (!m_stop) {
            auto const count = ::epoll_wait(m_poll, events.data(), int(events.size()), 50);
            for (int i = 0; i < count; ++i) {
                auto& member = *static_cast<Member*>(events[std::size_t(i)].data.ptr);
                auto const size = ::recv(member.socket, bytes.data(), bytes.size(), MSG_DONTWAIT);
                auto const now = Clock::now();
                if (size <= 0) {
                    ::epoll_ctl(m_poll, EPOLL_CTL_DEL, member.socket, nullptr);
                    continue;
                }
                member.buffer.append(bytes.data(), std::size_t(size));
                read(member, now);
            }
        }
    }

    void read(Member& member, Clock::time_point now) {
        std::size_t at = 0;
        for (auto end = member.buffer.find("\n\n"); end != std::string::npos;
             end = member.buffer.find("\n\n", at)) {
            auto const block = std::string_view{member.buffer}.substr(at, end - at);
            at = end + 2;
            if (block.find("event: start") != std::string_view::npos) ++m_started;
            if (block.find("event: update") == std::string_view::npos) continue;
            std::lock_guard const lock{m_mutex};
            m_told.emplace_back(
                Change{number_after(block, "\"fid\":"), number_after(block, "\"version\":")}, now);
        }
        member.buffer.erase(0, at);
        if (member.buffer.empty()) std::string{}.swap(member.buffer);
    }

    std::uint16_t m_port;
    int m_poll;
    std::vector<std::unique_ptr<Member>> m_members;
    std::atomic<bool> m_stop{false};
    std::atomic<std::size_t> m_started{0};
    std::mutex m_mutex;
    std::vector<std::pair<Change, Clock::time_point>> m_told;
    std::thread m_thread;
};

} // namespace diaban::bench
