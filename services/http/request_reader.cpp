#include "services/http/request_reader.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <optional>

namespace diaban::services::http {

namespace {

/// tchar of RFC 9110, 5.6.2.
constexpr auto token_characters = [] {
    std::array<bool, 256> table{};
    for (char c = '0'; c <= '9'; ++c) table[static_cast<unsigned char>(c)] = true;
    for (char c = 'a'; c <= 'z'; ++c) table[static_cast<unsigned char>(c)] = true;
    for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<unsigned char>(c)] = true;
    for (char c : {'!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~'})
        table[static_cast<unsigned char>(c)] = true;
    return table;
}();

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return token_characters[static_cast<unsigned char>(c)];
    });
}

/// Visible ASCII without the fragment mark: what an origin-form target is made of.
bool is_target(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return c > 0x20 && c < 0x7f && c != '#'; });
}

bool is_field_value(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        auto const byte = static_cast<unsigned char>(c);
        return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
    });
}

bool is_host(std::string_view text) {
    return !text.empty() && text.size() <= 255 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '.' || c == '-' || c == '_' || c == ':' || c == '[' || c == ']';
    });
}

std::string_view trim(std::string_view text) {
    auto const blank = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    return text;
}

std::optional<std::size_t> number(std::string_view text, int base) {
    if (text.empty() || text.size() > 15) return std::nullopt;
    std::size_t value = 0;
    auto const* const end = text.data() + text.size();
    auto const [stop, fault] = std::from_chars(text.data(), end, value, base);
    if (fault != std::errc{} || stop != end) return std::nullopt;
    return value;
}

/// What may be shown of a client's own bytes in an answer to it.
std::string shown(std::string_view text) {
    std::string result;
    for (char c : text.substr(0, 64)) result += c >= 0x20 && c < 0x7f ? c : '?';
    if (text.size() > 64) result += "...";
    return result;
}

/// A place among the files that come in at once; none where they are taken.
std::shared_ptr<void> place_for_file(int most) {
    static std::atomic<int> under_way{0};
    struct Place {
        bool taken = false;
        ~Place() {
            if (taken) --under_way;
        }
    };
    auto place = std::make_shared<Place>();
    if (++under_way > most) {
        --under_way;
        return nullptr;
    }
    place->taken = true;
    return place;
}

} // namespace

RequestReader::State RequestReader::refuse(int status, std::string type, std::string value) {
    m_step = Step::refused;
    m_refusal = Refusal{status, std::move(type), std::move(value)};
    return State::refused;
}

RequestReader::State RequestReader::read() {
    switch (m_step) {
    case Step::head: return read_head();
    case Step::sized_body: return read_sized_body();
    case Step::chunked_body: return read_chunked_body();
    case Step::done: return State::complete;
    case Step::refused: return State::refused;
    }
    return State::refused;
}

RequestReader::State RequestReader::waiting() {
    if (!m_awaits_continue) return State::incomplete;
    m_awaits_continue = false;
    return State::expects_100;
}

RequestReader::State RequestReader::read_head() {
    // RFC 9112, 2.2: an empty line before the request line is ignored. One is enough for anyone.
    if (!m_skipped_line && m_buffer.compare(m_begin, 2, "\r\n") == 0) {
        m_begin += 2;
        m_searched = m_begin;
        m_skipped_line = true;
    }
    auto const end = m_buffer.find("\r\n\r\n", m_searched);
    if (end == std::string::npos) {
        std::string_view const so_far = std::string_view{m_buffer}.substr(m_begin);
        // Another protocol is told at once, not when its first line would have ended.
        if (!so_far.empty() && so_far[0] != '\r' && !is_token(so_far.substr(0, 1)))
            return refuse(400, "bad-request-line", shown(so_far));
        auto const line_end = so_far.find("\r\n");
        constexpr std::size_t around_target = 32; // method, version and two spaces
        constexpr std::size_t around_fields = 3;  // the line's end before, half of one behind
        if (line_end == std::string::npos) {
            if (so_far.find('\n') != std::string::npos) return refuse(400, "bad-request-line");
            if (so_far.size() > m_limits.target + around_target)
                return refuse(414, "target-too-long", std::to_string(m_limits.target));
        } else if (so_far.size() - line_end > m_limits.fields + around_fields) {
            return refuse(431, "fields-too-large", std::to_string(m_limits.fields));
        }
        m_searched = std::max(m_begin, m_buffer.size() - std::min<std::size_t>(3, m_buffer.size()));
        return State::incomplete;
    }

    // A copy, because the buffer may move while the body arrives.
    m_head.assign(m_buffer, m_begin, end + 2 - m_begin);
    std::string_view const head = m_head;
    auto const line_end = head.find("\r\n");
    m_request = Request{};
    m_request.peer = m_peer;
    m_body = end + 4;
    if (!read_request_line(head.substr(0, line_end))) return State::refused;
    if (!read_fields(head.substr(line_end + 2))) return State::refused;
    if (!read_framing()) return State::refused;
    return read();
}

bool RequestReader::read_request_line(std::string_view line) {
    auto const first = line.find(' ');
    auto const last = line.rfind(' ');
    if (first == std::string_view::npos || first == last)
        return refuse(400, "bad-request-line", shown(line)), false;
    auto const method = line.substr(0, first);
    auto const target = line.substr(first + 1, last - first - 1);
    auto const version = line.substr(last + 1);
    if (!is_token(method)) return refuse(400, "bad-request-line", shown(line)), false;
    if (version != "HTTP/1.1" && version != "HTTP/1.0") {
        bool const other = version.starts_with("HTTP/") && version.size() <= 8;
        return refuse(other ? 505 : 400, other ? "unknown-version" : "bad-request-line",
                      shown(version)),
               false;
    }
    auto const known = method_named(method);
    if (!known) return refuse(501, "unknown-method", shown(method)), false;
    m_request.method = *known;
    m_request.http_1_0 = version == "HTTP/1.0";
    return read_target(target);
}

bool RequestReader::read_target(std::string_view target) {
    if (target.size() > m_limits.target)
        return refuse(414, "target-too-long", std::to_string(m_limits.target)), false;
    if (!is_target(target)) return refuse(400, "bad-target", shown(target)), false;
    if (target == "*" && m_request.method == Method::options) {
        m_request.path = "*";
        return true;
    }
    // Absolute form, as sent to a proxy: servers must accept it (RFC 9112, 3.2.2).
    for (std::string_view scheme : {"http://", "https://"}) {
        if (!equal_without_case(target.substr(0, scheme.size()), scheme)) continue;
        auto const slash = target.find_first_of("/?", scheme.size());
        target = slash == std::string_view::npos ? "/" : target.substr(slash);
        break;
    }
    if (!target.starts_with('/')) return refuse(400, "bad-target", shown(target)), false;
    auto const mark = target.find('?');
    m_request.path = target.substr(0, mark);
    if (mark != std::string_view::npos) m_request.query = target.substr(mark + 1);
    return true;
}

bool RequestReader::read_fields(std::string_view block) {
    if (block.size() > m_limits.fields)
        return refuse(431, "fields-too-large", std::to_string(m_limits.fields)), false;
    m_request.headers.reserve(16);
    while (!block.empty()) {
        auto const end = block.find("\r\n");
        auto const line = block.substr(0, end);
        block.remove_prefix(end + 2);
        auto const colon = line.find(':');
        if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
            return refuse(400, "bad-field", shown(line)), false;
        auto const name = line.substr(0, colon);
        auto const value = trim(line.substr(colon + 1));
        if (!is_field_value(value)) return refuse(400, "bad-field", shown(name)), false;
        if (m_request.headers.size() == m_limits.field_count)
            return refuse(431, "too-many-fields", std::to_string(m_limits.field_count)), false;
        m_request.headers.push_back({name, value});
    }
    return true;
}

bool RequestReader::brings_file() const noexcept {
    return m_request.method == Method::post && !m_limits.file_path.empty() &&
           m_request.path == m_limits.file_path &&
           !(m_request.header("authorization").empty() && m_request.header("cookie").empty());
}

bool RequestReader::read_framing() {
    auto& request = m_request;
    std::optional<std::string_view> length;
    std::optional<std::string_view> coding;
    std::size_t hosts = 0;
    bool wants_close = false;
    bool wants_keep = false;
    for (auto const& [name, value] : request.headers) {
        if (equal_without_case(name, "host")) {
            ++hosts;
            request.host = value;
        } else if (equal_without_case(name, "content-length")) {
            if (length && *length != value) return refuse(400, "bad-length", shown(value)), false;
            length = value;
        } else if (equal_without_case(name, "transfer-encoding")) {
            if (coding) return refuse(400, "bad-field", "Transfer-Encoding"), false;
            coding = value;
        } else if (equal_without_case(name, "expect")) {
            if (!equal_without_case(value, "100-continue"))
                return refuse(417, "unknown-expectation", shown(value)), false;
            m_awaits_continue = !request.http_1_0;
        } else if (equal_without_case(name, "connection")) {
            for (auto rest = value; !rest.empty();) {
                auto const comma = rest.find(',');
                auto const option = trim(rest.substr(0, comma));
                wants_close |= equal_without_case(option, "close");
                wants_keep |= equal_without_case(option, "keep-alive");
                rest = comma == std::string_view::npos ? "" : rest.substr(comma + 1);
            }
        }
    }
    request.keep_alive = !wants_close && (wants_keep || !request.http_1_0);
    if (hosts > 1 || (hosts == 0 && !request.http_1_0) || (hosts == 1 && !is_host(request.host)))
        return refuse(400, "bad-host", shown(request.host)), false;
    if (coding) {
        if (length || request.http_1_0) return refuse(400, "bad-field", "Transfer-Encoding"), false;
        if (!equal_without_case(*coding, "chunked"))
            return refuse(501, "unknown-transfer-coding", shown(*coding)), false;
        m_chunks.clear();
        m_step = Step::chunked_body;
        return true;
    }
    auto const size = length ? number(*length, 10) : std::optional<std::size_t>{0};
    if (!size || (length && !std::all_of(length->begin(), length->end(),
                                         [](char c) { return c >= '0' && c <= '9'; })))
        return refuse(400, "bad-length", shown(*length)), false;
    auto const most = brings_file() ? m_limits.file : m_limits.body;
    if (*size > most) return refuse(413, "body-too-large", std::to_string(most)), false;
    if (*size > m_limits.body && !(m_file = place_for_file(m_limits.files)))
        return refuse(503, "files-under-way", std::to_string(m_limits.files)), false;
    m_body_size = *size;
    m_step = Step::sized_body;
    return true;
}

RequestReader::State RequestReader::read_sized_body() {
    if (m_buffer.size() - m_body < m_body_size) return waiting();
    m_request.body = std::string_view{m_buffer}.substr(m_body, m_body_size);
    m_end = m_body + m_body_size;
    m_step = Step::done;
    return State::complete;
}

RequestReader::State RequestReader::read_chunked_body() {
    constexpr std::size_t longest_size_line = 64;
    for (;;) {
        std::string_view const rest = std::string_view{m_buffer}.substr(m_body);
        auto const line_end = rest.find("\r\n");
        if (line_end == std::string_view::npos)
            return rest.size() > longest_size_line + 1 ? refuse(400, "bad-chunk") : waiting();
        auto const line = rest.substr(0, line_end);
        auto const size = number(trim(line.substr(0, line.find(';'))), 16);
        if (!size || line.size() > longest_size_line) return refuse(400, "bad-chunk");
        constexpr std::size_t most_overhead = 8; // of framing, a byte of body, in good faith
        if (m_chunks.size() + *size > m_limits.body ||
            m_body - m_begin > m_limits.fields + most_overhead * m_limits.body)
            return refuse(413, "body-too-large", std::to_string(m_limits.body));
        auto const data = line_end + 2;
        if (rest.size() < data + *size + 2) return waiting();
        if (rest.substr(data + *size, 2) !=
            "\r\n") // after the last chunk too: trailers are refused
            return refuse(400, "bad-chunk");
        m_chunks.append(rest.substr(data, *size));
        m_body += data + *size + 2;
        if (*size == 0) break;
    }
    m_request.body = m_chunks;
    m_end = m_body;
    m_step = Step::done;
    return State::complete;
}

void RequestReader::discard() {
    m_begin = m_end;
    if (m_begin == m_buffer.size()) {
        m_buffer.clear();
        if (m_buffer.capacity() > 64 * 1024) m_buffer.shrink_to_fit();
        m_begin = 0;
    } else if (m_begin > 64 * 1024) {
        m_buffer.erase(0, m_begin);
        m_begin = 0;
    }
    m_searched = m_begin;
    m_file.reset();
    m_awaits_continue = false;
    m_skipped_line = false;
    m_step = Step::head;
}

} // namespace diaban::services::http
