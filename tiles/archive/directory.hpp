#pragma once

#include "tiles/tile_id.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

/// Directories of PMTiles, version 3: bytes in, bytes out. Files and compression are the caller's.
namespace diaban::tiles::archive {

/// The number of a tile in an archive: zoom by zoom from 0, each along its Hilbert curve.
[[nodiscard]] std::uint64_t number_of(TileId tile) noexcept;

/// The tile of a number; none above TileId::max_zoom.
[[nodiscard]] std::optional<TileId> tile_of(std::uint64_t number) noexcept;

/// The first of the four tiles below the tile of a number, which follow one another.
[[nodiscard]] std::uint64_t first_child(std::uint64_t number) noexcept;

/// A line of a directory: a run of equal tiles, or, when `run` is 0, a leaf directory.
struct Entry {
    std::uint64_t number = 0; ///< of the first tile
    std::uint64_t offset = 0; ///< bytes from the start of the tiles, or of the leaf directories
    std::uint32_t length = 0; ///< bytes, never 0
    std::uint32_t run = 0;    ///< tiles

    friend bool operator==(Entry const&, Entry const&) = default;
};

/// `entries`, ascending by number and not overlapping, as an uncompressed directory.
[[nodiscard]] std::vector<std::byte> encode(std::span<Entry const> entries);

/// The entries of an uncompressed directory.
///
/// Nothing  if the bytes are cut short or go on, if numbers do not ascend, runs overlap, a length
///          is 0, or a sum leaves 64 bits.
/// Memory   at most 6 bytes for each byte given: a false count reserves nothing.
[[nodiscard]] std::optional<std::vector<Entry>> decode(std::span<std::byte const> bytes);

/// The entry of `entries` (as decode() gives them) that holds tile `number`, or the leaf directory
/// in which it would be.
[[nodiscard]] std::optional<Entry> find(std::span<Entry const> entries, std::uint64_t number);

/// The entries of a leaf directory that `entry` stands for, kept alive by whoever wants them.
using Leaf = std::function<std::shared_ptr<std::vector<Entry> const>(Entry const& entry)>;

/// The entry of tile `number`, sought from `root` down through leaf directories.
///
/// Throws  Error{bad_input, "bad-archive"} where leaves lie in leaves more than three deep: they
///         may lead in a circle.
[[nodiscard]] std::optional<Entry> locate(std::span<Entry const> root, std::uint64_t number,
                                          Leaf const& leaf);

/// Compressed directories, as they lie in a file.
struct Directories {
    std::vector<std::byte> root;
    std::vector<std::byte> leaves; ///< one after another; empty if the root holds all entries
};

/// Header and root together lie within the first 16,384 bytes; the header has 127.
constexpr std::size_t root_limit = 16'257;

using Compress = std::function<std::vector<std::byte>(std::span<std::byte const>)>;

/// `entries` as one root directory, or as leaf directories under a root of at most `limit` bytes.
///
/// Method  leaves of 4,096 entries; twice as many each time that the root is still too large.
[[nodiscard]] Directories arrange(std::span<Entry const> entries, Compress const& compress,
                                  std::size_t limit = root_limit);

} // namespace diaban::tiles::archive
