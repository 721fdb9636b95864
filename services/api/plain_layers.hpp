#pragma once

#include "geo/schema.hpp"
#include "services/api/json.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace diaban::services::api {

/// A collection that a style does not name, as its visitor may see it.
struct Unnamed {
    std::string id;
    geo::Title title;
    geo::GeometryKind geometry = geo::GeometryKind::none;
    std::string label_field;       ///< drawn as its name; empty: none, or not for the visitor
    bool has_label_points = false; ///< areas have a point each for their name
};

/// Adds a source and layers for each of `collections`: as a file of its own says (`own`, below),
/// else plain ones by kind of geometry, in a colour of the style's palette. They stand under the
/// first symbol of the style, and their names give way to its own.
///
/// Palette  `diaban:plain` of the style's metadata; a style without it is left as it is.
/// Colour   chosen by the collection's id, so that it stays; of two that would be alike the later
/// by
///          id takes the next.
/// Merged   below the native zoom clusters of points are discs with their count, as in the style;
///          areas and lines that were merged are drawn like the others, without a name.
void add_plain_layers(Json& style, std::vector<Unnamed> const& collections,
                      std::filesystem::path const& own);

/// Adds an entry for each of `collections` to the legend of that style.
void add_plain_legend(Json& legend, Json const& style, std::vector<Unnamed> const& collections,
                      std::filesystem::path const& own);

/// How a collection is drawn by the installation's own file `folder/{id}.json`: `layers`, MapLibre
/// layers without `id` and `source` (both are given them), and `legend`, entries as those of
/// styles/legends. Null if there is none, or it cannot be used: then the log says why.
///
/// Accepted   at most 64 KB, 20 layers of the types fill, line, circle and symbol.
[[nodiscard]] Json own_layers(std::filesystem::path const& folder, Unnamed const& collection);

} // namespace diaban::services::api
