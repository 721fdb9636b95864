#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace diaban::tests::hostile {

/// A TCP connection to this machine that keeps no rules of HTTP. A broken one is no error: it sends
/// and reads nothing.
class Socket {
public:
    explicit Socket(std::uint16_t port);
    ~Socket();
    Socket(Socket&& other) noexcept : m_socket{other.m_socket} { other.m_socket = -1; }
    Socket(Socket const&) = delete;
    Socket& operator=(Socket const&) = delete;

    [[nodiscard]] bool open() const noexcept { return m_socket >= 0; }
    /// Gives up when the other side takes nothing for two seconds.
    void send(std::string_view bytes);
    /// What comes within `patience`, at most `most` bytes of it; empty: nothing, or the end.
    std::string some(std::size_t most, std::chrono::milliseconds patience);
    /// All until the other side ends or nothing comes for `patience`.
    std::string rest(std::chrono::milliseconds patience);
    /// Whether the other side has ended the connection by now; what it sent before is dropped.
    [[nodiscard]] bool ended();
    void take_little(); ///< a receive buffer as small as it can be
    void reset();       ///< closes with RST
    void close();

private:
    int m_socket = -1;
};

/// Status of an answer; 0 of what is none.
[[nodiscard]] int status_of(std::string_view answer);

} // namespace diaban::tests::hostile
