#pragma once

#include "data/sqlite/database.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace diaban::data::sqlite {

/// What an MBTiles file says of itself: `name`, `format`, `bounds`, …
using Metadata = std::map<std::string, std::string>;

/// Reads MBTiles 1.3, whoever made it.
///
/// Rows     XYZ, row 0 in the north; the file counts from the south.
/// Threads  any number; they take turns.
class MbtilesReader {
public:
    /// Throws  Error{bad_input, "bad-archive"} with the `reason`: no SQLite, no table or view
    ///         `tiles` or `metadata`, more than 1,000 lines or 512 KiB of metadata.
    explicit MbtilesReader(std::filesystem::path const& file);

    [[nodiscard]] Metadata const& metadata() const noexcept { return m_metadata; }
    /// The zooms that have tiles, lowest and highest; nothing for none. Cost: two looks at the
    /// index.
    [[nodiscard]] std::optional<std::pair<std::uint32_t, std::uint32_t>> zooms();
    /// Throws  Error{unavailable, "archive-unreadable"} for a damaged file, or one whose tiles are
    ///         not found by an index.
    [[nodiscard]] std::optional<std::string> tile(std::uint32_t zoom, std::uint32_t column,
                                                  std::uint32_t row);

private:
    std::mutex m_mutex;
    Database m_database;
    Metadata m_metadata;
    Statement m_tile;
};

/// Writes MBTiles 1.3 into a new file: different tiles once (table `images`), which tile is which
/// beside it (`map`), and the view `tiles` that readers ask.
class MbtilesWriter {
public:
    explicit MbtilesWriter(std::filesystem::path const& file);

    /// A body under a number of its own, before the tiles that are it.
    void add_body(std::int64_t number, std::string_view body);
    /// As XYZ, row 0 in the north. Ascending by (zoom, column, row) is quickest.
    void add_tile(std::uint32_t zoom, std::uint32_t column, std::uint32_t row, std::int64_t body);
    void add_metadata(std::string_view name, std::string_view value);
    void finish();

private:
    Database m_database;
    Statement m_body;
    Statement m_tile;
    Statement m_metadata;
};

} // namespace diaban::data::sqlite
