#pragma once

#include "geo/feature.hpp"
#include "geo/geometry.hpp"
#include "geo/period.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace diaban::geo::filter {

/// The distinct values of a column by code. Code 0 is null and is never asked for.
///
/// Values    of the field's type; a NaN counts as null; texts are views of bytes in NFC that stay
///           where they are as long as the dictionary does.
class Dictionary {
public:
    virtual ~Dictionary() = default;
    /// Codes, null among them: one beyond the highest.
    [[nodiscard]] virtual std::size_t size() const noexcept = 0;
    [[nodiscard]] virtual ValueView value(std::uint32_t code) const noexcept = 0;
};

/// A field of every row. Each code is below `dictionary->size()`.
struct Column {
    std::span<std::uint32_t const> codes;
    Dictionary const* dictionary = nullptr;
};

/// How a row's geometry may lie to a box.
enum class Nearness : std::uint8_t {
    none, ///< the row has no geometry
    far,  ///< it certainly misses the box
    near, ///< it may meet it
};

/// The rows that a filter is evaluated on, column by column: what a mirror offers. Rows are
/// numbered from 0.
///
/// Geometry  is asked for row by row, and only of rows that nothing else has decided.
/// Threads   all functions may be called from any number of threads at once.
class Columns {
public:
    virtual ~Columns() = default;

    [[nodiscard]] virtual std::size_t rows() const noexcept = 0;
    /// The column of a field of the schema that Filter::make was given, marked `tile` and not
    /// personal.
    [[nodiscard]] virtual Column column(std::string_view field) const = 0;
    /// The property `id`.
    [[nodiscard]] virtual std::int64_t fid(std::size_t row) const = 0;
    /// The property `valid`; Period::never() is null.
    [[nodiscard]] virtual Period valid(std::size_t row) const = 0;

    [[nodiscard]] virtual bool has_geometry(std::size_t row) const = 0;
    /// For each of `rows`: how its box may lie to `box` (EPSG:4326, closed).
    virtual void near(Box const& box, std::span<std::uint32_t const> rows,
                      std::span<Nearness> answers) const = 0;
    /// A box in EPSG:4326 that certainly holds the record's geometry.
    [[nodiscard]] virtual Box box(std::size_t row) const = 0;
    /// The geometry in EPSG:4326, nested as in the record.
    virtual void geometry(std::size_t row, Geometry& into) const = 0;
    /// No position of the row's `geometry` is farther than this from the record's; degrees. 0: they
    /// are the record's.
    [[nodiscard]] virtual double tolerance(std::size_t row) const noexcept = 0;
};

} // namespace diaban::geo::filter
