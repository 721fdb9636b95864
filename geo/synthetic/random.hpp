#pragma once

#include <cstdint>

namespace diaban::geo::synthetic {

/// A well-mixed 64-bit word of a 64-bit word: the finaliser of SplitMix64 (Steele, Lea and Flood,
/// "Fast Splittable Pseudorandom Number Generators", 2014).
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t x) noexcept {
    x += 0x9e3779b97f4a7c15U;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

/// A word that depends on a seed and two numbers alone: randomness addressed by place, not by turn,
/// so that any part of a synthetic world can be made without the rest.
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t seed, std::uint64_t a,
                                          std::uint64_t b) noexcept {
    return mix(mix(mix(seed) ^ a) ^ b);
}

/// In [0, 1), 53 bits.
[[nodiscard]] constexpr double unit(std::uint64_t word) noexcept {
    return static_cast<double>(word >> 11) * 0x1p-53;
}

/// In [-1, 1).
[[nodiscard]] constexpr double signed_unit(std::uint64_t word) noexcept {
    return 2 * unit(word) - 1;
}

/// Numbers by turn: SplitMix64. The same seed gives the same numbers on every machine, which
/// std::uniform_real_distribution does not promise.
class Random {
public:
    explicit constexpr Random(std::uint64_t seed) noexcept : m_state{mix(seed)} {}

    constexpr std::uint64_t word() noexcept {
        std::uint64_t const word = mix(m_state);
        m_state += 0x9e3779b97f4a7c15U;
        return word;
    }
    /// In [0, 1).
    constexpr double unit() noexcept { return synthetic::unit(word()); }
    /// In [low, high).
    constexpr double between(double low, double high) noexcept {
        return low + (high - low) * unit();
    }
    /// In [0, n), n > 0. Biased by less than n / 2^53.
    constexpr std::uint64_t below(std::uint64_t n) noexcept {
        return static_cast<std::uint64_t>(unit() * static_cast<double>(n));
    }
    constexpr bool chance(double probability) noexcept { return unit() < probability; }

private:
    std::uint64_t m_state;
};

} // namespace diaban::geo::synthetic
