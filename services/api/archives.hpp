#pragma once

#include "services/api/backing.hpp"
#include "services/http/router.hpp"

#include <optional>
#include <string>

namespace diaban::services::api {

/// `/tiles`: the tilesets that there are, live and in archives; and the pictures of archives,
/// `/tiles/{archiveId}/{z}/{x}/{y}.png`, `.jpg`, `.webp`, `.avif`.
///
/// Empty    204. Coding: the bytes go out as they lie in the archive where the client takes them
///          so; gzip is unpacked for who does not.
void add_archives(http::Router& router, Backing const& backing);

/// The archive that `id` names, which the visitor may read, unless a collection is called so.
[[nodiscard]] std::shared_ptr<archive::TileArchive const>
readable_archive(Backing const& backing, http::Context const& context, std::string const& id);

/// A tile of it, which is asked for as `form` (`mvt`, `png`, …).
/// Throws   Error{not_found, "archive-form"} where its tiles are of another; Error{unavailable,
///          "archive-unreadable"}.
[[nodiscard]] http::Response answer_archive_tile(http::Context const& context,
                                                 archive::TileArchive const& archive,
                                                 std::string const& id, tiles::TileId tile,
                                                 std::string_view form);

/// Its TileJSON.
[[nodiscard]] http::Response answer_archive_tilejson(http::Context const& context,
                                                     archive::TileArchive const& archive,
                                                     std::string const& id);

} // namespace diaban::services::api
