#pragma once

#include "geo/geometry.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace diaban::tiles::archive {

/// How directories, metadata and tiles are packed (PMTiles 3, section 3.3).
enum class Packing : std::uint8_t { unknown, none, gzip, brotli, zstd };
/// What the tiles are (section 3.2).
enum class Kind : std::uint8_t { other, mvt, png, jpeg, webp, avif };

/// Bytes of the file.
struct Section {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;

    friend bool operator==(Section const&, Section const&) = default;
};

/// The header of a PMTiles archive, version 3.
///
/// CRS  `bounds` and `centre` are EPSG:4326, kept to 1e-7 degrees.
struct Header {
    Section root;
    Section metadata;
    Section leaves;
    Section tiles;
    std::uint64_t addressed = 0; ///< tiles; 0: not counted, as are the next two
    std::uint64_t entries = 0;   ///< lines of directories that are tiles
    std::uint64_t contents = 0;  ///< different tiles
    bool clustered = false;      ///< tiles lie in the order of their numbers
    Packing internal = Packing::gzip;
    Packing tile = Packing::gzip;
    Kind kind = Kind::mvt;
    std::uint8_t min_zoom = 0;
    std::uint8_t max_zoom = 0;
    std::uint8_t centre_zoom = 0;
    geo::Box bounds{-180, -90, 180, 90};
    geo::Position centre{0, 0};
};

constexpr std::size_t header_size = 127;
/// Header and root directory together lie within so many bytes.
constexpr std::size_t first_bytes = 16'384;

[[nodiscard]] std::array<std::byte, header_size> encode(Header const& header);

/// The header of a file of `file_size` bytes, of which `bytes` are the first 127 or more.
///
/// Throws  Error{bad_input, "bad-archive"} with the `reason` for anything but PMTiles 3, for a
///         section outside the file, a root directory beyond the first 16 KiB, more than 512 KiB of
///         metadata, zooms that make no sense.
[[nodiscard]] Header decode_header(std::span<std::byte const> bytes, std::uint64_t file_size);

} // namespace diaban::tiles::archive
