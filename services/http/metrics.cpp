#include "services/http/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace diaban::services::http {

Metrics::Metrics(std::vector<std::string> routes) : m_rows(routes.size() + 1) {
    for (std::size_t i = 0; i < routes.size(); ++i) m_rows[i].route = std::move(routes[i]);
    m_rows.back().route = "none";
}

void Metrics::count(std::size_t route, int status, std::chrono::nanoseconds took,
                    std::size_t bytes) noexcept {
    auto& row = m_rows[std::min(route, m_rows.size() - 1)];
    constexpr auto relaxed = std::memory_order_relaxed;
    row.by_class[static_cast<std::size_t>(std::clamp(status / 100, 0, 5))].fetch_add(1, relaxed);
    auto const micros = static_cast<std::uint64_t>(took.count() / 1000);
    auto const* const bound = std::ranges::lower_bound(bounds, micros);
    row.by_time[static_cast<std::size_t>(bound - bounds.begin())].fetch_add(1, relaxed);
    row.nanoseconds.fetch_add(static_cast<std::uint64_t>(took.count()), relaxed);
    row.bytes.fetch_add(bytes, relaxed);
}

void Metrics::write(std::string& out) const {
    auto const to = std::back_inserter(out);
    out += "# HELP diaban_http_requests_total Answers by route and class of status.\n"
           "# TYPE diaban_http_requests_total counter\n";
    for (auto const& row : m_rows)
        for (std::size_t i = 1; i < row.by_class.size(); ++i)
            if (auto const n = row.by_class[i].load(); n > 0)
                fmt::format_to(to,
                               "diaban_http_requests_total{{route=\"{}\",status=\"{}xx\"}} {}\n",
                               row.route, i, n);
    out += "# HELP diaban_http_body_bytes_total Bytes of bodies sent, by route.\n"
           "# TYPE diaban_http_body_bytes_total counter\n";
    for (auto const& row : m_rows)
        if (auto const n = row.bytes.load(); n > 0)
            fmt::format_to(to, "diaban_http_body_bytes_total{{route=\"{}\"}} {}\n", row.route, n);
    out += "# HELP diaban_http_request_seconds Time to make an answer, by route.\n"
           "# TYPE diaban_http_request_seconds histogram\n";
    for (auto const& row : m_rows) {
        std::uint64_t sum = 0;
        for (auto const& slot : row.by_time) sum += slot.load();
        if (sum == 0) continue;
        std::uint64_t below = 0;
        for (std::size_t i = 0; i < bounds.size(); ++i) {
            below += row.by_time[i].load();
            fmt::format_to(to, "diaban_http_request_seconds_bucket{{route=\"{}\",le=\"{}\"}} {}\n",
                           row.route, static_cast<double>(bounds[i]) / 1e6, below);
        }
        fmt::format_to(to, "diaban_http_request_seconds_bucket{{route=\"{}\",le=\"+Inf\"}} {}\n",
                       row.route, sum);
        fmt::format_to(to, "diaban_http_request_seconds_sum{{route=\"{}\"}} {}\n", row.route,
                       static_cast<double>(row.nanoseconds.load()) / 1e9);
        fmt::format_to(to, "diaban_http_request_seconds_count{{route=\"{}\"}} {}\n", row.route,
                       sum);
    }
}

void write_metric(std::string& out, std::string_view name, std::string_view type,
                  std::string_view help, double value) {
    fmt::format_to(std::back_inserter(out), "# HELP {} {}\n# TYPE {} {}\n{} {}\n", name, help, name,
                   type, name, value);
}

} // namespace diaban::services::http
