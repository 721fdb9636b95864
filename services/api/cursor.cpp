// Cursors of sorted pages: the values of a place, in bytes, with a check, in base64url.

#include "geo/error.hpp"
#include "services/api/parameters.hpp"
#include "services/api/sorting.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <type_traits>

namespace diaban::services::api {

namespace {

constexpr std::string_view letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string base64url(std::string_view bytes) {
    std::string text;
    unsigned bits = 0;
    unsigned held = 0;
    for (char const c : bytes) {
        bits = bits << 8U | static_cast<unsigned char>(c);
        for (held += 8; held >= 6; held -= 6) text += letters[bits >> (held - 6) & 63U];
    }
    if (held > 0) text += letters[bits << (6 - held) & 63U];
    return text;
}

std::optional<std::string> from_base64url(std::string_view text) {
    std::string bytes;
    unsigned bits = 0;
    unsigned held = 0;
    for (char const c : text) {
        auto const at = letters.find(c);
        if (at == std::string_view::npos) return std::nullopt;
        bits = bits << 6U | static_cast<unsigned>(at);
        held += 6;
        if (held >= 8) bytes += static_cast<char>(bits >> (held -= 8) & 255U);
    }
    return bytes;
}

template <typename Number>
void append_bytes(std::string& out, Number number) {
    std::array<char, sizeof(Number)> bytes{};
    std::memcpy(bytes.data(), &number, sizeof number);
    out.append(bytes.data(), bytes.size());
}

template <typename Number>
std::optional<Number> take_bytes(std::string_view& in) {
    Number number{};
    if (in.size() < sizeof number) return std::nullopt;
    std::memcpy(&number, in.data(), sizeof number);
    in.remove_prefix(sizeof number);
    return number;
}

/// Each value: the place of its type among those of geo::Value, then its bytes.
struct AppendValue {
    std::string& out;
    void operator()(std::monostate) const {}
    void operator()(std::string const& text) const {
        append_bytes(out, static_cast<std::uint16_t>(text.size()));
        out += text;
    }
    void operator()(geo::Date date) const { append_bytes(out, date.days); }
    void operator()(geo::Instant instant) const { append_bytes(out, instant.microseconds); }
    template <typename Number>
    void operator()(Number number) const {
        append_bytes(out, number);
    }
};

std::optional<geo::Value> take_value(std::string_view& in, geo::FieldType type) {
    auto const tag = take_bytes<std::uint8_t>(in);
    if (!tag) return std::nullopt;
    if (*tag == geo::Value{}.index()) return geo::Value{};
    auto const as = [&](auto made) -> std::optional<geo::Value> {
        if (!made || geo::Value{*made}.index() != *tag) return std::nullopt;
        return geo::Value{*made};
    };
    switch (type) {
    case geo::FieldType::integer: return as(take_bytes<std::int64_t>(in));
    case geo::FieldType::number: return as(take_bytes<double>(in));
    case geo::FieldType::boolean: {
        auto const byte = take_bytes<std::uint8_t>(in);
        return as(byte ? std::optional{*byte != 0} : std::nullopt);
    }
    case geo::FieldType::date: {
        auto const days = take_bytes<std::int32_t>(in);
        return as(days ? std::optional{geo::Date{*days}} : std::nullopt);
    }
    case geo::FieldType::timestamp: {
        auto const count = take_bytes<std::int64_t>(in);
        return as(count ? std::optional{geo::Instant{*count}} : std::nullopt);
    }
    case geo::FieldType::text: break;
    }
    auto const size = take_bytes<std::uint16_t>(in);
    if (!size || in.size() < *size) return std::nullopt;
    std::string text{in.substr(0, *size)};
    in.remove_prefix(*size);
    return as(std::optional{std::move(text)});
}

/// Belongs to the bytes and to the order they were made for.
std::uint32_t check_of(std::string_view bytes, std::string_view sortby) {
    return static_cast<std::uint32_t>(XXH3_64bits_withSeed(
        bytes.data(), bytes.size(), XXH3_64bits(sortby.data(), sortby.size())));
}

[[noreturn]] void refuse_cursor(std::string_view text) {
    throw geo::Error{geo::Code::bad_input,
                     "bad-cursor",
                     {{"parameter", "cursor"},
                      {"value", std::string{text.substr(0, 64)}},
                      {"accepted", "the cursor of a link rel=next"}}};
}

std::optional<domain::SortPlace> read_place(std::string_view bytes,
                                            std::vector<domain::SortKey> const& keys,
                                            geo::Schema const& schema) {
    domain::SortPlace place;
    for (auto const& key : keys) {
        if (key.field.empty()) continue;
        auto const field = std::ranges::find(schema.fields, key.field, &geo::Field::name);
        auto value = take_value(bytes, field->type);
        if (!value) return std::nullopt;
        place.values.push_back(std::move(*value));
    }
    auto const fid = take_bytes<std::int64_t>(bytes);
    if (!fid || *fid < 0 || !bytes.empty()) return std::nullopt;
    place.fid = *fid;
    return place;
}

} // namespace

std::string write_cursor(domain::SortPlace const& place, std::string_view sortby) {
    if (sortby.empty()) return write_cursor(place.fid);
    std::string bytes;
    for (auto const& value : place.values) {
        bytes += static_cast<char>(value.index());
        std::visit(AppendValue{bytes}, value);
    }
    append_bytes(bytes, place.fid);
    append_bytes(bytes, check_of(bytes, sortby));
    return base64url(bytes);
}

std::optional<domain::SortPlace> read_cursor(http::Query const& query,
                                             std::vector<domain::SortKey> const& keys,
                                             geo::Schema const& schema) {
    auto const text = query.find("cursor");
    if (!text) return std::nullopt;
    if (keys.empty()) return domain::SortPlace{{}, *read_cursor(query)};
    auto const bytes = from_base64url(*text);
    if (!bytes || bytes->size() < sizeof(std::uint32_t)) refuse_cursor(*text);
    auto const body = std::string_view{*bytes}.substr(0, bytes->size() - sizeof(std::uint32_t));
    auto check = std::string_view{*bytes}.substr(body.size());
    if (take_bytes<std::uint32_t>(check) != check_of(body, *query.find("sortby")))
        refuse_cursor(*text);
    auto place = read_place(body, keys, schema);
    if (!place) refuse_cursor(*text);
    return place;
}

} // namespace diaban::services::api
