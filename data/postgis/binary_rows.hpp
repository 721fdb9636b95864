#pragma once

#include "geo/feature.hpp"
#include "geo/schema.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace diaban::data::postgis {

// PostgreSQL's binary COPY format: a header, then rows of a 16-bit count of fields, each a 32-bit
// length (-1: null) and its bytes, all numbers big-endian. The whole format lives in this file.
// https://www.postgresql.org/docs/15/sql-copy.html, "Binary Format".

/// Writes a COPY stream into a buffer that the caller drains.
class RowWriter {
public:
    explicit RowWriter(std::vector<std::byte>& out) noexcept : m_out{out} {}

    void header();
    void trailer();
    void begin_row(std::size_t fields);

    void null();
    void bytes(std::span<std::byte const> value);
    void text(std::string_view value);
    void int2(std::int16_t value);
    void int4(std::int32_t value);
    void int8(std::int64_t value);
    void float8(double value);
    void boolean(bool value);
    void date(geo::Date value);
    void timestamp(geo::Instant value);

    /// A value for a column of `type`. Integers widen to numbers.
    /// Throws Error{internal, "value-type"} for a value of another type.
    void value(geo::ValueView const& value, geo::FieldType type);

private:
    template <class Unsigned>
    void number(Unsigned value);

    std::vector<std::byte>& m_out;
};

/// Reads one row of a COPY stream.
class RowReader {
public:
    explicit RowReader(std::span<std::byte const> row);

    /// Fields of the row; -1 for the stream's trailer.
    [[nodiscard]] int fields() const noexcept { return m_fields; }

    // Each reads the next field, in the column's own type; absent: null.
    std::optional<std::span<std::byte const>> bytes();
    std::string_view text(); ///< empty for null
    std::int16_t int2();     ///< 0 for null
    std::int64_t int8();     ///< 0 for null
    geo::ValueView value(geo::FieldType type);

private:
    template <class Unsigned>
    Unsigned number(std::span<std::byte const> bytes) const;
    std::span<std::byte const> take(std::size_t size);

    std::span<std::byte const> m_rest;
    int m_fields = 0;
};

/// Bytes before the first row of a stream that the server sends.
inline constexpr std::size_t copy_header_size = 19;

} // namespace diaban::data::postgis
