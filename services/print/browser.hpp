#pragma once

#include "services/domain/child_process.hpp"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

namespace diaban::services::print {

/// A cookie that is sent to one address.
struct BrowserCookie {
    std::string name;
    std::string value;
};

/// Chromium without a screen, led over a pipe by its DevTools protocol. It has a profile of its own
/// that goes with it, knows none of our environment, and reaches one address of this machine alone.
///
/// Cost     about a second to start, some hundred MB of memory; niceness 10.
/// Throws   all members: Error{unavailable, "map-image-late"} at the deadline,
///          Error{unavailable, "no-browser"} where the program is not there or ends by itself.
class Browser {
public:
    /// Until when it may go on: a time, or before that when somebody ends it.
    struct Deadline {
        std::chrono::steady_clock::time_point at;
        std::stop_token stopped{};
    };

    /// `origin`   what it may reach: `http://127.0.0.1:8080`.
    Browser(std::filesystem::path const& program, std::string const& origin, Deadline deadline);
    ~Browser();
    Browser(Browser const&) = delete;
    Browser& operator=(Browser const&) = delete;

    /// Opens a page of the origin in a window of so many pixels.
    void open(std::string const& path, BrowserCookie const& cookie, std::uint32_t width,
              std::uint32_t height);
    /// Value of an expression; of a promise, once it is fulfilled.
    [[nodiscard]] nlohmann::json value_of(std::string const& expression);
    /// The page from its upper left corner, in so many pixels. `form`: png or jpeg.
    [[nodiscard]] std::string picture(std::string_view form, double width, double height);
    /// The page as one sheet of paper of so many pixels, at 96 an inch.
    [[nodiscard]] std::string paper(double width, double height);

private:
    struct State;
    nlohmann::json ask(std::string const& method, nlohmann::json parameters);
    void await(std::string const& event);

    std::unique_ptr<State> m_state;
};

} // namespace diaban::services::print
