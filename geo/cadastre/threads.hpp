#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace diaban::geo::cadastre {

/// Calls `work(i)` for every i < count, on `threads` threads; each takes the next one that is left.
/// What one throws first is thrown here, when all have ended.
template <typename Work>
void each_on_threads(std::size_t count, unsigned threads, Work const& work) {
    std::atomic<std::size_t> next{0};
    std::exception_ptr fault;
    std::mutex mutex;
    auto const run = [&] {
        try {
            for (std::size_t i = next++; i < count; i = next++) work(i);
        } catch (...) {
            std::scoped_lock const lock{mutex};
            if (!fault) fault = std::current_exception();
            next = count;
        }
    };
    std::vector<std::jthread> others;
    for (unsigned t = 1; t < threads; ++t) others.emplace_back(run);
    run();
    others.clear();
    if (fault) std::rethrow_exception(fault);
}

} // namespace diaban::geo::cadastre
