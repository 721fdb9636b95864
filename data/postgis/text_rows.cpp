#include "data/postgis/text_rows.hpp"

#include "data/postgis/sql_text.hpp"
#include "geo/codec/wkb.hpp"
#include "geo/error.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>

namespace diaban::data::postgis {
namespace {

using geo::FieldType;

[[noreturn]] void broken(std::string_view text) {
    throw geo::Error{geo::Code::internal, "bad-row", {}, std::string{text}};
}

template <class Number>
Number number(std::string_view text) {
    Number value{};
    auto const [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc{} || end != text.data() + text.size()) broken(text);
    return value;
}

/// What each character says as a hexadecimal digit.
constexpr auto digits = [] {
    std::array<std::uint8_t, 256> all{};
    for (unsigned i = 0; i < 10; ++i) all[std::size_t{'0'} + i] = static_cast<std::uint8_t>(i);
    for (unsigned i = 0; i < 6; ++i)
        all[std::size_t{'A'} + i] = all[std::size_t{'a'} + i] = static_cast<std::uint8_t>(10 + i);
    return all;
}();

std::byte byte_of(char high, char low) noexcept {
    return static_cast<std::byte>(digits[static_cast<unsigned char>(high)] << 4U |
                                  digits[static_cast<unsigned char>(low)]);
}

} // namespace

std::string text_expression(geo::Field const& field, std::string_view alias) {
    auto const expression = field_expression(field, alias);
    if (field.type == FieldType::date) return "(" + expression + " - DATE '1970-01-01')";
    if (field.type == FieldType::timestamp)
        return "(extract(epoch FROM " + expression + ") * 1000000)::bigint";
    return expression;
}

geo::Value read_value(std::string_view text, FieldType type) {
    switch (type) {
    case FieldType::text: return std::string{text};
    case FieldType::integer: return number<std::int64_t>(text);
    case FieldType::number: return number<double>(text);
    case FieldType::boolean: return text == "t";
    case FieldType::date: return geo::Date{number<std::int32_t>(text)};
    case FieldType::timestamp: return geo::Instant{number<std::int64_t>(text)};
    }
    broken(text);
}

void read_shape(std::string_view hexadecimal, std::vector<std::byte>& bytes, geo::Geometry& into) {
    bytes.resize(hexadecimal.size() / 2);
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = byte_of(hexadecimal[2 * i], hexadecimal[2 * i + 1]);
    geo::codec::read_wkb(bytes, into);
}

std::string exact_text(double value) {
    std::array<char, 32> text{};
    auto const [end, fault] = std::to_chars(text.data(), text.data() + text.size(), value);
    return {text.data(), end};
}

} // namespace diaban::data::postgis
