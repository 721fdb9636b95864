#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace diaban::tests {

/// A little server on loopback that takes what is posted, and says what it is told to.
class Receiver {
public:
    struct Posted {
        std::map<std::string, std::string> fields; ///< names in lower case
        std::string body;
        int answered = 0;
    };

    Receiver() : m_socket{::socket(AF_INET, SOCK_STREAM, 0)} {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const any = reinterpret_cast<sockaddr*>(&address);
        if (::bind(m_socket, any, size) != 0 || ::listen(m_socket, 64) != 0 ||
            ::getsockname(m_socket, any, &size) != 0)
            throw std::runtime_error{"no port for the receiver"};
        m_port = ntohs(address.sin_port);
        m_thread = std::thread{[this] { serve(); }};
    }
    ~Receiver() {
        ::shutdown(m_socket, SHUT_RDWR);
        m_thread.join();
        ::close(m_socket);
    }
    Receiver(Receiver const&) = delete;
    Receiver& operator=(Receiver const&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept { return m_port; }
    [[nodiscard]] std::string host() const { return "127.0.0.1:" + std::to_string(m_port); }
    /// What the next ones are answered, and then `otherwise`; 0: nothing, the connection is closed.
    void answer(std::deque<int> statuses, int otherwise = 204) {
        std::lock_guard const lock{m_mutex};
        m_next = std::move(statuses);
        m_otherwise = otherwise;
    }
    /// What came, once there are so many, or fewer after 30 s.
    [[nodiscard]] std::vector<Posted> posted(std::size_t wanted) {
        std::unique_lock lock{m_mutex};
        m_came.wait_for(lock, std::chrono::seconds{30}, [&] { return m_posted.size() >= wanted; });
        return m_posted;
    }

private:
    void serve() {
        for (;;) {
            int const peer = ::accept(m_socket, nullptr, nullptr);
            if (peer < 0) return;
            take(peer);
            ::close(peer);
        }
    }
    void take(int peer) {
        std::string text;
        std::size_t head = std::string::npos;
        std::size_t length = 0;
        Posted posted;
        char bytes[4096];
        while (head == std::string::npos || text.size() < head + length) {
            auto const count = ::recv(peer, bytes, sizeof bytes, 0);
            if (count <= 0) return;
            text.append(bytes, std::size_t(count));
            if (head != std::string::npos) continue;
            auto const end = text.find("\r\n\r\n");
            if (end == std::string::npos) continue;
            head = end + 4;
            posted.fields = fields_of(text.substr(0, end));
            length = std::stoul(posted.fields["content-length"]);
        }
        posted.body = text.substr(head);
        std::string said;
        {
            std::lock_guard const lock{m_mutex};
            posted.answered = m_otherwise;
            if (!m_next.empty()) {
                posted.answered = m_next.front();
                m_next.pop_front();
            }
            said = "HTTP/1.1 " + std::to_string(posted.answered) +
                   " x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            if (posted.answered == 0) said.clear();
            m_posted.push_back(std::move(posted));
        }
        m_came.notify_all();
        static_cast<void>(::send(peer, said.data(), said.size(), MSG_NOSIGNAL));
    }
    static std::map<std::string, std::string> fields_of(std::string const& head) {
        std::map<std::string, std::string> fields;
        for (auto at = head.find("\r\n"); at != std::string::npos;) {
            auto const end = std::min(head.find("\r\n", at + 2), head.size());
            auto const line = head.substr(at + 2, end - at - 2);
            auto const colon = line.find(": ");
            auto name = line.substr(0, colon);
            std::ranges::transform(name, name.begin(),
                                   [](unsigned char c) { return char(std::tolower(c)); });
            if (colon != std::string::npos) fields[name] = line.substr(colon + 2);
            at = end == head.size() ? std::string::npos : end;
        }
        return fields;
    }

    int m_socket;
    std::uint16_t m_port = 0;
    std::mutex m_mutex;
    std::condition_variable m_came;
    std::deque<int> m_next;
    int m_otherwise = 204;
    std::vector<Posted> m_posted;
    std::thread m_thread;
};

} // namespace diaban::tests
