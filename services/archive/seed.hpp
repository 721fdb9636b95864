#pragma once

#include "services/archive/seed_ground.hpp"
#include "services/archive/seed_tiles.hpp"
#include "services/archive/spool.hpp"
#include "services/archive/tile_archive.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace diaban::services::archive {

/// Tiles that are done, and how many there are to do.
using OnTiles = std::function<void(std::uint64_t done, std::uint64_t of)>;

/// Makes the tiles of `numbers` that `spool` does not have yet, on `threads` threads, and adds them
/// in their order, those that are empty left out: what lies in the spool hangs neither on the
/// threads nor on how often the work was broken off.
///
/// Bytes     as they are answered over HTTP, coded by gzip.
/// Throws    as draw_tile and Spool.
/// Cost      that of the tiles; at most `4 * threads` batches of 64 tiles are held.
void make_tiles(SeedGround const& ground, std::vector<std::uint64_t> const& numbers,
                tiles::CutOptions const& cut, unsigned threads, Spool& spool,
                OnTiles const& on_tiles);

/// Writes what lies in the spool as PMTiles 3, or as MBTiles 1.3 where `target` ends so: into a
/// file beside it, which then takes its name. What stood there stays until then.
///
/// Tiles     PMTiles: gzip, clustered, equal tiles once, runs of them as one line. MBTiles: equal
///           tiles once, behind a view.
/// Throws    Error{bad_input, "unwritable-file"}; Error{not_found, "nothing-to-seed"} for no tiles.
void write_archive(Spool const& spool, About const& about, std::filesystem::path const& target);

} // namespace diaban::services::archive
