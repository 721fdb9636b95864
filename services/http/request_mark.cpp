#include "services/http/request_mark.hpp"

#include <algorithm>
#include <random>

namespace diaban::services::http {

namespace {

thread_local RequestMark const* current = nullptr;

constexpr std::size_t most_id = 128;
constexpr std::size_t trace_digits = 32;
constexpr std::size_t span_digits = 16;

bool is_hex(std::string_view text) noexcept {
    return std::ranges::all_of(
        text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_number(std::string_view text) noexcept {
    return is_hex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

} // namespace

std::optional<TraceParent> read_traceparent(std::string_view text) {
    // version "-" trace "-" parent "-" flags: 2, 32, 16 and 2 digits
    constexpr std::size_t whole = 55;
    if (text.size() < whole || text[2] != '-' || text[35] != '-' || text[52] != '-')
        return std::nullopt;
    auto const version = text.substr(0, 2);
    if (!is_hex(version) || version == "ff") return std::nullopt;
    if (version == "00" ? text.size() != whole : text.size() > whole && text[whole] != '-')
        return std::nullopt;
    auto const trace = text.substr(3, trace_digits);
    auto const parent = text.substr(36, span_digits);
    auto const flags = text.substr(53, 2);
    if (!is_number(trace) || !is_number(parent) || !is_hex(flags)) return std::nullopt;
    auto const last = flags[1];
    bool const sampled = ((last >= 'a' ? last - 'a' + 10 : last - '0') & 1) != 0;
    return TraceParent{std::string{trace}, std::string{parent}, sampled};
}

bool is_request_id(std::string_view text) noexcept {
    return !text.empty() && text.size() <= most_id && std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '.' || c == '_' || c == '-';
    });
}

std::string random_hex(std::size_t digits) {
    thread_local std::mt19937_64 random{(std::uint64_t{std::random_device{}()} << 32U) ^
                                        std::random_device{}()};
    constexpr char figures[] = "0123456789abcdef";
    std::string text(digits, '0');
    std::uint64_t bits = 0;
    do {
        for (std::size_t i = 0; i < digits; ++i, bits >>= 4U) {
            if (i % 16 == 0) bits = random();
            text[i] = figures[bits & 15U];
        }
    } while (text.find_first_not_of('0') == std::string::npos);
    return text;
}

RequestMark RequestMark::of(Request const& request) {
    RequestMark mark;
    mark.sent = read_traceparent(request.header("traceparent"));
    mark.trace = mark.sent ? mark.sent->trace : random_hex(trace_digits);
    auto const named = request.header("x-request-id");
    mark.id = is_request_id(named) ? std::string{named} : mark.trace;
    return mark;
}

Marked::Marked(RequestMark const& mark) noexcept : m_before{current} {
    current = &mark;
}

Marked::~Marked() {
    current = m_before;
}

std::string_view current_request() noexcept {
    return current == nullptr ? std::string_view{} : std::string_view{current->id};
}

} // namespace diaban::services::http
