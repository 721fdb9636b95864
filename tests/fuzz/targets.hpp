#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string_view>

namespace diaban::tests::fuzz {

using Bytes = std::span<std::uint8_t const>;

/// Each hands any bytes to one parser. It returns when they are read or refused by Error, and
/// throws std::logic_error when what was read is not what is written from it.
void bulletin(Bytes input);
void cadastre_text(Bytes input);
void cap(Bytes input);
void cql2_json(Bytes input);
void cql2_text(Bytes input);
void feed(Bytes input);
void form(Bytes input);
void geojson(Bytes input);
void gzip(Bytes input);
void http_request(Bytes input);
void jpeg(Bytes input);
void mbtiles(Bytes input);
void mvt(Bytes input);
void observation(Bytes input);
void pack(Bytes input);
void photo(Bytes input);
void pmtiles(Bytes input);
void segment(Bytes input);
void settings(Bytes input);
void sta_query(Bytes input);
void tile_path(Bytes input);
void times(Bytes input);
void wkb(Bytes input);
void workbook(Bytes input);

inline std::string_view text_of(Bytes input) noexcept {
    return {reinterpret_cast<char const*>(input.data()), input.size()};
}

inline void require(bool holds, char const* sentence) {
    if (!holds) throw std::logic_error(sentence);
}

} // namespace diaban::tests::fuzz
