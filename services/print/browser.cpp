#include "services/print/browser.hpp"

#include "geo/error.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sodium.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <utility>
#include <vector>

namespace diaban::services::print {

namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr double css_pixels_an_inch = 96;
/// Of a whole answer: a picture of the largest size is some 10 MB in base64.
constexpr std::size_t most_bytes = std::size_t{64} << 20U;

[[noreturn]] void no_browser(std::string detail) {
    spdlog::warn("browser: {}", detail);
    throw geo::Error{
        geo::Code::unavailable, "no-browser", {{"retry_after", "60"}}, std::move(detail)};
}

[[noreturn]] void too_late() {
    throw geo::Error{geo::Code::unavailable, "map-image-late", {{"retry_after", "30"}}};
}

/// A descriptor that is closed in the end, and above those that a child finds its pipes at.
class Descriptor {
public:
    explicit Descriptor(int number) : m_number{::fcntl(number, F_DUPFD_CLOEXEC, 16)} {
        ::close(number);
    }
    ~Descriptor() { close(); }
    Descriptor(Descriptor const&) = delete;
    Descriptor& operator=(Descriptor const&) = delete;
    [[nodiscard]] int number() const noexcept { return m_number; }
    void close() noexcept {
        if (m_number >= 0) ::close(std::exchange(m_number, -1));
    }

private:
    int m_number;
};

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

/// A folder that goes with its owner.
class Folder {
public:
    Folder() {
        auto name = (std::filesystem::temp_directory_path() / "diaban-browser-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) no_browser("no temporary folder");
        m_path = name;
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(m_path, ignored);
    }
    Folder(Folder const&) = delete;
    Folder& operator=(Folder const&) = delete;
    [[nodiscard]] std::filesystem::path const& path() const noexcept { return m_path; }

private:
    std::filesystem::path m_path;
};

std::string host_of(std::string const& origin) {
    auto const begin = origin.find("//") + 2;
    return origin.substr(begin, origin.rfind(':') - begin);
}

std::vector<std::string> words_for(std::filesystem::path const& profile,
                                   std::string const& origin) {
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
    if (::geteuid() == 0) words.emplace_back("--no-sandbox"); // it refuses to run as root otherwise
    return words;
}

std::string from_base64(std::string const& text) {
    std::string bytes(text.size() / 4 * 3 + 3, '\0');
    std::size_t size = 0;
    if (::sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(),
                            text.data(), text.size(), nullptr, &size, nullptr,
                            sodium_base64_VARIANT_ORIGINAL) != 0)
        no_browser("an answer that is no base64");
    bytes.resize(size);
    return bytes;
}

} // namespace

struct Browser::State {
    State(std::filesystem::path const& program, std::string origin_, Deadline deadline_)
        : origin{std::move(origin_)}, deadline{std::move(deadline_)},
          child{started(program, folder.path(), origin,
                        {commands.read.number(), answers.write.number()})} {
        commands.read.close();
        answers.write.close();
        ::setpriority(PRIO_PROCESS, static_cast<id_t>(child.pid()), 10);
        ::fcntl(commands.write.number(), F_SETFL, O_NONBLOCK);
        ::fcntl(answers.read.number(), F_SETFL, O_NONBLOCK);
    }

    static domain::ChildProcess started(std::filesystem::path const& program,
                                        std::filesystem::path const& profile,
                                        std::string const& origin,
                                        domain::ChildProcess::Pipes pipes) {
        try {
            return {program,
                    words_for(profile, origin),
                    {{"HOME", profile.string()},
                     {"PATH", "/usr/bin:/bin"},
                     {"LANG", "C.UTF-8"},
                     {"TZ", "Asia/Ho_Chi_Minh"}},
                    pipes};
        } catch (geo::Error const& error) {
            no_browser(error.detail());
        }
    }

    void await_ready(int descriptor, short what) const {
        for (;;) {
            auto const left = std::chrono::duration_cast<std::chrono::milliseconds>(
                deadline.at - std::chrono::steady_clock::now());
            if (left.count() <= 0 || deadline.stopped.stop_requested()) too_late();
            constexpr std::chrono::milliseconds look{200}; // at whether somebody ended it
            ::pollfd watched{descriptor, what, 0};
            int const ready =
                ::poll(&watched, 1, static_cast<int>(std::min(left + 1ms, look).count()));
            if (ready > 0) return;
            if (ready < 0 && errno != EINTR) no_browser("poll");
        }
    }

    void write(std::string const& text) const {
        for (std::string_view rest{text.c_str(), text.size() + 1}; !rest.empty();) { // with its NUL
            await_ready(commands.write.number(), POLLOUT);
            auto const sent = ::write(commands.write.number(), rest.data(), rest.size());
            if (sent > 0)
                rest.remove_prefix(static_cast<std::size_t>(sent));
            else if (errno != EAGAIN && errno != EINTR)
                no_browser("it takes no commands");
        }
    }

    json next() {
        for (std::size_t seen = 0;;) {
            if (auto const end = read.find('\0', seen); end != std::string::npos) {
                auto message = json::parse(read.substr(0, end), nullptr, false);
                read.erase(0, end + 1);
                if (message.is_discarded()) no_browser("an answer that is no JSON");
                return message;
            }
            seen = read.size();
            if (seen > most_bytes) no_browser("an answer without end");
            await_ready(answers.read.number(), POLLIN);
            std::array<char, std::size_t{1} << 16U> part;
            auto const got = ::read(answers.read.number(), part.data(), part.size());
            if (got > 0)
                read.append(part.data(), static_cast<std::size_t>(got));
            else if (got == 0 || (errno != EAGAIN && errno != EINTR))
                no_browser("it has ended");
        }
    }

    std::string origin;
    Deadline deadline;
    Folder folder; // goes after the child
    Pipe commands;
    Pipe answers;
    domain::ChildProcess child;
    std::string read;
    std::string session;
    int last = 0;
    std::vector<std::string> heard; ///< events that nobody waited for yet
};

Browser::Browser(std::filesystem::path const& program, std::string const& origin, Deadline deadline)
    : m_state{std::make_unique<State>(program, origin, std::move(deadline))} {
    auto const target = ask("Target.createTarget", {{"url", "about:blank"}});
    auto const attached =
        ask("Target.attachToTarget", {{"targetId", target.at("targetId")}, {"flatten", true}});
    m_state->session = attached.at("sessionId").get<std::string>();
}

Browser::~Browser() = default;

json Browser::ask(std::string const& method, json parameters) {
    auto& state = *m_state;
    int const id = ++state.last;
    json command{{"id", id}, {"method", method}, {"params", std::move(parameters)}};
    if (!state.session.empty()) command["sessionId"] = state.session;
    state.write(command.dump());
    for (;;) {
        auto message = state.next();
        if (message.contains("method")) state.heard.push_back(message["method"]);
        if (message.value("id", 0) != id) continue;
        if (message.contains("error")) no_browser(method + ": " + message["error"].dump());
        return message["result"];
    }
}

void Browser::await(std::string const& event) {
    auto& heard = m_state->heard;
    while (std::ranges::find(heard, event) == heard.end()) {
        auto const message = m_state->next();
        if (message.contains("method")) heard.push_back(message["method"]);
    }
}

void Browser::open(std::string const& path, BrowserCookie const& cookie, std::uint32_t width,
                   std::uint32_t height) {
    auto const& origin = m_state->origin;
    ask("Emulation.setDeviceMetricsOverride",
        {{"width", width}, {"height", height}, {"deviceScaleFactor", 1}, {"mobile", false}});
    ask("Network.setCookie", {{"name", cookie.name},
                              {"value", cookie.value},
                              {"url", origin},
                              {"httpOnly", true},
                              {"sameSite", "Strict"}});
    ask("Page.enable", json::object());
    auto const gone = ask("Page.navigate", {{"url", origin + path}});
    if (gone.contains("errorText")) no_browser(gone["errorText"].get<std::string>());
    await("Page.loadEventFired");
}

json Browser::value_of(std::string const& expression) {
    auto told = ask("Runtime.evaluate",
                    {{"expression", expression}, {"awaitPromise", true}, {"returnByValue", true}});
    if (told.contains("exceptionDetails")) no_browser(told["exceptionDetails"].dump());
    return told["result"].value("value", json{});
}

std::string Browser::picture(std::string_view form, double width, double height) {
    return from_base64(
        ask("Page.captureScreenshot",
            {{"format", form},
             {"captureBeyondViewport", true},
             {"clip", {{"x", 0}, {"y", 0}, {"width", width}, {"height", height}, {"scale", 1}}}})
            .at("data"));
}

std::string Browser::paper(double width, double height) {
    return from_base64(ask("Page.printToPDF", {{"printBackground", true},
                                               {"paperWidth", width / css_pixels_an_inch},
                                               {"paperHeight", height / css_pixels_an_inch},
                                               {"marginTop", 0},
                                               {"marginBottom", 0},
                                               {"marginLeft", 0},
                                               {"marginRight", 0},
                                               {"pageRanges", "1"}})
                           .at("data"));
}

} // namespace diaban::services::print
