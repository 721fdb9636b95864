#include "services/api/parameters.hpp"

#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "services/domain/time_fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace diaban::services::api {

namespace {

constexpr std::uint32_t most_limit = 100'000;

template <class T>
std::optional<T> whole_number(std::string_view text, int base = 10) {
    T value{};
    auto const* const end = text.data() + text.size();
    auto const [stop, fault] = std::from_chars(text.data(), end, value, base);
    if (fault != std::errc{} || stop != end) return std::nullopt;
    return value;
}

/// One end of an interval: first and last microsecond of what it names.
std::optional<geo::Period> read_moment(std::string_view text) {
    if (auto const instant = geo::codec::read_instant(text))
        return geo::Period{instant->microseconds, instant->microseconds};
    if (auto const day = geo::codec::read_date(text)) {
        auto const begin = domain::local_midnight(*day).microseconds;
        return geo::Period{begin, begin + 86'400'000'000 - 1};
    }
    return std::nullopt;
}

/// Spreads the bits of a fid so that cursors do not invite guessing; its own check is the rest.
constexpr std::uint64_t cursor_factor = 0x9e3779b97f4a7c15; // odd: invertible modulo 2^64

constexpr std::uint64_t inverse(std::uint64_t odd) {
    std::uint64_t x = odd;
    for (int i = 0; i < 6; ++i) x *= 2 - odd * x; // Newton's step doubles the bits that are right
    return x;
}
static_assert(cursor_factor * inverse(cursor_factor) == 1);

} // namespace

void refuse_parameter(std::string_view name, std::string_view value, std::string accepted) {
    throw geo::Error{geo::Code::bad_input,
                     "bad-parameter",
                     {{"parameter", std::string{name}},
                      {"value", std::string{value.substr(0, 64)}},
                      {"accepted", std::move(accepted)}}};
}

std::optional<double> finite_number(std::string_view text) {
    double value = 0;
    auto const* const end = text.data() + text.size();
    auto const [stop, fault] = std::from_chars(text.data(), end, value);
    if (fault != std::errc{} || stop != end || !std::isfinite(value)) return std::nullopt;
    return value;
}

namespace {

[[noreturn]] void refuse_bbox(http::Query const& query, std::string accepted) {
    throw geo::Error{geo::Code::bad_input,
                     "bad-bbox",
                     {{"parameter", "bbox"},
                      {"value", std::string{query.find("bbox")->substr(0, 128)}},
                      {"accepted", std::move(accepted)}}};
}

/// The four numbers of `bbox`, or the six without the heights; nothing if it was not sent.
std::optional<std::array<double, 4>> bbox_numbers(http::Query const& query,
                                                  std::string const& accepted) {
    auto const text = query.find("bbox");
    if (!text) return std::nullopt;
    std::array<double, 6> numbers{};
    std::size_t count = 0;
    for (auto rest = *text;;) {
        auto const comma = rest.find(',');
        auto const number = finite_number(rest.substr(0, comma));
        if (!number || count == numbers.size()) refuse_bbox(query, accepted);
        numbers[count++] = *number;
        if (comma == std::string_view::npos) break;
        rest.remove_prefix(comma + 1);
    }
    if (count == 4) return std::array{numbers[0], numbers[1], numbers[2], numbers[3]};
    if (count != 6 || numbers[2] > numbers[5]) refuse_bbox(query, accepted);
    return std::array{numbers[0], numbers[1], numbers[3], numbers[4]};
}

constexpr char world_bbox[] = "west,south,east,north (-180..180, -90..90, south <= north)";

} // namespace

std::vector<geo::Box> boxes_of_world(http::Query const& query, geo::Box const& box) {
    bool const in_world = std::abs(box.min_x) <= 180 && std::abs(box.max_x) <= 180 &&
                          std::abs(box.min_y) <= 90 && std::abs(box.max_y) <= 90;
    if (!in_world || box.min_y > box.max_y) refuse_bbox(query, world_bbox);
    if (box.min_x <= box.max_x) return {box};
    return {{box.min_x, box.min_y, 180, box.max_y}, {-180, box.min_y, box.max_x, box.max_y}};
}

std::optional<std::uint32_t> read_whole(http::Query const& query, std::string_view name,
                                        std::uint32_t least, std::uint32_t most) {
    auto const text = query.find(name);
    if (!text) return std::nullopt;
    auto const number = finite_number(*text);
    if (!number || *number < least || *number > most || *number != std::floor(*number))
        refuse_parameter(name, *text, fmt::format("{}..{}", least, most));
    return std::uint32_t(*number);
}

std::vector<geo::Box> read_bbox(http::Query const& query) {
    auto const numbers = bbox_numbers(query, world_bbox);
    if (!numbers) return {};
    return boxes_of_world(query, {(*numbers)[0], (*numbers)[1], (*numbers)[2], (*numbers)[3]});
}

std::optional<geo::Box> read_plane_bbox(http::Query const& query, bool y_first) {
    std::string const accepted = y_first ? "south,west,north,east" : "west,south,east,north";
    auto const numbers = bbox_numbers(query, accepted);
    if (!numbers) return std::nullopt;
    geo::Box box{(*numbers)[0], (*numbers)[1], (*numbers)[2], (*numbers)[3]};
    if (y_first) box = {box.min_y, box.min_x, box.max_y, box.max_x};
    bool const about_world = y_first; // degrees: a west beyond the east crosses the antimeridian
    if (box.min_y > box.max_y || (box.min_x > box.max_x && !about_world))
        refuse_bbox(query, accepted);
    return box;
}

std::optional<geo::Period> read_datetime(http::Query const& query) {
    auto const text = query.find("datetime");
    if (!text) return std::nullopt;
    auto const refuse = [&] {
        refuse_parameter("datetime", *text,
                         "2025-07-01, 2025-07-01T07:00:00Z, begin/end, ../end, begin/..");
    };
    auto const slash = text->find('/');
    if (slash == std::string_view::npos) {
        auto const moment = read_moment(*text);
        if (!moment) refuse();
        return moment;
    }
    geo::Period period;
    auto const open = [](std::string_view end) { return end.empty() || end == ".."; };
    auto const begin = text->substr(0, slash);
    auto const end = text->substr(slash + 1);
    if (!open(begin)) {
        auto const moment = read_moment(begin);
        if (!moment) refuse();
        period.begin = moment->begin;
    }
    if (!open(end)) {
        auto const moment = read_moment(end);
        if (!moment) refuse();
        period.end = moment->end;
    }
    if (period.begin > period.end) refuse();
    return period;
}

std::optional<geo::Instant> read_as_of(http::Query const& query) {
    auto const text = query.find("as-of");
    if (!text) return std::nullopt;
    auto const instant = geo::codec::read_instant(*text);
    if (!instant) refuse_parameter("as-of", *text, "2025-07-01T07:00:00Z");
    return instant;
}

void check_json_form(http::Context const& context) {
    auto const form = context.query.find("f");
    if (form && *form != "json") refuse_parameter("f", *form, "json");
}

std::uint32_t read_limit(http::Query const& query, std::uint32_t otherwise, std::uint32_t most) {
    auto const text = query.find("limit");
    if (!text) return otherwise;
    auto const number = whole_number<std::uint32_t>(*text);
    if (!number || *number == 0 || *number > most_limit)
        refuse_parameter("limit", *text, "1.." + std::to_string(most));
    return std::min(*number, most);
}

std::optional<geo::Date> read_day(http::Query const& query, std::string_view name) {
    auto const text = query.find(name);
    if (!text) return std::nullopt;
    auto const day = geo::codec::read_date(*text);
    if (!day) refuse_parameter(name, *text, "YYYY-MM-DD");
    return day;
}

geo::Position read_position(http::Query const& query) {
    auto const read = [&](std::string_view name, double bound, char const* accepted) {
        auto const text = query.find(name);
        auto const number = text ? finite_number(*text) : std::nullopt;
        if (!number || std::abs(*number) > bound)
            refuse_parameter(name, text.value_or(""), accepted);
        return *number;
    };
    return {read("lon", 180, "-180..180"), read("lat", 90, "-90..90")};
}

std::string write_cursor(std::int64_t after_fid) {
    // The fid in the upper 56 bits, a fixed mark in the lower 8: a text made up fits one time in
    // 256.
    auto const word = (static_cast<std::uint64_t>(after_fid) << 8 | 0xd1) * cursor_factor;
    std::array<char, 16> text{};
    auto const [end, fault] = std::to_chars(text.data(), text.data() + text.size(), word, 36);
    return {text.data(), end};
}

std::optional<std::int64_t> read_cursor(http::Query const& query) {
    auto const text = query.find("cursor");
    if (!text) return std::nullopt;
    auto const word = whole_number<std::uint64_t>(*text, 36);
    auto const plain = word.value_or(0) * inverse(cursor_factor);
    if (!word || (plain & 0xff) != 0xd1)
        throw geo::Error{geo::Code::bad_input,
                         "bad-cursor",
                         {{"parameter", "cursor"},
                          {"value", std::string{text->substr(0, 64)}},
                          {"accepted", "the cursor of a link rel=next"}}};
    return static_cast<std::int64_t>(plain >> 8);
}

} // namespace diaban::services::api
