#pragma once

#include "services/http/message.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace diaban::services::http {

/// Where a request stands in a trace that its sender began (W3C Trace Context, version 00).
struct TraceParent {
    std::string trace;  ///< 32 digits in lower-case hexadecimal, not all zero
    std::string parent; ///< 16 of them: the sender's span
    bool sampled = false;
};

/// Reads the field `traceparent`; nothing if it is malformed. A later version is read by what
/// version 00 knows of it.
[[nodiscard]] std::optional<TraceParent> read_traceparent(std::string_view text);

/// Whether a client's name for its request may stand in fields, logs and documents as it is: 1 to
/// 128 letters, digits, `.`, `_`, `-`.
[[nodiscard]] bool is_request_id(std::string_view text) noexcept;

/// `digits` random digits in lower-case hexadecimal, never all zero; from any thread.
[[nodiscard]] std::string random_hex(std::size_t digits);

/// The name under which one request stands in its answer, in the log and in a trace.
struct RequestMark {
    std::string id;    ///< the field X-Request-Id, else the trace's number, else made here
    std::string trace; ///< of `traceparent`, else made here
    std::optional<TraceParent> sent;

    [[nodiscard]] static RequestMark of(Request const& request);
};

/// While it lives, what the calling thread logs and answers bears the request's name. A request is
/// answered on one thread.
class Marked {
public:
    explicit Marked(RequestMark const& mark) noexcept;
    ~Marked();
    Marked(Marked const&) = delete;
    Marked& operator=(Marked const&) = delete;

private:
    RequestMark const* m_before;
};

/// The name of the request that the calling thread answers; empty if it answers none.
[[nodiscard]] std::string_view current_request() noexcept;

} // namespace diaban::services::http
