#include "services/domain/intake_value.hpp"

#include "data/gdal/text.hpp"
#include "geo/codec/rfc3339.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

namespace diaban::services::domain {
namespace {

using data::gdal::trimmed;
using geo::Date;
using geo::Instant;
using geo::ValueView;

constexpr int vietnam_offset = 7 * 60;
constexpr std::int64_t minute = 60'000'000;
constexpr std::int64_t day = 1440 * minute;
constexpr double whole_doubles = 9007199254740992.0; // 2^53: below it every whole number is one

template <typename Number>
std::optional<Number> parse(std::string_view text) noexcept {
    if (text.starts_with('+')) text.remove_prefix(1);
    Number value{};
    auto const [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

ReadValue fault(std::string_view reason) {
    return {.value = {}, .fault = reason};
}
ReadValue found(ValueView value) {
    return {.value = value, .fault = {}};
}

ReadValue whole(double value) {
    if (!(std::abs(value) < whole_doubles) || value != std::trunc(value))
        return fault("bad-integer");
    return found(static_cast<std::int64_t>(value));
}

ReadValue as_integer(ValueView const& from) {
    if (auto const* integer = std::get_if<std::int64_t>(&from)) return found(*integer);
    if (auto const* flag = std::get_if<bool>(&from)) return found(std::int64_t{*flag});
    if (auto const* number = std::get_if<double>(&from)) return whole(*number);
    if (auto const* text = std::get_if<std::string_view>(&from)) {
        if (auto const integer = parse<std::int64_t>(*text)) return found(*integer);
        if (auto const number = parse<double>(*text)) return whole(*number);
    }
    return fault("bad-integer");
}

ReadValue as_number(ValueView const& from) {
    if (auto const* integer = std::get_if<std::int64_t>(&from))
        return found(static_cast<double>(*integer));
    std::optional<double> number;
    if (auto const* given = std::get_if<double>(&from)) number = *given;
    if (auto const* text = std::get_if<std::string_view>(&from)) number = parse<double>(*text);
    return number && std::isfinite(*number) ? found(*number) : fault("bad-number");
}

ReadValue as_boolean(ValueView const& from) {
    if (auto const* flag = std::get_if<bool>(&from)) return found(*flag);
    if (auto const* integer = std::get_if<std::int64_t>(&from);
        integer != nullptr && (*integer == 0 || *integer == 1))
        return found(*integer == 1);
    if (auto const* text = std::get_if<std::string_view>(&from)) {
        for (auto const word : {"true", "True", "TRUE", "t", "T", "1", "yes", "Yes", "có", "Có"})
            if (*text == word) return found(true);
        for (auto const word :
             {"false", "False", "FALSE", "f", "F", "0", "no", "No", "không", "Không"})
            if (*text == word) return found(false);
    }
    return fault("bad-boolean");
}

/// The leading date of `text` in RFC 3339 form, and what follows it.
struct LeadingDate {
    std::string date;
    std::string_view rest;
};

std::optional<LeadingDate> leading_date(std::string_view text) {
    std::array<std::string_view, 3> parts;
    std::size_t at = 0;
    for (auto& part : parts) {
        auto const begin = at;
        while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
        part = text.substr(begin, at - begin);
        bool const last = &part == &parts.back();
        if (!last && (at >= text.size() || (text[at] != '-' && text[at] != '/'))) return {};
        if (!last) ++at;
    }
    if (parts[0].size() != 4) std::swap(parts[0], parts[2]); // day first
    if (parts[0].size() != 4) return {};
    std::string date{parts[0]};
    for (auto const part : {parts[1], parts[2]}) {
        if (part.empty() || part.size() > 2) return {};
        date += part.size() == 1 ? "-0" : "-";
        date += part;
    }
    return LeadingDate{std::move(date), text.substr(at)};
}

/// `10:30`, `10:30:05.5Z`, … split into a full time and the zone, which may be empty.
struct TimeOfDay {
    std::string time;
    std::string_view zone;
};

TimeOfDay time_of_day(std::string_view text) {
    auto const end = text.find_first_not_of("0123456789:.");
    auto const clock = text.substr(0, end);
    auto const zone = end == std::string_view::npos ? std::string_view{} : text.substr(end);
    std::string time{clock};
    if (time.find(':') == 1) time = fmt::format("0{}", time);
    if (time.size() == 5) time = fmt::format("{}:00", time);
    return {std::move(time), trimmed(zone)};
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) noexcept {
    return a / b - (a % b < 0 ? 1 : 0);
}

} // namespace

std::optional<int> read_utc_offset(std::string_view text) noexcept {
    if (text == "Z" || text == "z") return 0;
    if (text.size() < 3 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
    int const sign = text[0] == '-' ? -1 : 1;
    auto const hours = parse<int>(text.substr(1, 2));
    auto rest = text.substr(3);
    if (rest.starts_with(':')) rest.remove_prefix(1);
    auto const minutes = rest.empty() ? std::optional{0} : parse<int>(rest);
    if (!hours || !minutes || *hours < 0 || *hours > 14 || *minutes < 0 || *minutes > 59 ||
        (!rest.empty() && rest.size() != 2))
        return std::nullopt;
    return sign * (*hours * 60 + *minutes);
}

int ValueReader::local_offset() const noexcept {
    return m_utc_offset.value_or(vietnam_offset);
}

ReadValue ValueReader::as_date(ValueView const& from) const {
    if (auto const* date = std::get_if<Date>(&from)) return found(*date);
    if (auto const* instant = std::get_if<Instant>(&from)) {
        auto const local = instant->microseconds + local_offset() * minute;
        return found(Date{static_cast<std::int32_t>(floor_div(local, day))});
    }
    if (auto const* text = std::get_if<std::string_view>(&from)) {
        auto const leading = leading_date(*text);
        if (leading && leading->rest.empty())
            if (auto const date = geo::codec::read_date(leading->date)) return found(*date);
        auto const instant = as_timestamp(from);
        if (instant.zoneless) return found(*geo::codec::read_date(leading->date));
        if (instant.fault.empty()) return as_date(instant.value);
    }
    return fault("bad-date");
}

ReadValue ValueReader::as_timestamp(ValueView const& from) const {
    if (auto const* instant = std::get_if<Instant>(&from)) return found(*instant);
    if (auto const* date = std::get_if<Date>(&from))
        return found(Instant{date->days * day - local_offset() * minute});
    auto const* text = std::get_if<std::string_view>(&from);
    if (text == nullptr) return fault("bad-timestamp");
    auto leading = leading_date(*text);
    if (!leading) return fault("bad-timestamp");
    if (leading->rest.empty()) {
        auto const date = geo::codec::read_date(leading->date);
        return date ? as_timestamp(*date) : fault("bad-timestamp");
    }
    if (leading->rest[0] != 'T' && leading->rest[0] != ' ') return fault("bad-timestamp");
    auto const time = time_of_day(trimmed(leading->rest.substr(1)));
    auto const clock = geo::codec::read_instant(fmt::format("{}T{}Z", leading->date, time.time));
    if (!clock) return fault("bad-timestamp");
    auto offset = m_utc_offset;
    if (!time.zone.empty()) {
        offset = read_utc_offset(time.zone);
        if (!offset) return fault("bad-timestamp");
    }
    if (!offset) return {.value = {}, .fault = "no-time-zone", .zoneless = true};
    return found(Instant{clock->microseconds - *offset * minute});
}

ReadValue ValueReader::as_text(ValueView const& from, std::string& scratch) const {
    scratch.clear();
    std::array<char, 32> digits{};
    auto const write = [&](auto number) {
        auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
        scratch.assign(digits.data(), end);
    };
    if (auto const* text = std::get_if<std::string_view>(&from)) return found(*text);
    if (auto const* flag = std::get_if<bool>(&from)) scratch = *flag ? "true" : "false";
    if (auto const* integer = std::get_if<std::int64_t>(&from)) write(*integer);
    if (auto const* number = std::get_if<double>(&from)) write(*number);
    if (auto const* date = std::get_if<Date>(&from)) geo::codec::append_date(scratch, *date);
    if (auto const* instant = std::get_if<Instant>(&from))
        geo::codec::append_instant(scratch, *instant);
    return found(std::string_view{scratch});
}

ReadValue ValueReader::read(ValueView const& from, geo::FieldType type,
                            std::string& scratch) const {
    if (std::holds_alternative<std::monostate>(from)) return found(from);
    if (auto const* text = std::get_if<std::string_view>(&from)) {
        auto const inner = trimmed(*text);
        if (inner.empty()) return found(std::monostate{});
        if (inner.size() != text->size()) return read(inner, type, scratch);
    }
    switch (type) {
    case geo::FieldType::text: return as_text(from, scratch);
    case geo::FieldType::integer: return as_integer(from);
    case geo::FieldType::number: return as_number(from);
    case geo::FieldType::boolean: return as_boolean(from);
    case geo::FieldType::date: return as_date(from);
    case geo::FieldType::timestamp: return as_timestamp(from);
    }
    return fault("bad-value");
}

} // namespace diaban::services::domain
