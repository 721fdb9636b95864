#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::http {

/// What an edge did, by route: answers by class of status, time and bytes. Lock-free.
class Metrics {
public:
    /// One row a route, and a last one for what no route took.
    explicit Metrics(std::vector<std::string> routes);

    void count(std::size_t route, int status, std::chrono::nanoseconds took,
               std::size_t bytes) noexcept;
    /// Row of requests that reached no route.
    [[nodiscard]] std::size_t no_route() const noexcept { return m_rows.size() - 1; }

    /// Prometheus text exposition format 0.0.4.
    void write(std::string& out) const;

private:
    /// Upper bounds of the histogram, in microseconds.
    static constexpr std::array<std::uint64_t, 10> bounds{
        100, 250, 500, 1000, 2500, 5000, 25'000, 100'000, 500'000, 2'500'000};
    struct alignas(64) Row {
        std::string route;
        std::array<std::atomic<std::uint64_t>, 6> by_class{};
        std::array<std::atomic<std::uint64_t>, bounds.size() + 1> by_time{};
        std::atomic<std::uint64_t> nanoseconds{0};
        std::atomic<std::uint64_t> bytes{0};
    };
    std::vector<Row> m_rows;
};

/// Appends `name value\n` with HELP and TYPE lines.
void write_metric(std::string& out, std::string_view name, std::string_view type,
                  std::string_view help, double value);

} // namespace diaban::services::http
