#pragma once

#include "services/http/message.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::http {

/// How large a request may be, part by part.
struct RequestLimits {
    std::size_t target = 8 * 1024;  ///< beyond: 414
    std::size_t fields = 16 * 1024; ///< all field lines together; beyond: 431
    std::size_t field_count = 100;  ///< beyond: 431
    std::size_t body = 1024 * 1024; ///< beyond: 413
    /// A POST to this path may bring a file of `file` bytes, if it says its length and carries
    /// credentials; of all connections `files` at once, the next is answered 503. Empty: none may.
    std::string_view file_path{};
    std::size_t file = 48 * 1024 * 1024;
    int files = 4;
};

/// Reads HTTP/1.1 (RFC 9112) and HTTP/1.0 requests from a stream of bytes, strictly.
///
/// Strict   CRLF only, no folded fields, no spaces before the colon, one Host, Content-Length of
///          digits alone, never together with Transfer-Encoding: what two readers could read in two
///          ways is refused (request smuggling).
/// Lenient  the values of fields nobody here asks for: a malformed Cookie harms no one.
/// Cost     one pass over the bytes; the head is copied once, a body only when it comes in chunks.
class RequestReader {
public:
    /// `peer`: whom the bytes come from.
    explicit RequestReader(RequestLimits limits = {}, Address peer = {})
        : m_limits{limits}, m_peer{peer} {}

    enum class State {
        incomplete,  ///< more bytes are needed
        expects_100, ///< as incomplete, and the client waits for "100 Continue"
        complete,    ///< `request()` is whole
        refused,     ///< `refusal()` says why; nothing more is read
    };

    void append(std::string_view bytes) { m_buffer.append(bytes); }
    /// Tries to read one request from what was appended.
    State read();

    /// After `complete`. Valid until `discard`.
    [[nodiscard]] Request const& request() const noexcept { return m_request; }
    [[nodiscard]] Refusal const& refusal() const noexcept { return m_refusal; }
    /// Forgets the request read, keeps what follows it.
    void discard();
    /// Nothing of a next request has arrived.
    [[nodiscard]] bool idle() const noexcept { return m_buffer.size() == m_begin; }

private:
    enum class Step { head, sized_body, chunked_body, done, refused };

    State refuse(int status, std::string type, std::string value = {});
    State read_head();
    State read_sized_body();
    State read_chunked_body();
    bool read_request_line(std::string_view line);
    bool read_target(std::string_view target);
    bool read_fields(std::string_view block);
    bool read_framing();
    [[nodiscard]] bool brings_file() const noexcept;
    [[nodiscard]] State waiting();

    RequestLimits m_limits;
    Address m_peer;
    std::string m_buffer;
    std::string m_head;         // request line and fields of the request being read
    std::size_t m_begin = 0;    // of the request being read
    std::size_t m_searched = 0; // no end of head before this
    std::size_t m_body = 0;     // where the body (or its next chunk) begins
    std::size_t m_body_size = 0;
    std::size_t m_end = 0; // of the whole request
    std::string m_chunks;
    std::shared_ptr<void> m_file; // the place of a file among those under way
    bool m_awaits_continue = false;
    bool m_skipped_line = false; // the empty one before the request
    Step m_step = Step::head;
    Request m_request;
    Refusal m_refusal;
};

} // namespace diaban::services::http
