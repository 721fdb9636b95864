#include "services/print/picture_service.hpp"

#include "geo/error.hpp"
#include "services/print/browser_line.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <list>
#include <optional>
#include <thread>
#include <utility>

namespace diaban::services::print {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::size_t most_browsers = 2;
constexpr std::size_t longest_origin = 200;
constexpr auto longest = 60s; // a picture takes 30 s at most
constexpr auto look = 200ms;  // at whether it is over

[[noreturn]] void no_socket(std::filesystem::path const& path) {
    throw geo::Error{
        geo::Code::unavailable, "no-socket", {{"value", path.string()}}, std::strerror(errno)};
}

/// Waits for something to read; false if it does not come before `end`.
bool await_input(int number, Clock::time_point end, std::stop_token const& stopped) {
    while (Clock::now() < end && !stopped.stop_requested()) {
        ::pollfd watched{number, POLLIN, 0};
        if (::poll(&watched, 1, static_cast<int>(look.count())) > 0) return true;
    }
    return false;
}

/// The first line, byte by byte: what follows it is for the browser.
std::optional<std::string> first_line(int number, std::stop_token const& stopped) {
    std::string line;
    auto const end = Clock::now() + 5s;
    while (line.size() <= longest_origin && await_input(number, end, stopped)) {
        char byte = 0;
        if (::read(number, &byte, 1) != 1) return std::nullopt;
        if (byte == '\n') return line;
        line += byte;
    }
    return std::nullopt;
}

bool is_connected(int number) {
    ::pollfd watched{number, POLLRDHUP, 0};
    return ::poll(&watched, 1, 0) == 0;
}

void lead(Descriptor const& connection, PictureService const& service,
          std::stop_token const& stopped) try {
    auto const origin = first_line(connection.number(), stopped);
    if (!origin || !is_origin(*origin)) return spdlog::warn("no origin was named");
    StartedBrowser browser{
        service.program, *origin, {connection.number(), connection.number()}, service.sandboxed};
    auto const end = Clock::now() + longest;
    while (Clock::now() < end && !stopped.stop_requested() && browser.runs() &&
           is_connected(connection.number()))
        std::this_thread::sleep_for(look);
} catch (geo::Error const&) {
    // Logged where it was thrown: the other side finds the connection closed.
}

/// Somebody's connection, and the thread that leads their browser.
struct Guest {
    explicit Guest(int number) : connection{number} {}
    Descriptor connection;
    std::atomic<bool> over = false;
    std::jthread thread; // last: it ends before the rest
};

} // namespace

bool is_origin(std::string_view text) noexcept {
    constexpr std::string_view scheme = "http://";
    if (!text.starts_with(scheme) || text.size() > longest_origin) return false;
    text.remove_prefix(scheme.size());
    auto const colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    auto const port = text.substr(colon + 1);
    auto const digit = [](char c) { return c >= '0' && c <= '9'; };
    auto const plain = [&](char c) {
        return digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
               c == '-' || c == ':' || c == '[' || c == ']';
    };
    return !port.empty() && port.size() <= 5 && std::ranges::all_of(port, digit) &&
           std::ranges::all_of(text.substr(0, colon), plain);
}

int listen_at(std::filesystem::path const& path) {
    ::sockaddr_un address{};
    address.sun_family = AF_UNIX;
    auto const& name = path.native();
    errno = ENAMETOOLONG;
    if (name.size() >= sizeof address.sun_path) no_socket(path);
    std::ranges::copy(name, address.sun_path);
    int const number = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (number < 0) no_socket(path);
    std::error_code ignored;
    if (std::filesystem::is_socket(path, ignored)) std::filesystem::remove(path, ignored);
    if (::bind(number, reinterpret_cast<::sockaddr const*>(&address), sizeof address) != 0 ||
        ::chmod(path.c_str(), 0660) != 0 || ::listen(number, 8) != 0) {
        int const fault = errno;
        ::close(number);
        errno = fault;
        no_socket(path);
    }
    return number;
}

void serve_browsers(int listening, PictureService const& service, std::stop_token const& stopped) {
    Descriptor const door{listening};
    std::list<Guest> guests;
    while (!stopped.stop_requested()) {
        guests.remove_if([](Guest const& guest) { return guest.over.load(); });
        if (!await_input(door.number(), Clock::now() + look, stopped)) continue;
        int const number = ::accept4(door.number(), nullptr, nullptr, SOCK_CLOEXEC);
        if (number < 0) continue;
        if (guests.size() >= most_browsers) {
            spdlog::warn("{} browsers are at work: one more is turned away", guests.size());
            ::close(number);
            continue;
        }
        auto& guest = guests.emplace_back(number);
        guest.thread = std::jthread{[&guest, &service, stopped] {
            lead(guest.connection, service, stopped);
            ::shutdown(guest.connection.number(), SHUT_RDWR);
            guest.over = true;
        }};
    }
}

} // namespace diaban::services::print
