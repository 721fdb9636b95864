#include "data/postgis/binary_rows.hpp"

#include "geo/error.hpp"

#include <array>
#include <bit>
#include <cstring>
#include <string>

namespace diaban::data::postgis {
namespace {

using geo::FieldType;
using geo::ValueView;

// PostgreSQL counts days and microseconds from 2000-01-01, we from 1970-01-01.
constexpr std::int32_t epoch_days = 10957;
constexpr std::int64_t epoch_microseconds = std::int64_t{epoch_days} * 86'400'000'000;

constexpr std::array<unsigned char, copy_header_size> header_bytes{
    'P', 'G', 'C', 'O', 'P', 'Y', '\n', 0xff, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0};

template <class Unsigned>
Unsigned swapped(Unsigned value) noexcept {
    if constexpr (std::endian::native == std::endian::big)
        return value;
    else if constexpr (sizeof value == 2)
        return __builtin_bswap16(value);
    else if constexpr (sizeof value == 4)
        return __builtin_bswap32(value);
    else if constexpr (sizeof value == 8)
        return __builtin_bswap64(value);
    else
        return value;
}

[[noreturn]] void broken() {
    throw geo::Error{geo::Code::internal, "bad-copy-row"};
}

} // namespace

template <class Unsigned>
void RowWriter::number(Unsigned value) {
    auto const bytes = std::bit_cast<std::array<std::byte, sizeof value>>(swapped(value));
    m_out.insert(m_out.end(), bytes.begin(), bytes.end());
}

void RowWriter::header() {
    auto const bytes = std::as_bytes(std::span{header_bytes});
    m_out.insert(m_out.end(), bytes.begin(), bytes.end());
}

void RowWriter::trailer() {
    number<std::uint16_t>(0xffff);
}

void RowWriter::begin_row(std::size_t fields) {
    number(static_cast<std::uint16_t>(fields));
}

void RowWriter::null() {
    number<std::uint32_t>(0xffffffff);
}

void RowWriter::bytes(std::span<std::byte const> value) {
    number(static_cast<std::uint32_t>(value.size()));
    m_out.insert(m_out.end(), value.begin(), value.end());
}

void RowWriter::text(std::string_view value) {
    bytes(std::as_bytes(std::span{value}));
}

void RowWriter::int2(std::int16_t value) {
    number<std::uint32_t>(2);
    number(static_cast<std::uint16_t>(value));
}

void RowWriter::int4(std::int32_t value) {
    number<std::uint32_t>(4);
    number(static_cast<std::uint32_t>(value));
}

void RowWriter::int8(std::int64_t value) {
    number<std::uint32_t>(8);
    number(static_cast<std::uint64_t>(value));
}

void RowWriter::float8(double value) {
    number<std::uint32_t>(8);
    number(std::bit_cast<std::uint64_t>(value));
}

void RowWriter::boolean(bool value) {
    number<std::uint32_t>(1);
    m_out.push_back(value ? std::byte{1} : std::byte{0});
}

void RowWriter::date(geo::Date value) {
    int4(value.days - epoch_days);
}

void RowWriter::timestamp(geo::Instant value) {
    int8(value.microseconds - epoch_microseconds);
}

void RowWriter::value(ValueView const& value, FieldType type) {
    if (std::holds_alternative<std::monostate>(value)) return null();
    switch (type) {
    case FieldType::text:
        if (auto const* held = std::get_if<std::string_view>(&value)) return text(*held);
        break;
    case FieldType::integer:
        if (auto const* held = std::get_if<std::int64_t>(&value)) return int8(*held);
        break;
    case FieldType::number:
        if (auto const* held = std::get_if<double>(&value)) return float8(*held);
        if (auto const* held = std::get_if<std::int64_t>(&value))
            return float8(static_cast<double>(*held));
        break;
    case FieldType::boolean:
        if (auto const* held = std::get_if<bool>(&value)) return boolean(*held);
        break;
    case FieldType::date:
        if (auto const* held = std::get_if<geo::Date>(&value)) return date(*held);
        break;
    case FieldType::timestamp:
        if (auto const* held = std::get_if<geo::Instant>(&value)) return timestamp(*held);
        break;
    }
    throw geo::Error{geo::Code::internal, "value-type", {{"type", std::string{to_string(type)}}}};
}

template <class Unsigned>
Unsigned RowReader::number(std::span<std::byte const> bytes) const {
    if (bytes.size() != sizeof(Unsigned)) broken();
    Unsigned value{};
    std::memcpy(&value, bytes.data(), sizeof value);
    return swapped(value);
}

RowReader::RowReader(std::span<std::byte const> row) : m_rest{row} {
    m_fields = static_cast<std::int16_t>(number<std::uint16_t>(take(2)));
}

std::span<std::byte const> RowReader::take(std::size_t size) {
    if (m_rest.size() < size) broken();
    auto const taken = m_rest.first(size);
    m_rest = m_rest.subspan(size);
    return taken;
}

std::optional<std::span<std::byte const>> RowReader::bytes() {
    auto const size = static_cast<std::int32_t>(number<std::uint32_t>(take(4)));
    if (size < 0) return std::nullopt;
    return take(static_cast<std::size_t>(size));
}

std::string_view RowReader::text() {
    auto const held = bytes();
    if (!held) return {};
    return {reinterpret_cast<char const*>(held->data()), held->size()};
}

std::int16_t RowReader::int2() {
    auto const held = bytes();
    return held ? static_cast<std::int16_t>(number<std::uint16_t>(*held)) : std::int16_t{0};
}

std::int64_t RowReader::int8() {
    auto const held = bytes();
    return held ? static_cast<std::int64_t>(number<std::uint64_t>(*held)) : 0;
}

ValueView RowReader::value(FieldType type) {
    auto const held = bytes();
    if (!held) return std::monostate{};
    switch (type) {
    case FieldType::text:
        return std::string_view{reinterpret_cast<char const*>(held->data()), held->size()};
    case FieldType::integer: return static_cast<std::int64_t>(number<std::uint64_t>(*held));
    case FieldType::number: return std::bit_cast<double>(number<std::uint64_t>(*held));
    case FieldType::boolean: return number<std::uint8_t>(*held) != 0;
    case FieldType::date:
        return geo::Date{static_cast<std::int32_t>(number<std::uint32_t>(*held)) + epoch_days};
    case FieldType::timestamp:
        return geo::Instant{static_cast<std::int64_t>(number<std::uint64_t>(*held)) +
                            epoch_microseconds};
    }
    return std::monostate{};
}

} // namespace diaban::data::postgis
