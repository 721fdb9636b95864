#include "services/api/local_times.hpp"

#include "services/api/parameters.hpp"

#include <charconv>
#include <optional>

namespace diaban::services::api {

namespace {

/// Numbers of a ring: from `first`, `count` of them, and round again.
struct Ring {
    std::uint32_t first = 0;
    std::uint32_t count = 24;
};

std::optional<std::uint32_t> place(std::string_view text, Ring ring) {
    std::uint32_t value = 0;
    auto const* const end = text.data() + text.size();
    auto const [stop, fault] = std::from_chars(text.data(), end, value);
    if (fault != std::errc{} || stop != end || value < ring.first ||
        value >= ring.first + ring.count)
        return std::nullopt;
    return value - ring.first;
}

/// One bit a place.
std::optional<std::uint32_t> marked(std::string_view list, Ring ring) {
    std::uint32_t bits = 0;
    for (;;) {
        auto const comma = list.find(',');
        auto const one = list.substr(0, comma);
        auto const dash = one.find('-');
        auto const from = place(one.substr(0, dash), ring);
        auto const to = dash == std::string_view::npos ? from : place(one.substr(dash + 1), ring);
        if (!from || !to) return std::nullopt;
        for (auto at = *from;; at = (at + 1) % ring.count) {
            bits |= 1U << at;
            if (at == *to) break;
        }
        if (comma == std::string_view::npos) return bits;
        list.remove_prefix(comma + 1);
    }
}

} // namespace

domain::LocalTimes read_local_times(http::Query const& query) {
    domain::LocalTimes times;
    if (auto const text = query.find("hours")) {
        auto const bits = marked(*text, {0, 24});
        if (!bits) refuse_parameter("hours", *text, "0..23, 18-23, 22-4, with commas");
        times.hours = *bits;
    }
    if (auto const text = query.find("weekdays")) {
        auto const bits = marked(*text, {1, 7});
        if (!bits) refuse_parameter("weekdays", *text, "1..7 (1: Monday), 1-5, with commas");
        times.weekdays = std::uint8_t(*bits);
    }
    return times;
}

} // namespace diaban::services::api
