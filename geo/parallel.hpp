#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace diaban::geo {

/// Calls `work(i)` once for each i below `count`, on `threads` threads, this one among them; in
/// which order is not said. The first exception ends it and is thrown on.
template <typename Work>
void in_parallel(std::size_t count, unsigned threads, Work&& work) {
    std::atomic<std::size_t> next{0};
    std::exception_ptr fault;
    std::mutex guard;
    auto const take = [&] {
        try {
            for (std::size_t i = next++; i < count; i = next++) work(i);
        } catch (...) {
            std::scoped_lock const lock{guard};
            if (!fault) fault = std::current_exception();
            next = count;
        }
    };
    {
        std::vector<std::jthread> others;
        for (unsigned i = 1; i < threads && i < count; ++i) others.emplace_back(take);
        take();
    }
    if (fault) std::rethrow_exception(fault);
}

/// Calls `work(first, last)` for `threads` equal shares of [0, count), as `in_parallel` does.
template <typename Work>
void in_shares(std::size_t count, unsigned threads, Work&& work) {
    in_parallel(threads, threads,
                [&](std::size_t i) { work(count * i / threads, count * (i + 1) / threads); });
}

} // namespace diaban::geo
