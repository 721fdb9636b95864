#include "tests/services/event_source.hpp"

namespace diaban::tests {

using Clock = std::chrono::steady_clock;

EventSource::EventSource(std::uint16_t port, std::string_view query, std::string_view last_id,
                         std::string_view fields)
    : m_client{port}, m_last_id{last_id} {
    std::string request{"GET /live"};
    if (!query.empty()) request += "?" + std::string{query};
    request += " HTTP/1.1\r\nHost: localhost:8081\r\nAccept: text/event-stream\r\n";
    if (!last_id.empty()) request += "Last-Event-ID: " + std::string{last_id} + "\r\n";
    request += fields;
    request += "\r\n";
    m_client.send(request);
    while (m_buffer.find("\r\n\r\n") == std::string::npos)
        if (!fill(std::chrono::seconds{30})) return;
    auto const end = m_buffer.find("\r\n\r\n");
    m_head = m_buffer.substr(0, end + 2);
    m_buffer.erase(0, end + 4);
    m_status = std::stoi(m_head.substr(9, 3));
}

bool EventSource::fill(std::chrono::milliseconds patience) {
    auto const begin = Clock::now();
    auto const bytes = m_client.some(1u << 16, patience);
    m_ended = bytes.empty() && Clock::now() - begin < patience; // readable, and nothing there
    m_buffer += bytes;
    return !bytes.empty();
}

std::optional<Event> EventSource::next(std::chrono::milliseconds patience) {
    auto const end = Clock::now() + patience;
    for (;;) {
        auto const stop = m_buffer.find("\n\n");
        if (stop == std::string::npos) {
            auto const left =
                std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
            if (left.count() <= 0 || !fill(left)) return std::nullopt;
            continue;
        }
        auto const block = m_buffer.substr(0, stop + 1);
        m_buffer.erase(0, stop + 2);
        Event event;
        std::string data;
        for (std::size_t at = 0; at < block.size();) {
            auto const line_end = block.find('\n', at);
            auto const line = block.substr(at, line_end - at);
            at = line_end + 1;
            if (line.starts_with("event: ")) event.name = line.substr(7);
            if (line.starts_with("id: ")) m_last_id = line.substr(4);
            if (line.starts_with("data: ")) data += line.substr(6);
        }
        if (data.empty()) continue; // a comment
        event.id = m_last_id;
        event.data = nlohmann::json::parse(data);
        return event;
    }
}

std::optional<Event> EventSource::news(std::chrono::milliseconds patience) {
    for (;;) {
        auto event = next(patience);
        if (!event || (event->name != "start" && event->name != "alive")) return event;
    }
}

} // namespace diaban::tests
