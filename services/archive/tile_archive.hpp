#pragma once

#include "geo/geometry.hpp"
#include "geo/policy.hpp"
#include "tiles/archive/header.hpp"
#include "tiles/tile_id.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace diaban::services::archive {

/// Throws   Error{bad_input, "bad-archive"} with the reason.
[[noreturn]] void refuse(std::string reason);

/// Of a collection: what of it may be in an archive, and so who may read that.
using Reads = std::map<std::string, geo::Policy, std::less<>>;

/// What an archive says of itself.
struct About {
    std::string name;
    std::string description;
    std::string attribution;
    tiles::archive::Kind kind = tiles::archive::Kind::mvt;
    tiles::archive::Packing packing = tiles::archive::Packing::none; ///< of every tile
    std::uint32_t min_zoom = 0;
    std::uint32_t max_zoom = 0;
    geo::Box bounds{-180, -85.0511287798066, 180, 85.0511287798066};
    std::optional<geo::Position> centre;
    std::uint32_t centre_zoom = 0;
    std::string layers; ///< `vector_layers` as JSON: an array; empty for pictures
    std::string style;  ///< id of the style that its layers are drawn by; empty: none is known
    Reads reads;        ///< of one that was seeded here; empty: its owner put it here for everyone
};

/// Largest tile, and what it may hold once unpacked.
inline constexpr std::size_t most_tile = 16 << 20;
inline constexpr std::size_t most_unpacked = 64 << 20;

/// Tiles in a file, whoever made it.
///
/// Threads  any number.
class TileArchive {
public:
    virtual ~TileArchive() = default;
    [[nodiscard]] virtual About const& about() const noexcept = 0;
    /// The bytes of a tile as they lie in the file, packed as `about()` says.
    /// Throws  Error{unavailable, "archive-unreadable"} where the file is damaged.
    [[nodiscard]] virtual std::optional<std::string> tile(tiles::TileId tile) const = 0;
};

/// By what the file begins with. Throws  Error{bad_input, "bad-archive"} with the `reason`.
[[nodiscard]] std::shared_ptr<TileArchive const> open_archive(std::filesystem::path const& file);
[[nodiscard]] std::shared_ptr<TileArchive const> open_pmtiles(std::filesystem::path const& file);
[[nodiscard]] std::shared_ptr<TileArchive const> open_mbtiles(std::filesystem::path const& file);

/// Takes over what metadata (a JSON object) says; what is no such thing there is left out.
/// Throws  Error{bad_input, "bad-archive"} where it is no JSON, or says unclearly who may read it.
void read_metadata(std::string_view json, About& about);

/// How `reads` is kept in metadata; read_metadata takes it from there.
[[nodiscard]] std::string reads_json(Reads const& reads);

} // namespace diaban::services::archive
