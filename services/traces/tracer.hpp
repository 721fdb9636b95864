#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

namespace diaban::services::traces {

using Attributes = std::vector<std::pair<std::string, std::variant<std::string, std::int64_t>>>;

/// One thing that was done, from when to when (OpenTelemetry).
struct Span {
    using Time = std::chrono::system_clock::time_point;

    std::string trace;  ///< 32 hexadecimal digits
    std::string id;     ///< 16 of them
    std::string parent; ///< likewise; empty: the first of its trace
    std::string name;
    bool serves = false; ///< somebody else's request (kind SERVER); else within (INTERNAL)
    bool failed = false;
    Time begun{};
    Time ended{};
    Attributes attributes;
};

struct TracerOptions {
    double ratio = 0.1;       ///< of traces that nobody else decided about
    std::size_t queue = 4096; ///< spans that wait to be sent; more are dropped and counted
    std::size_t batch = 512;  ///< spans in one request at most
    std::chrono::milliseconds rest{1000}; ///< between requests
    std::string node;                     ///< `service.instance.id`
    std::string version;                  ///< `service.version`
};

/// Sends spans somewhere, OTLP as JSON, on a thread of its own. Whoever ends a span waits for
/// nobody: where the queue is full it is dropped.
///
/// Threads  any number.
class Tracer {
public:
    /// Sends one document; false or a throw: it did not arrive, and is not sent again.
    using Send = std::function<bool(std::string const& document)>;

    Tracer(TracerOptions options, Send send);
    /// Sends what waits, once.
    ~Tracer();
    Tracer(Tracer const&) = delete;
    Tracer& operator=(Tracer const&) = delete;

    /// Whether that trace is kept: the same at every node, by its number (its last 14 digits).
    [[nodiscard]] bool keeps(std::string_view trace) const noexcept;
    void end(Span span) noexcept;

    struct Counters {
        std::uint64_t sent = 0;
        std::uint64_t dropped = 0; ///< the queue was full
        std::uint64_t failed = 0;  ///< sent in vain
        std::size_t queued = 0;
    };
    [[nodiscard]] Counters counters() const;

private:
    void run();
    void send(std::vector<Span> const& spans) noexcept;

    TracerOptions m_options;
    Send m_send;
    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    std::vector<Span> m_queue;
    bool m_stop = false;
    std::atomic<std::uint64_t> m_sent{0};
    std::atomic<std::uint64_t> m_dropped{0};
    std::atomic<std::uint64_t> m_failed{0};
    std::thread m_thread;
};

/// An ExportTraceServiceRequest in OTLP's JSON (opentelemetry-proto 1.x): ids in hexadecimal, times
/// as decimal strings of nanoseconds.
[[nodiscard]] std::string otlp_json(std::vector<Span> const& spans, TracerOptions const& options);

/// A span of the calling thread while it lives; those made meanwhile are its children. Nothing
/// without a tracer, or where the trace is not kept.
class Scope {
public:
    /// The first of this process: `trace` and, where somebody else began it, the span there.
    /// `keep`  what they decided.
    Scope(Tracer* tracer, std::string const& trace, std::string const& parent, bool keep);
    /// Within the thread's current one.
    explicit Scope(std::string_view name);
    ~Scope();
    Scope(Scope const&) = delete;
    Scope& operator=(Scope const&) = delete;

    [[nodiscard]] bool kept() const noexcept { return m_tracer != nullptr; }
    void name(std::string name);
    void add(std::string name, std::variant<std::string, std::int64_t> value);
    void fail() noexcept { m_span.failed = true; }

private:
    friend void add_past(std::string_view name, std::chrono::steady_clock::time_point begun,
                         std::chrono::steady_clock::time_point ended, Attributes attributes);
    Tracer* m_tracer = nullptr;
    Scope* m_before = nullptr;
    Span m_span;
};

/// A child of the thread's current span that is over already.
void add_past(std::string_view name, std::chrono::steady_clock::time_point begun,
              std::chrono::steady_clock::time_point ended, Attributes attributes = {});

} // namespace diaban::services::traces
