#pragma once

#include "geo/feature.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace diaban::data::xlsx {

/// One sheet of a new workbook (Office Open XML), written row by row under a bold header.
///
/// Texts     are texts, never formulas, whatever they begin with.
/// Numbers   as doubles, which is all that a sheet knows; an integer beyond 2^53, infinity and NaN
///           as text. Dates are dates of the sheet, instants texts (RFC 3339, UTC: a sheet knows no
///           time zone); truth is TRUE or FALSE; null is an empty cell.
/// Bounds    1,048,575 rows below the header, 32,767 characters a cell.
/// Memory    one row.
/// Threads   one at a time.
class SheetSink {
public:
    /// Creates `file`, replacing what is there, under another name until `finish`.
    /// Throws    Error{bad_input, "unwritable-file"}.
    SheetSink(std::filesystem::path file, std::string const& sheet,
              std::vector<std::string> const& header);
    SheetSink(SheetSink const&) = delete;
    SheetSink& operator=(SheetSink const&) = delete;
    /// Without `finish`, leaves nothing behind.
    ~SheetSink();

    /// Throws    Error{bad_input, "unwritable-file"} where a bound is passed.
    void append(std::span<geo::Value const> values);

    /// Closes the file and gives it its name.
    void finish();

private:
    struct State;
    [[noreturn]] void fail(std::string const& reason) const;

    std::filesystem::path m_file;
    std::filesystem::path m_unfinished;
    std::unique_ptr<State> m_state;
};

} // namespace diaban::data::xlsx
