#include "geo/codec/rfc3339.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <iterator>

namespace diaban::geo::codec {
namespace {

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t day = 86'400 * second;

/// Takes exactly `digits` decimal digits off the front of `text`.
std::optional<int> take_number(std::string_view& text, std::size_t digits) noexcept {
    if (text.size() < digits) return std::nullopt;
    int number = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
        number = number * 10 + (text[i] - '0');
    }
    text.remove_prefix(digits);
    return number;
}

bool take(std::string_view& text, char expected) noexcept {
    if (text.empty() || text.front() != expected) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<Date> take_date(std::string_view& text) noexcept {
    auto const year = take_number(text, 4);
    if (!year || !take(text, '-')) return std::nullopt;
    auto const month = take_number(text, 2);
    if (!month || !take(text, '-')) return std::nullopt;
    auto const day_of_month = take_number(text, 2);
    if (!day_of_month) return std::nullopt;
    std::chrono::year_month_day const calendar{std::chrono::year{*year},
                                               std::chrono::month{unsigned(*month)},
                                               std::chrono::day{unsigned(*day_of_month)}};
    if (!calendar.ok()) return std::nullopt;
    return Date{std::int32_t(std::chrono::sys_days{calendar}.time_since_epoch().count())};
}

std::optional<std::int64_t> take_fraction(std::string_view& text) noexcept {
    if (!take(text, '.')) return 0;
    std::int64_t micros = 0;
    std::size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
        if (digits < 6) micros = micros * 10 + (text[digits] - '0');
        ++digits;
    }
    if (digits == 0) return std::nullopt;
    for (auto kept = digits; kept < 6; ++kept) micros *= 10;
    text.remove_prefix(digits);
    return micros;
}

/// Minutes east of UTC.
std::optional<int> take_offset(std::string_view& text) noexcept {
    if (take(text, 'Z') || take(text, 'z')) return 0;
    int const sign = take(text, '+') ? 1 : take(text, '-') ? -1 : 0;
    if (sign == 0) return std::nullopt;
    auto const hours = take_number(text, 2);
    if (!hours || *hours > 23 || !take(text, ':')) return std::nullopt;
    auto const minutes = take_number(text, 2);
    if (!minutes || *minutes > 59) return std::nullopt;
    return sign * (*hours * 60 + *minutes);
}

} // namespace

void append_date(std::string& out, Date date) {
    std::chrono::year_month_day const calendar{std::chrono::sys_days{std::chrono::days{date.days}}};
    fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}", int(calendar.year()),
                   unsigned(calendar.month()), unsigned(calendar.day()));
}

std::string date_text(Date date) {
    std::string text;
    append_date(text, date);
    return text;
}

void append_instant(std::string& out, Instant instant) {
    std::int64_t days = instant.microseconds / day;
    std::int64_t rest = instant.microseconds % day;
    if (rest < 0) {
        rest += day;
        --days;
    }
    append_date(out, Date{std::int32_t(days)});
    std::int64_t const seconds = rest / second;
    fmt::format_to(std::back_inserter(out), "T{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60,
                   seconds % 60);
    if (rest % second != 0) fmt::format_to(std::back_inserter(out), ".{:06}", rest % second);
    out += 'Z';
}

std::optional<Date> read_date(std::string_view text) noexcept {
    auto const date = take_date(text);
    return text.empty() ? date : std::nullopt;
}

std::optional<Instant> read_instant(std::string_view text) noexcept {
    auto const date = take_date(text);
    if (!date || !(take(text, 'T') || take(text, 't') || take(text, ' '))) return std::nullopt;
    auto const hours = take_number(text, 2);
    if (!hours || *hours > 23 || !take(text, ':')) return std::nullopt;
    auto const minutes = take_number(text, 2);
    if (!minutes || *minutes > 59 || !take(text, ':')) return std::nullopt;
    auto const seconds = take_number(text, 2);
    if (!seconds || *seconds > 60) return std::nullopt;
    auto const fraction = take_fraction(text);
    if (!fraction) return std::nullopt;
    auto const offset = take_offset(text);
    if (!offset || !text.empty()) return std::nullopt;
    return Instant{date->days * day +
                   ((*hours * 60 + *minutes - *offset) * 60 + *seconds) * second + *fraction};
}

} // namespace diaban::geo::codec
