#pragma once

#include "tests/services/raw_client.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::tests {

/// A server-sent event as a client sees it (WHATWG HTML, 9.2.6).
struct Event {
    std::string name;
    std::string id; ///< of the last event that had one, this one included
    nlohmann::json data;
};

/// A client of the live channel that reads what comes, byte for byte.
class EventSource {
public:
    /// Asks for `/live` with that query; `last_id` goes as Last-Event-ID where it is not empty.
    EventSource(std::uint16_t port, std::string_view query, std::string_view last_id = {},
                std::string_view fields = {});

    [[nodiscard]] int status() const noexcept { return m_status; }
    /// Head of the answer, as it came.
    [[nodiscard]] std::string const& head() const noexcept { return m_head; }
    /// The next event; nothing if none comes within `patience` or the stream has ended.
    [[nodiscard]] std::optional<Event>
    next(std::chrono::milliseconds patience = std::chrono::seconds{60});
    /// The next event that tells of a change or of tiles: neither start nor alive.
    [[nodiscard]] std::optional<Event>
    news(std::chrono::milliseconds patience = std::chrono::seconds{60});
    [[nodiscard]] std::string const& last_id() const noexcept { return m_last_id; }
    /// Whether the other side has ended the stream; asked after `next` gave nothing.
    [[nodiscard]] bool ended() const noexcept { return m_ended; }
    [[nodiscard]] RawClient& wire() noexcept { return m_client; }

private:
    bool fill(std::chrono::milliseconds patience);

    RawClient m_client;
    bool m_ended = false;
    int m_status = 0;
    std::string m_head;
    std::string m_buffer;
    std::string m_last_id;
};

} // namespace diaban::tests
