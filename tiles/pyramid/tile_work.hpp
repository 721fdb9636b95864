#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

namespace diaban::tiles::pyramid {

/// The number of a tile among those of its zoom; numbers of a column follow one another.
[[nodiscard]] constexpr std::uint64_t number_of(std::uint32_t x, std::uint32_t y) noexcept {
    return std::uint64_t{x} << 32U | y;
}
[[nodiscard]] constexpr std::uint32_t x_of(std::uint64_t number) noexcept {
    return std::uint32_t(number >> 32U);
}
[[nodiscard]] constexpr std::uint32_t y_of(std::uint64_t number) noexcept {
    return std::uint32_t(number);
}

/// Runs `work(i)` for i < count on some threads.
template <typename Work>
void share_out(std::size_t count, unsigned threads, Work&& work) {
    std::atomic<std::size_t> next{0};
    auto const run = [&] {
        for (auto i = next++; i < count; i = next++) work(i);
    };
    std::vector<std::thread> others;
    for (unsigned i = 1; i < threads && i < count; ++i) others.emplace_back(run);
    run();
    for (auto& other : others) other.join();
}

} // namespace diaban::tiles::pyramid
