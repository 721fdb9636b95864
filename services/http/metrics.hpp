#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::http {

/// How long something took, as Prometheus counts it. Lock-free.
class Histogram {
public:
    void count(std::chrono::nanoseconds took) noexcept;
    [[nodiscard]] bool empty() const noexcept;
    /// Lines of one series; `label` is `name="value"`, or empty.
    void write(std::string& out, std::string_view name, std::string_view label) const;

private:
    /// Upper bounds, in microseconds.
    static constexpr std::array<std::uint64_t, 10> bounds{
        100, 250, 500, 1000, 2500, 5000, 25'000, 100'000, 500'000, 2'500'000};
    std::array<std::atomic<std::uint64_t>, bounds.size() + 1> m_by_time{};
    std::atomic<std::uint64_t> m_nanoseconds{0};
};

/// What an edge did, by route and by collection: answers by class of status, time and bytes.
/// Lock-free.
class Metrics {
public:
    /// So many collections have a row of their own; `other` is the rest's.
    static constexpr std::size_t most_collections = 256;
    /// A request names so many that are counted.
    static constexpr std::size_t most_named = 8;

    /// What one request is counted under.
    struct Asked {
        std::size_t route = 0;
        std::array<std::uint16_t, most_named> collections{};
        std::size_t named = 0;
    };

    /// One row a route, and a last one for what no route took.
    explicit Metrics(std::vector<std::string> routes);
    ~Metrics();
    Metrics(Metrics const&) = delete;
    Metrics& operator=(Metrics const&) = delete;

    void count(Asked const& asked, int status, std::chrono::nanoseconds took,
               std::size_t bytes) noexcept;
    /// A request that reached no route.
    [[nodiscard]] Asked no_route() const noexcept { return {.route = m_rows.size() - 1}; }
    /// Counts the request under a collection too: one that is known to be there.
    void name(Asked& asked, std::string_view collection);

    /// Prometheus text exposition format 0.0.4.
    void write(std::string& out) const;

private:
    struct alignas(64) Row {
        std::string route;
        std::array<std::atomic<std::uint64_t>, 6> by_class{};
        Histogram time;
        std::atomic<std::uint64_t> bytes{0};
    };
    struct alignas(64) CollectionRow {
        std::string id;
        Histogram time;
    };
    void write_routes(std::string& out) const;
    void write_collections(std::string& out) const;

    std::vector<Row> m_rows;
    /// By hash, next to it where taken; the last place is the rest's.
    std::array<std::atomic<CollectionRow*>, most_collections + 1> m_collections{};
};

/// Appends the lines that begin a family of metrics.
void begin_family(std::string& out, std::string_view name, std::string_view type,
                  std::string_view help);

/// Appends `name value\n` with HELP and TYPE lines.
void write_metric(std::string& out, std::string_view name, std::string_view type,
                  std::string_view help, double value);

} // namespace diaban::services::http
