#include "tests/hostile/socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace diaban::tests::hostile {

Socket::Socket(std::uint16_t port) : m_socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    timeval const patience{2, 0};
    ::setsockopt(m_socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (m_socket >= 0 &&
        ::connect(m_socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        close();
}

Socket::~Socket() {
    close();
}

void Socket::send(std::string_view bytes) {
    while (m_socket >= 0 && !bytes.empty()) {
        auto const sent = ::send(m_socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return; // it has had enough, or takes no more now
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

std::string Socket::some(std::size_t most, std::chrono::milliseconds patience) {
    pollfd waited{m_socket, POLLIN, 0};
    if (m_socket < 0 || ::poll(&waited, 1, static_cast<int>(patience.count())) <= 0) return {};
    std::string bytes(most, '\0');
    auto const size = ::recv(m_socket, bytes.data(), bytes.size(), 0);
    bytes.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return bytes;
}

std::string Socket::rest(std::chrono::milliseconds patience) {
    std::string all;
    for (;;) {
        auto const more = some(65536, patience);
        if (more.empty()) return all;
        all += more;
    }
}

bool Socket::ended() {
    if (m_socket < 0) return true;
    char bytes[4096];
    for (;;) {
        auto const size = ::recv(m_socket, bytes, sizeof bytes, MSG_DONTWAIT);
        if (size <= 0) return size == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
    }
}

void Socket::take_little() {
    int const least = 1;
    ::setsockopt(m_socket, SOL_SOCKET, SO_RCVBUF, &least, sizeof least);
}

void Socket::reset() {
    linger const at_once{1, 0};
    ::setsockopt(m_socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
}

void Socket::close() {
    if (m_socket >= 0) ::close(m_socket);
    m_socket = -1;
}

int status_of(std::string_view answer) {
    return answer.starts_with("HTTP/1.") && answer.size() > 12
               ? std::atoi(std::string{answer.substr(9, 3)}.c_str())
               : 0;
}

} // namespace diaban::tests::hostile
