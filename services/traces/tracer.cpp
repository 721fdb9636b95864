#include "services/traces/tracer.hpp"

#include "services/http/request_mark.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>

namespace diaban::services::traces {

namespace {

thread_local Scope* current = nullptr;

constexpr std::size_t span_digits = 16;

} // namespace

Tracer::Tracer(TracerOptions options, Send send)
    : m_options{std::move(options)}, m_send{std::move(send)} {
    m_queue.reserve(m_options.queue);
    m_thread = std::thread{[this] { run(); }};
}

Tracer::~Tracer() {
    {
        std::lock_guard const lock{m_mutex};
        m_stop = true;
    }
    m_wake.notify_one();
    m_thread.join();
}

bool Tracer::keeps(std::string_view trace) const noexcept {
    constexpr std::size_t digits = 14; // 56 random bits (W3C Trace Context, level 2)
    if (m_options.ratio >= 1) return true;
    std::uint64_t number = 0;
    auto const last = trace.substr(trace.size() - std::min(digits, trace.size()));
    std::from_chars(last.data(), last.data() + last.size(), number, 16);
    return std::ldexp(static_cast<double>(number), -56) < m_options.ratio;
}

void Tracer::end(Span span) noexcept {
    std::lock_guard const lock{m_mutex};
    if (m_queue.size() >= m_options.queue)
        ++m_dropped;
    else
        m_queue.push_back(std::move(span)); // within what is reserved
}

Tracer::Counters Tracer::counters() const {
    std::lock_guard const lock{m_mutex};
    return {m_sent, m_dropped, m_failed, m_queue.size()};
}

void Tracer::run() {
    std::vector<Span> taken;
    taken.reserve(m_options.queue);
    for (bool last = false; !last;) {
        {
            std::unique_lock lock{m_mutex};
            m_wake.wait_for(lock, m_options.rest, [this] { return m_stop; });
            last = m_stop;
            taken.swap(m_queue);
        }
        for (auto from = taken.begin(); from != taken.end();) {
            auto const rest = static_cast<std::size_t>(taken.end() - from);
            auto const to = from + static_cast<std::ptrdiff_t>(std::min(rest, m_options.batch));
            send({std::make_move_iterator(from), std::make_move_iterator(to)});
            from = to;
        }
        taken.clear();
    }
}

void Tracer::send(std::vector<Span> const& spans) noexcept {
    bool arrived = false;
    try {
        arrived = m_send(otlp_json(spans, m_options));
    } catch (...) { // counted below: a trace is not worth a second try
    }
    (arrived ? m_sent : m_failed) += spans.size();
}

Scope::Scope(Tracer* tracer, std::string const& trace, std::string const& parent, bool keep)
    : m_before{current} {
    if (tracer == nullptr || !keep) return;
    m_tracer = tracer;
    m_span.trace = trace;
    m_span.parent = parent;
    m_span.serves = true;
    m_span.id = http::random_hex(span_digits);
    m_span.begun = std::chrono::system_clock::now();
    current = this;
}

Scope::Scope(std::string_view name) : m_before{current} {
    if (m_before == nullptr) return;
    m_tracer = m_before->m_tracer;
    m_span.trace = m_before->m_span.trace;
    m_span.parent = m_before->m_span.id;
    m_span.id = http::random_hex(span_digits);
    m_span.name = name;
    m_span.begun = std::chrono::system_clock::now();
    current = this;
}

Scope::~Scope() {
    if (m_tracer == nullptr) return;
    current = m_before;
    m_span.ended = std::chrono::system_clock::now();
    m_tracer->end(std::move(m_span));
}

void Scope::name(std::string name) {
    if (kept()) m_span.name = std::move(name);
}

void Scope::add(std::string name, std::variant<std::string, std::int64_t> value) {
    if (kept()) m_span.attributes.emplace_back(std::move(name), std::move(value));
}

void add_past(std::string_view name, std::chrono::steady_clock::time_point begun,
              std::chrono::steady_clock::time_point ended, Attributes attributes) {
    if (current == nullptr) return;
    auto const now = std::chrono::system_clock::now();
    auto const steady_now = std::chrono::steady_clock::now();
    auto const at = [&](auto time) {
        return now - std::chrono::duration_cast<Span::Time::duration>(steady_now - time);
    };
    Span span;
    span.trace = current->m_span.trace;
    span.parent = current->m_span.id;
    span.id = http::random_hex(span_digits);
    span.name = name;
    span.begun = at(begun);
    span.ended = at(ended);
    span.attributes = std::move(attributes);
    current->m_tracer->end(std::move(span));
}

} // namespace diaban::services::traces
