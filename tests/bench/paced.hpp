#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

namespace diaban::bench {

/// Runs `turn(thread, number)` at `rate` turns a second for so many seconds, spread over the
/// threads.
template <typename Turn>
void paced(double rate, double seconds, unsigned threads, Turn const& turn) {
    using Clock = std::chrono::steady_clock;
    auto const start = Clock::now();
    auto const turns = std::uint64_t(rate * seconds);
    std::atomic<std::uint64_t> next = 0;
    std::vector<std::jthread> crew;
    for (unsigned thread = 0; thread < threads; ++thread)
        crew.emplace_back([&, thread] {
            for (auto number = next++; number < turns; number = next++) {
                std::this_thread::sleep_until(
                    start + std::chrono::duration_cast<Clock::duration>(
                                std::chrono::duration<double>(double(number) / rate)));
                turn(thread, number);
            }
        });
}

} // namespace diaban::bench
