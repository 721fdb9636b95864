#pragma once

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

namespace diaban::bench {

/// How long something took, in milliseconds. `cpu` is what a busy machine does not lengthen.
struct Time {
    double wall = 0;
    double cpu = 0;
};

/// Processor time of this thread.
inline double thread_time() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return double(now.tv_sec) * 1e3 + double(now.tv_nsec) / 1e6;
}

/// Processor time of all threads.
inline double process_time() {
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return double(now.tv_sec) * 1e3 + double(now.tv_nsec) / 1e6;
}

inline Time measured(std::function<double()> const& processor, std::function<void()> const& work) {
    double const before = processor();
    auto const start = std::chrono::steady_clock::now();
    work();
    auto const wall = std::chrono::steady_clock::now() - start;
    return {std::chrono::duration<double, std::milli>(wall).count(), processor() - before};
}

/// Nearest-rank quantile.
inline double quantile(std::vector<double> values, double share) {
    std::sort(values.begin(), values.end());
    auto const rank = std::size_t(std::max(1.0, std::ceil(share * double(values.size()))));
    return values[rank - 1];
}

/// The lines of the table that ./run bench prints: what, ours, the other side's, unit, who the
/// other side is, how many times, what is wanted.
class Table {
public:
    explicit Table(std::string const& file) {
        if (!file.empty()) m_file.open(file, std::ios::app);
    }
    void line(std::string const& what, double ours, double theirs, std::string const& who,
              std::string const& wanted, std::string const& unit = "ms") {
        auto const number = [](double value) { return fmt::format("{:.3f}", value); };
        std::string const row = fmt::format(
            "{}\t{}\t{}\t{}\t{}\t{}\t{}", what, number(ours), theirs > 0 ? number(theirs) : "-",
            unit, who, theirs > 0 ? fmt::format("{:.1f}", theirs / ours) : "-", wanted);
        std::cout << row << std::endl;
        if (m_file.is_open()) m_file << row << std::endl;
    }

private:
    std::ofstream m_file;
};

} // namespace diaban::bench
