#pragma once

#include <cstdint>
#include <limits>

namespace diaban::geo {

/// A stretch of time, both ends included, in microseconds from 1970-01-01T00:00:00Z. Open ends are
/// the numeric limits.
struct Period {
    static constexpr std::int64_t open_begin = std::numeric_limits<std::int64_t>::min();
    static constexpr std::int64_t open_end = std::numeric_limits<std::int64_t>::max();

    std::int64_t begin = open_begin;
    std::int64_t end = open_end;

    /// At no time: meets nothing, not even `always`.
    [[nodiscard]] static constexpr Period never() noexcept { return {open_end, open_begin}; }

    [[nodiscard]] constexpr bool meets(Period const& other) const noexcept {
        return begin <= other.end && other.begin <= end && begin <= end;
    }

    friend constexpr bool operator==(Period const&, Period const&) = default;
};

} // namespace diaban::geo
