#include "tests/services/raw_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cctype>
#include <stdexcept>

namespace diaban::tests {

std::string RawAnswer::field(std::string const& name) const {
    auto const it = fields.find(name);
    return it == fields.end() ? "" : it->second;
}

RawClient::RawClient(std::uint16_t port) : m_socket{::socket(AF_INET, SOCK_STREAM, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (m_socket < 0 ||
        ::connect(m_socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        ::close(m_socket);
        throw std::runtime_error{"cannot connect"};
    }
}

RawClient::~RawClient() {
    if (m_socket >= 0) ::close(m_socket);
}

void RawClient::send(std::string_view bytes) {
    while (!bytes.empty()) {
        auto const sent = ::send(m_socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return; // the other side has had enough
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

bool RawClient::fill(std::chrono::milliseconds patience) {
    pollfd waited{m_socket, POLLIN, 0};
    if (::poll(&waited, 1, static_cast<int>(patience.count())) <= 0) return false;
    char bytes[65536];
    auto const size = ::recv(m_socket, bytes, sizeof bytes, 0);
    if (size <= 0) return false;
    m_buffer.append(bytes, static_cast<std::size_t>(size));
    return true;
}

std::optional<RawAnswer> RawClient::read(std::chrono::milliseconds patience, bool head) {
    std::size_t end = 0;
    while ((end = m_buffer.find("\r\n\r\n")) == std::string::npos)
        if (!fill(patience)) return std::nullopt;
    RawAnswer answer;
    answer.status = std::stoi(m_buffer.substr(9, 3));
    for (std::size_t at = m_buffer.find("\r\n") + 2; at < end + 2;) {
        auto const line_end = m_buffer.find("\r\n", at);
        auto const colon = m_buffer.find(": ", at);
        auto name = m_buffer.substr(at, colon - at);
        for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        answer.fields.emplace(name, m_buffer.substr(colon + 2, line_end - colon - 2));
        at = line_end + 2;
    }
    auto const length = answer.field("content-length");
    std::size_t const size = head || length.empty() ? 0 : std::stoul(length);
    m_buffer.erase(0, end + 4);
    m_buffer.reserve(size);
    while (m_buffer.size() < size)
        if (!fill(patience)) return std::nullopt;
    auto rest = m_buffer.substr(size);
    m_buffer.resize(size);
    answer.body = std::move(m_buffer);
    m_buffer = std::move(rest);
    return answer;
}

bool RawClient::ends(std::chrono::milliseconds patience) {
    auto const end = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < end) {
        pollfd waited{m_socket, POLLIN, 0};
        if (::poll(&waited, 1, 100) <= 0) continue;
        char bytes[65536];
        if (::recv(m_socket, bytes, sizeof bytes, 0) <= 0) return true;
    }
    return false;
}

void RawClient::reset() {
    linger const at_once{1, 0};
    ::setsockopt(m_socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(m_socket);
    m_socket = -1;
}

void RawClient::finish() {
    ::shutdown(m_socket, SHUT_WR);
}

std::string RawClient::some(std::size_t most, std::chrono::milliseconds patience) {
    if (m_buffer.empty()) {
        pollfd waited{m_socket, POLLIN, 0};
        if (::poll(&waited, 1, static_cast<int>(patience.count())) <= 0) return {};
        std::string bytes(most, '\0');
        auto const size = ::recv(m_socket, bytes.data(), bytes.size(), 0);
        bytes.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
        return bytes;
    }
    auto bytes = m_buffer.substr(0, most);
    m_buffer.erase(0, bytes.size());
    return bytes;
}

RawAnswer get(std::uint16_t port, std::string_view target, std::string_view fields) {
    RawClient client{port};
    std::string request{"GET "};
    request += target;
    request += " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
    request += fields;
    request += "\r\n";
    client.send(request);
    auto answer = client.read();
    if (!answer) throw std::runtime_error{"no answer to " + std::string{target}};
    return *answer;
}

} // namespace diaban::tests
