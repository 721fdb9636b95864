#include "services/print/browser_line.hpp"

#include "geo/error.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace diaban::services::print {

namespace {

constexpr std::string_view socket_prefix = "unix:";

struct Pipe {
    Pipe() : Pipe{opened()} {}
    Descriptor read;
    Descriptor write;

private:
    explicit Pipe(std::array<int, 2> ends) : read{ends[0]}, write{ends[1]} {}
    static std::array<int, 2> opened() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) no_browser("no pipe");
        return ends;
    }
};

std::filesystem::path new_folder() {
    auto name = (std::filesystem::temp_directory_path() / "diaban-browser-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) no_browser("no temporary folder");
    return name;
}

std::string host_of(std::string const& origin) {
    auto const begin = origin.find("//") + 2;
    return origin.substr(begin, origin.rfind(':') - begin);
}

std::vector<std::string> words_for(std::filesystem::path const& profile, std::string const& origin,
                                   bool sandboxed) {
    std::vector<std::string> words{
        "--headless",
        "--remote-debugging-pipe",
        "--user-data-dir=" + profile.string(),
        // No name but ours means anything, so that nothing leaves the machine.
        fmt::format("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {}", host_of(origin)),
        "--no-proxy-server",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-quic",
        "--disable-extensions",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--no-default-browser-check",
        "--no-pings",
        "--hide-scrollbars",
        "--mute-audio",
        "--force-color-profile=srgb",
        // Draws alike on every machine, with or without a graphics card.
        "--use-angle=swiftshader",
        "--enable-unsafe-swiftshader",
    };
    // As root it refuses to run otherwise.
    if (!sandboxed || ::geteuid() == 0) words.emplace_back("--no-sandbox");
    return words;
}

domain::ChildProcess started(std::filesystem::path const& program,
                             std::filesystem::path const& profile, std::string const& origin,
                             domain::ChildProcess::Pipes const& pipes, bool sandboxed) {
    try {
        return {program,
                words_for(profile, origin, sandboxed),
                {{"HOME", profile.string()},
                 {"PATH", "/usr/bin:/bin"},
                 {"LANG", "C.UTF-8"},
                 {"TZ", "Asia/Ho_Chi_Minh"}},
                pipes};
    } catch (geo::Error const& error) {
        std::error_code ignored;
        std::filesystem::remove_all(profile, ignored);
        no_browser(error.detail());
    }
}

class OwnBrowser : public BrowserLine {
public:
    OwnBrowser(std::filesystem::path const& program, std::string const& origin)
        : m_browser{program, origin, {m_commands.read.number(), m_answers.write.number()}, true} {
        m_commands.read.close();
        m_answers.write.close();
        ::fcntl(m_commands.write.number(), F_SETFL, O_NONBLOCK);
        ::fcntl(m_answers.read.number(), F_SETFL, O_NONBLOCK);
    }
    [[nodiscard]] int commands() const noexcept override { return m_commands.write.number(); }
    [[nodiscard]] int answers() const noexcept override { return m_answers.read.number(); }

private:
    Pipe m_commands;
    Pipe m_answers;
    StartedBrowser m_browser;
};

int connected(std::string_view path) {
    ::sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) no_browser("the path of the socket is too long");
    std::ranges::copy(path, address.sun_path);
    int const number = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (number < 0) no_browser("no socket");
    if (::connect(number, reinterpret_cast<::sockaddr const*>(&address), sizeof address) != 0) {
        auto detail = fmt::format("{}: {}", path, std::strerror(errno));
        ::close(number);
        no_browser(std::move(detail));
    }
    return number;
}

/// The browser of another process. Its first line says what it may reach.
class OthersBrowser : public BrowserLine {
public:
    OthersBrowser(std::string_view path, std::string const& origin) : m_socket{connected(path)} {
        auto const line = origin + "\n";
        if (::send(m_socket.number(), line.data(), line.size(), MSG_NOSIGNAL) !=
            static_cast<ssize_t>(line.size()))
            no_browser("it takes no origin");
        ::fcntl(m_socket.number(), F_SETFL, O_NONBLOCK);
    }
    [[nodiscard]] int commands() const noexcept override { return m_socket.number(); }
    [[nodiscard]] int answers() const noexcept override { return m_socket.number(); }

private:
    Descriptor m_socket;
};

} // namespace

void no_browser(std::string detail) {
    spdlog::warn("browser: {}", detail);
    throw geo::Error{
        geo::Code::unavailable, "no-browser", {{"retry_after", "60"}}, std::move(detail)};
}

Descriptor::Descriptor(int number) : m_number{::fcntl(number, F_DUPFD_CLOEXEC, 16)} {
    ::close(number);
}

void Descriptor::close() noexcept {
    if (m_number >= 0) ::close(std::exchange(m_number, -1));
}

StartedBrowser::StartedBrowser(std::filesystem::path const& program, std::string const& origin,
                               domain::ChildProcess::Pipes const& pipes, bool sandboxed)
    : m_profile{new_folder()}, m_child{started(program, m_profile, origin, pipes, sandboxed)} {
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(m_child.pid()), 10);
}

StartedBrowser::~StartedBrowser() {
    m_child.kill(); // before its profile goes
    std::error_code ignored;
    std::filesystem::remove_all(m_profile, ignored);
}

std::unique_ptr<BrowserLine> open_line(std::filesystem::path const& program,
                                       std::string const& origin) {
    std::string_view const named = program.native();
    if (named.starts_with(socket_prefix))
        return std::make_unique<OthersBrowser>(named.substr(socket_prefix.size()), origin);
    return std::make_unique<OwnBrowser>(program, origin);
}

} // namespace diaban::services::print
