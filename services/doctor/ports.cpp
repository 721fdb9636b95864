#include "services/doctor/ports.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

namespace diaban::services::doctor {

namespace {

using Addresses = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

Addresses addresses(std::string const& host, std::uint16_t port, int flags) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0)
        found = nullptr;
    return {found, &::freeaddrinfo};
}

class Socket {
public:
    explicit Socket(addrinfo const& address)
        : m_number{::socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC, 0)} {
        timeval const patience{.tv_sec = 2, .tv_usec = 0};
        ::setsockopt(m_number, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        ::setsockopt(m_number, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    }
    ~Socket() { ::close(m_number); }
    Socket(Socket const&) = delete;
    Socket& operator=(Socket const&) = delete;
    [[nodiscard]] int number() const noexcept { return m_number; }

private:
    int m_number;
};

/// 0 where a server could listen, or the error that it would meet.
int listen_fault(addrinfo const& address) {
    Socket const probe{address};
    int const on = 1;
    ::setsockopt(probe.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    return ::bind(probe.number(), address.ai_addr, address.ai_addrlen) == 0 ? 0 : errno;
}

/// The beginning of what a port answers to `GET path`; empty where it answers nothing.
std::string answer(std::string const& listen, std::uint16_t port, std::string_view path) {
    auto const host = listen == "0.0.0.0" ? "127.0.0.1" : listen == "::" ? "::1" : listen;
    auto const where = addresses(host, port, 0);
    if (!where) return {};
    Socket const socket{*where};
    if (::connect(socket.number(), where->ai_addr, where->ai_addrlen) != 0) return {};
    auto const request = fmt::format(
        "GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nAccept: */*\r\n\r\n", path, host);
    ::send(socket.number(), request.data(), request.size(), MSG_NOSIGNAL);
    constexpr std::size_t most = 16'384;
    std::string text;
    std::array<char, 4096> piece{};
    while (text.size() < most) {
        auto const got = ::recv(socket.number(), piece.data(), piece.size(), 0);
        if (got <= 0) break;
        text.append(piece.data(), static_cast<std::size_t>(got));
    }
    return text;
}

/// What a port that is taken answers with, as a code; its readiness where it says one.
std::string holder(Settings const& settings, std::uint16_t port) {
    auto const ready = answer(settings.listen, port, "/readyz");
    if (ready.find("\"ready\":true") != std::string::npos) return "port-served";
    if (ready.find("\"ready\":false") != std::string::npos) return "port-not-ready";
    // The live channel knows one path, and says so of others.
    return ready.find("urn:diaban:problem:") != std::string::npos ? "port-live" : "port-taken";
}

Finding check_port(std::string name, Settings const& settings, std::uint16_t port) {
    Finding finding{std::move(name),
                    Level::ok,
                    "port-free",
                    {{"address", settings.listen}, {"port", std::to_string(port)}},
                    {}};
    auto const where = addresses(settings.listen, port, AI_PASSIVE);
    int const fault = where ? listen_fault(*where) : EADDRNOTAVAIL;
    if (fault == 0) return finding;
    if (fault == EADDRINUSE)
        finding.code = holder(settings, port);
    else
        finding.code = fault == EACCES ? "port-forbidden" : "address-absent";
    if (finding.code == "port-not-ready")
        finding.level = Level::warn;
    else if (finding.code != "port-served" && finding.code != "port-live")
        finding.level = Level::fail;
    finding.detail = std::strerror(fault);
    return finding;
}

/// A live client takes one; the server raises its bound as far as it may.
Finding check_descriptors(Settings const& settings) {
    constexpr std::uint64_t besides = 1000; // pages, the record, files
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    auto const wanted = settings.live_connections + besides;
    bool const enough = limit.rlim_max == RLIM_INFINITY || limit.rlim_max >= wanted;
    return {"descriptors",
            enough ? Level::ok : Level::warn,
            enough ? "descriptors" : "descriptors-few",
            {{"limit", limit.rlim_max == RLIM_INFINITY ? "∞" : std::to_string(limit.rlim_max)},
             {"clients", std::to_string(settings.live_connections)},
             {"wanted", std::to_string(wanted)}},
            {}};
}

} // namespace

Findings examine_ports(Settings const& settings) {
    return {check_port("port", settings, settings.port),
            check_port("live-port", settings, settings.live_port), check_descriptors(settings)};
}

} // namespace diaban::services::doctor
