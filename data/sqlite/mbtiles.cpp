#include "data/sqlite/mbtiles.hpp"

#include "geo/error.hpp"

#include <algorithm>
#include <utility>

namespace diaban::data::sqlite {

namespace {

constexpr char created[] = R"(
    BEGIN;
    CREATE TABLE metadata (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
    CREATE TABLE images (tile_id INTEGER PRIMARY KEY, tile_data BLOB NOT NULL);
    CREATE TABLE map (zoom_level INTEGER NOT NULL, tile_column INTEGER NOT NULL,
        tile_row INTEGER NOT NULL, tile_id INTEGER NOT NULL,
        PRIMARY KEY (zoom_level, tile_column, tile_row)) WITHOUT ROWID;
    CREATE VIEW tiles AS SELECT map.zoom_level AS zoom_level, map.tile_column AS tile_column,
        map.tile_row AS tile_row, images.tile_data AS tile_data
        FROM map JOIN images ON images.tile_id = map.tile_id;
)";

std::int64_t from_south(std::uint32_t zoom, std::uint32_t row) {
    return (std::int64_t{1} << zoom) - 1 - row;
}

Metadata read_metadata(Database const& database) {
    constexpr std::size_t most_lines = 1'000;
    constexpr std::size_t most_bytes = 512 << 10;
    Metadata metadata;
    std::size_t bytes = 0;
    auto lines = database.prepare("SELECT name, value FROM metadata");
    while (lines.step()) {
        std::string name{lines.text(0)};
        std::string value{lines.text(1)};
        bytes += name.size() + value.size();
        if (metadata.size() == most_lines || bytes > most_bytes)
            throw geo::Error{
                geo::Code::bad_input, "bad-archive", {{"reason", "more than 512 KiB of metadata"}}};
        metadata.emplace(std::move(name), std::move(value));
    }
    return metadata;
}

Database ours(std::filesystem::path const& file) {
    Database database{file, Database::Use::create};
    database.run(created);
    return database;
}

} // namespace

MbtilesReader::MbtilesReader(std::filesystem::path const& file)
    : m_database{file, Database::Use::read}, m_metadata{read_metadata(m_database)},
      m_tile{m_database.prepare("SELECT tile_data FROM tiles WHERE zoom_level = ?1 "
                                "AND tile_column = ?2 AND tile_row = ?3")} {}

std::optional<std::pair<std::uint32_t, std::uint32_t>> MbtilesReader::zooms() {
    std::scoped_lock const lock{m_mutex};
    std::uint32_t found[2];
    for (int i = 0; i < 2; ++i) {
        auto one = m_database.prepare(
            i == 0 ? "SELECT zoom_level FROM tiles ORDER BY zoom_level LIMIT 1"
                   : "SELECT zoom_level FROM tiles ORDER BY zoom_level DESC LIMIT 1");
        if (!one.step()) return std::nullopt;
        found[i] = static_cast<std::uint32_t>(std::clamp<std::int64_t>(one.number(0), 0, 31));
    }
    return std::pair{found[0], found[1]};
}

std::optional<std::string> MbtilesReader::tile(std::uint32_t zoom, std::uint32_t column,
                                               std::uint32_t row) {
    std::scoped_lock const lock{m_mutex};
    m_tile.bind(1, zoom);
    m_tile.bind(2, column);
    m_tile.bind(3, from_south(zoom, row));
    std::optional<std::string> body;
    if (m_tile.step()) body = std::string{m_tile.bytes(0)};
    m_tile.reset();
    return body;
}

MbtilesWriter::MbtilesWriter(std::filesystem::path const& file)
    : m_database{ours(file)}, m_body{m_database.prepare(
                                  "INSERT INTO images (tile_id, tile_data) VALUES (?1, ?2)")},
      m_tile{m_database.prepare("INSERT INTO map (zoom_level, tile_column, tile_row, tile_id) "
                                "VALUES (?1, ?2, ?3, ?4)")},
      m_metadata{m_database.prepare("INSERT INTO metadata (name, value) VALUES (?1, ?2)")} {}

void MbtilesWriter::add_body(std::int64_t number, std::string_view body) {
    m_body.bind(1, number);
    m_body.bind_bytes(2, body);
    m_body.step();
    m_body.reset();
}

void MbtilesWriter::add_tile(std::uint32_t zoom, std::uint32_t column, std::uint32_t row,
                             std::int64_t body) {
    m_tile.bind(1, zoom);
    m_tile.bind(2, column);
    m_tile.bind(3, from_south(zoom, row));
    m_tile.bind(4, body);
    m_tile.step();
    m_tile.reset();
}

void MbtilesWriter::add_metadata(std::string_view name, std::string_view value) {
    m_metadata.bind_text(1, name);
    m_metadata.bind_text(2, value);
    m_metadata.step();
    m_metadata.reset();
}

void MbtilesWriter::finish() {
    m_database.run("COMMIT");
}

} // namespace diaban::data::sqlite
