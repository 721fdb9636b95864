#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>

namespace diaban::services::print {

/// What `serve_browsers` needs to know.
struct PictureService {
    std::filesystem::path program; ///< Chromium
    bool sandboxed = true;         ///< its own sandbox around each page
};

/// A listening socket of that path, which its owner and group may connect to. A file that was left
/// there goes.
/// Throws   Error{unavailable, "no-socket"}.
[[nodiscard]] int listen_at(std::filesystem::path const& path);

/// Gives each who connects a browser, until somebody ends it: first they send what it may reach, as
/// a line (`http://127.0.0.1:8080`), then both sides speak DevTools. The browser ends with the
/// connection, and after a minute at most. Two at once; a third is turned away.
///
/// `listening`   is closed in the end.
void serve_browsers(int listening, PictureService const& service, std::stop_token const& stopped);

/// Whether a browser may be told to reach it: `http://`, a name or an address, and a port.
[[nodiscard]] bool is_origin(std::string_view text) noexcept;

} // namespace diaban::services::print
