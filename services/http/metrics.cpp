#include "services/http/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>

namespace diaban::services::http {

namespace {

constexpr auto relaxed = std::memory_order_relaxed;

std::string braced(std::string_view label, std::string_view more = {}) {
    if (label.empty() && more.empty()) return {};
    return fmt::format("{{{}{}{}}}", label, label.empty() || more.empty() ? "" : ",", more);
}

} // namespace

void Histogram::count(std::chrono::nanoseconds took) noexcept {
    auto const nanoseconds = std::max<std::int64_t>(0, took.count());
    auto const micros = static_cast<std::uint64_t>(nanoseconds / 1000);
    auto const* const bound = std::ranges::lower_bound(bounds, micros);
    m_by_time[static_cast<std::size_t>(bound - bounds.begin())].fetch_add(1, relaxed);
    m_nanoseconds.fetch_add(static_cast<std::uint64_t>(nanoseconds), relaxed);
}

bool Histogram::empty() const noexcept {
    return std::ranges::all_of(m_by_time, [](auto const& slot) { return slot.load(relaxed) == 0; });
}

void Histogram::write(std::string& out, std::string_view name, std::string_view label) const {
    auto const to = std::back_inserter(out);
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < bounds.size(); ++i) {
        below += m_by_time[i].load(relaxed);
        auto const bound = fmt::format("le=\"{}\"", static_cast<double>(bounds[i]) / 1e6);
        fmt::format_to(to, "{}_bucket{} {}\n", name, braced(label, bound), below);
    }
    below += m_by_time.back().load(relaxed);
    fmt::format_to(to, "{}_bucket{} {}\n", name, braced(label, "le=\"+Inf\""), below);
    fmt::format_to(to, "{}_sum{} {}\n", name, braced(label),
                   static_cast<double>(m_nanoseconds.load(relaxed)) / 1e9);
    fmt::format_to(to, "{}_count{} {}\n", name, braced(label), below);
}

Metrics::Metrics(std::vector<std::string> routes) : m_rows(routes.size() + 1) {
    for (std::size_t i = 0; i < routes.size(); ++i) m_rows[i].route = std::move(routes[i]);
    m_rows.back().route = "none";
    auto rest = std::make_unique<CollectionRow>();
    rest->id = "other";
    m_collections.back() = rest.release();
}

Metrics::~Metrics() {
    for (auto& place : m_collections) delete place.load();
}

void Metrics::name(Asked& asked, std::string_view collection) {
    if (asked.named == most_named) return;
    auto const first = std::hash<std::string_view>{}(collection) % most_collections;
    auto found = most_collections; // the rest's
    for (std::size_t step = 0; step < most_collections; ++step) {
        auto const at = (first + step) % most_collections;
        auto* row = m_collections[at].load(std::memory_order_acquire);
        if (row == nullptr) {
            auto fresh = std::make_unique<CollectionRow>();
            fresh->id = collection;
            if (m_collections[at].compare_exchange_strong(row, fresh.get())) row = fresh.release();
        }
        if (row->id != collection) continue;
        found = at;
        break;
    }
    asked.collections[asked.named++] = static_cast<std::uint16_t>(found);
}

void Metrics::count(Asked const& asked, int status, std::chrono::nanoseconds took,
                    std::size_t bytes) noexcept {
    auto& row = m_rows[std::min(asked.route, m_rows.size() - 1)];
    row.by_class[static_cast<std::size_t>(std::clamp(status / 100, 0, 5))].fetch_add(1, relaxed);
    row.time.count(took);
    row.bytes.fetch_add(bytes, relaxed);
    for (std::size_t i = 0; i < asked.named; ++i)
        m_collections[asked.collections[i]].load(std::memory_order_acquire)->time.count(took);
}

void Metrics::write(std::string& out) const {
    write_routes(out);
    write_collections(out);
}

void Metrics::write_routes(std::string& out) const {
    auto const to = std::back_inserter(out);
    begin_family(out, "diaban_http_requests_total", "counter",
                 "Answers by route and class of status.");
    for (auto const& row : m_rows)
        for (std::size_t i = 1; i < row.by_class.size(); ++i)
            if (auto const n = row.by_class[i].load(relaxed); n > 0)
                fmt::format_to(to,
                               "diaban_http_requests_total{{route=\"{}\",status=\"{}xx\"}} {}\n",
                               row.route, i, n);
    begin_family(out, "diaban_http_body_bytes_total", "counter", "Bytes of bodies sent, by route.");
    for (auto const& row : m_rows)
        if (auto const n = row.bytes.load(relaxed); n > 0)
            fmt::format_to(to, "diaban_http_body_bytes_total{{route=\"{}\"}} {}\n", row.route, n);
    begin_family(out, "diaban_http_request_seconds", "histogram",
                 "Time to make an answer, by route.");
    for (auto const& row : m_rows)
        if (!row.time.empty())
            row.time.write(out, "diaban_http_request_seconds",
                           fmt::format("route=\"{}\"", row.route));
}

void Metrics::write_collections(std::string& out) const {
    begin_family(out, "diaban_http_collection_seconds", "histogram",
                 "Time to make an answer, by each collection that its path names.");
    for (auto const& place : m_collections)
        if (auto const* const row = place.load(std::memory_order_acquire);
            row != nullptr && !row->time.empty())
            row->time.write(out, "diaban_http_collection_seconds",
                            fmt::format("collection=\"{}\"", row->id));
}

void begin_family(std::string& out, std::string_view name, std::string_view type,
                  std::string_view help) {
    fmt::format_to(std::back_inserter(out), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

void write_metric(std::string& out, std::string_view name, std::string_view type,
                  std::string_view help, double value) {
    begin_family(out, name, type, help);
    fmt::format_to(std::back_inserter(out), "{} {}\n", name, value);
}

} // namespace diaban::services::http
