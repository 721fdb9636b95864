#pragma once

#include "geo/geometry.hpp"
#include "geo/period.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace diaban::geo {

/// A calendar day, counted from 1970-01-01 in the proleptic Gregorian calendar.
struct Date {
    std::int32_t days = 0;
    friend auto operator<=>(Date const&, Date const&) = default;
};

/// An instant, microseconds from 1970-01-01T00:00:00Z. Leap seconds are not counted (as
/// PostgreSQL).
struct Instant {
    std::int64_t microseconds = 0;
    friend auto operator<=>(Instant const&, Instant const&) = default;
};

/// A field's value; monostate is null.
using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string, Date, Instant>;

/// A field's value borrowed from a buffer that outlives the call it is handed to.
using ValueView =
    std::variant<std::monostate, bool, std::int64_t, double, std::string_view, Date, Instant>;

/// A value with memory of its own.
[[nodiscard]] inline Value owned(ValueView const& view) {
    return std::visit(
        [](auto const& held) -> Value {
            if constexpr (std::is_same_v<std::decay_t<decltype(held)>, std::string_view>)
                return std::string{held};
            else
                return held;
        },
        view);
}

/// A row with its exact doubles, as answered to a client. `values` follow the schema's fields.
struct Feature {
    std::int64_t fid = 0;
    Geometry geometry;
    std::vector<Value> values;
};

/// A row on its way into a mirror: borrowed, valid during one call only.
///
/// `wkb`     ISO or extended WKB, EPSG:4326 doubles; empty when the row has no geometry.
/// `period`  when the row is: legally, or when what it tells of happened. Open where nothing says.
/// `values`  the schema's `tile` fields, in schema order.
struct RowView {
    std::int64_t fid = 0;
    std::string_view scope;
    std::uint8_t sensitivity = 0;
    std::span<std::byte const> wkb;
    std::span<ValueView const> values;
    Period period{};
};

} // namespace diaban::geo
