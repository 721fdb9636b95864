#pragma once

#include "tests/bench/load_paths.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace diaban::bench {

/// What became of the requests of one rate. Times are from when a request was due, so that one that
/// had to wait for its turn here waited too.
struct Step {
    struct Answer {
        double due = 0;  ///< seconds from the step's begin
        double took = 0; ///< ms
    };
    double rate = 0;
    double seconds = 0;
    std::vector<Answer> good;
    std::vector<double> refusals; ///< 503, ms
    std::size_t without_retry_after = 0;
    std::size_t errors = 0;   ///< other statuses from 400
    std::size_t given_up = 0; ///< not answered in time, or cut off
    std::size_t offered = 0;

    [[nodiscard]] double goodput() const { return double(good.size()) / seconds; }
    [[nodiscard]] double refused() const { return double(refusals.size()) / seconds; }
    [[nodiscard]] double failed() const { return double(errors + given_up) / seconds; }
    /// Nearest rank; 0 of none.
    static double quantile_of(std::vector<double> values, double share) {
        if (values.empty()) return 0;
        std::ranges::sort(values);
        auto const rank = std::size_t(std::max(1.0, std::ceil(share * double(values.size()))));
        return values[rank - 1];
    }
    [[nodiscard]] double quantile(double share) const {
        std::vector<double> values;
        for (auto const& answer : good) values.push_back(answer.took);
        return quantile_of(std::move(values), share);
    }
    [[nodiscard]] double refusal_quantile(double share) const {
        return quantile_of(refusals, share);
    }
    /// Seconds until every later second had 99 of 100 answers within `ms`.
    [[nodiscard]] double recovered(double ms) const {
        double after = 0;
        for (double second = 0; second < seconds; ++second) {
            std::vector<double> values;
            for (auto const& answer : good)
                if (answer.due >= second && answer.due < second + 1) values.push_back(answer.took);
            if (values.empty() || quantile_of(std::move(values), 0.99) > ms) after = second + 1;
        }
        return after;
    }
};

/// Sends requests when they are due (a Poisson process), on connections that stay open; one thread.
class LoadClient {
public:
    using Clock = std::chrono::steady_clock;

    LoadClient(std::uint16_t port, unsigned connections, double patience)
        : m_port{port}, m_most{connections}, m_patience{patience}, m_poll{::epoll_create1(
                                                                       EPOLL_CLOEXEC)} {}
    ~LoadClient() {
        for (auto const& link : m_links)
            if (link->socket >= 0) ::close(link->socket);
        ::close(m_poll);
    }
    LoadClient(LoadClient const&) = delete;
    LoadClient& operator=(LoadClient const&) = delete;

    Step run(LoadPaths& paths, double rate, double seconds) {
        Step step;
        step.rate = rate;
        step.seconds = seconds;
        m_begin = Clock::now();
        m_waiting.clear();
        double next = 0;
        std::size_t under_way = 0;
        for (;;) {
            auto const now = since();
            for (; next <= now && next < seconds; next -= std::log(1 - paths.uniform()) / rate) {
                m_waiting.push_back({next, paths.next()});
                ++step.offered;
            }
            give_up(step, now);
            while (!m_waiting.empty() && send_one(step)) {
            }
            under_way =
                std::size_t(std::ranges::count_if(m_links, [](auto const& l) { return l->busy; }));
            if (now >= seconds && under_way == 0 && m_waiting.empty()) break;
            auto const pause = next < seconds ? std::max(0.0, next - since()) : 0.01;
            poll(step, std::clamp(pause, 0.00005, 0.01));
        }
        return step;
    }

private:
    struct Link {
        int socket = -1;
        bool busy = false;
        double due = 0;
        std::string in;
    };
    struct Due {
        double at = 0;
        std::string bytes;
    };

    [[nodiscard]] double since() const {
        return std::chrono::duration<double>(Clock::now() - m_begin).count();
    }

    void give_up(Step& step, double now) {
        while (!m_waiting.empty() && now - m_waiting.front().at > m_patience) {
            m_waiting.pop_front();
            ++step.given_up;
        }
        for (auto const& link : m_links)
            if (link->busy && now - link->due > m_patience) cut(*link, step);
    }

    void cut(Link& link, Step& step) {
        ::close(link.socket);
        link.socket = -1;
        if (std::exchange(link.busy, false)) ++step.given_up;
        link.in.clear();
        m_closed.push_back(&link);
    }

    Link* free_link() {
        if (!m_idle.empty()) {
            auto* const link = m_idle.back();
            m_idle.pop_back();
            return link;
        }
        if (!m_closed.empty()) {
            auto* const link = m_closed.back();
            m_closed.pop_back();
            connect(*link);
            return link;
        }
        if (m_links.size() >= m_most) return nullptr;
        m_links.push_back(std::make_unique<Link>());
        connect(*m_links.back());
        return m_links.back().get();
    }

    void connect(Link& link) const {
        link.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(m_port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(link.socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
            throw std::runtime_error{"the server cannot be reached"};
        int const on = 1;
        ::setsockopt(link.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = &link;
        ::epoll_ctl(m_poll, EPOLL_CTL_ADD, link.socket, &event);
    }

    bool send_one(Step& step) {
        auto* const link = free_link();
        if (link == nullptr) return false;
        auto const due = std::move(m_waiting.front());
        m_waiting.pop_front();
        link->busy = true;
        link->due = due.at;
        auto const size = ::send(link->socket, due.bytes.data(), due.bytes.size(), MSG_NOSIGNAL);
        if (size != ssize_t(due.bytes.size())) cut(*link, step);
        return true;
    }

    /// `wait` in seconds: finer than a millisecond, for what spins takes from who answers.
    void poll(Step& step, double wait) {
        epoll_event events[256];
        timespec const time{0, long(wait * 1e9)};
        auto const count = ::epoll_pwait2(m_poll, events, 256, &time, nullptr);
        for (int i = 0; i < count; ++i) {
            auto& link = *static_cast<Link*>(events[i].data.ptr);
            auto const size = ::recv(link.socket, m_bytes.data(), m_bytes.size(), MSG_DONTWAIT);
            if (size > 0) {
                link.in.append(m_bytes.data(), std::size_t(size));
                read(link, step);
            } else if (link.socket >= 0) {
                std::erase(m_idle, &link); // the server ended what lay idle
                cut(link, step);
            }
        }
    }

    void read(Link& link, Step& step) {
        auto const end = link.in.find("\r\n\r\n");
        if (end == std::string::npos) return;
        std::string_view const head{link.in.data(), end};
        auto const status = std::atoi(link.in.c_str() + 9);
        auto const length = head.find("\r\nContent-Length: ");
        auto const body = length == std::string_view::npos
                              ? 0UL
                              : std::strtoul(head.data() + length + 18, nullptr, 10);
        if (link.in.size() < end + 4 + body) return;
        auto const took = (since() - link.due) * 1000;
        if (status == 503) {
            step.refusals.push_back(took);
            if (head.find("\r\nRetry-After: ") == std::string_view::npos)
                ++step.without_retry_after;
        } else if (status < 400)
            step.good.push_back({link.due, took});
        else
            ++step.errors;
        link.busy = false;
        if (head.find("\r\nConnection: close") != std::string_view::npos)
            cut(link, step);
        else {
            link.in.clear();
            m_idle.push_back(&link);
        }
    }

    std::uint16_t m_port;
    unsigned m_most;
    double m_patience;
    int m_poll;
    std::string m_bytes = std::string(1U << 17U, '\0');
    Clock::time_point m_begin{};
    std::deque<Due> m_waiting;
    std::vector<std::unique_ptr<Link>> m_links;
    std::vector<Link*> m_idle;
    std::vector<Link*> m_closed;
};

} // namespace diaban::bench
