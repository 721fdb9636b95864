#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>

namespace diaban::tests::fuzz {

using Bytes = std::span<std::uint8_t const>;

/// Each hands any bytes to one parser. It returns when they are read or refused by Error, and
/// throws std::logic_error when what was read is not what is written from it.
void wkb(Bytes input);
void geojson(Bytes input);
void cql2_text(Bytes input);
void cql2_json(Bytes input);
void sta_query(Bytes input);
void pmtiles(Bytes input);

inline void require(bool holds, char const* sentence) {
    if (!holds) throw std::logic_error(sentence);
}

} // namespace diaban::tests::fuzz
