#include "services/print/browser.hpp"

#include "geo/error.hpp"
#include "services/print/browser_line.hpp"

#include <nlohmann/json.hpp>
#include <poll.h>
#include <sodium.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>
#include <vector>

namespace diaban::services::print {

namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr double css_pixels_an_inch = 96;
/// Of a whole answer: a picture of the largest size is some 10 MB in base64.
constexpr std::size_t most_bytes = std::size_t{64} << 20U;

[[noreturn]] void too_late() {
    throw geo::Error{geo::Code::unavailable, "map-image-late", {{"retry_after", "30"}}};
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
        : origin{std::move(origin_)}, deadline{std::move(deadline_)}, line{open_line(program,
                                                                                     origin)} {}

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
            await_ready(line->commands(), POLLOUT);
            auto const sent = ::write(line->commands(), rest.data(), rest.size());
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
            await_ready(line->answers(), POLLIN);
            std::array<char, std::size_t{1} << 16U> part;
            auto const got = ::read(line->answers(), part.data(), part.size());
            if (got > 0)
                read.append(part.data(), static_cast<std::size_t>(got));
            else if (got == 0 || (errno != EAGAIN && errno != EINTR))
                no_browser("it has ended");
        }
    }

    std::string origin;
    Deadline deadline;
    std::unique_ptr<BrowserLine> line;
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
