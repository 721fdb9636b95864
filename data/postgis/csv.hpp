#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace diaban::data::postgis {

/// A small table file of an authority, read whole: RFC 4180, UTF-8, a byte-order mark is passed
/// over. For files of unknown form there is data/gdal.
class CsvTable {
public:
    struct Row {
        std::size_t line = 0; ///< where it begins, counted from 1
        std::vector<std::string> cells;

        /// Cell `i` without blanks and line ends at its ends, runs of blanks as one; empty if the
        /// row is shorter.
        [[nodiscard]] std::string cell(std::size_t i) const;
    };

    /// Throws Error{not_found, "no-file"}; Error{bad_input, "unreadable-file"} for a quote that is
    ///        not closed.
    static CsvTable read(std::filesystem::path const& file);

    [[nodiscard]] std::vector<Row> const& rows() const noexcept { return m_rows; }
    /// Which column of the first row is called so.
    [[nodiscard]] std::optional<std::size_t> column(std::string const& name) const;

private:
    std::vector<Row> m_rows;
};

} // namespace diaban::data::postgis
