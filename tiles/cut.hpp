#pragma once

#include "geo/policy.hpp"
#include "tiles/mirror/layer.hpp"
#include "tiles/tile_id.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace diaban::tiles {

constexpr std::uint32_t tile_extent = 4096;

/// How a tile is cut. `buffer` is in tile units (extent 4096) on every side.
struct CutOptions {
    std::uint32_t buffer = 64;
};

/// What a tile shows of what there is.
struct CutSummary {
    std::size_t shown = 0; ///< features drawn
    std::size_t total = 0; ///< features that meet the buffered tile and that the policy may see
};

/// Which rows a tile shows of those that meet it: strikes the others out of `rows`, which are rows
/// of that run that the policy may see. The others keep their order.
using RowChoice = std::function<void(mirror::LiveRun const&, std::vector<std::uint32_t>& rows)>;

/// Appends the MVT layers of one collection to `body`: `{id}` and, where the schema names a label
/// field, `{id}_label`. Appends nothing when nothing is there.
///
/// Format    Mapbox Vector Tile 2.1: extent 4096, exterior rings with positive area (y down), no
///           invalid polygon, feature id = fid. A tile body is the concatenation of its layers.
/// Shown     every feature that meets the buffered tile; one smaller than a tile unit is drawn as
///           one unit. Order is the mirror's (Hilbert), so bytes are reproducible.
/// `choice`  if given, only those rows are shown and counted.
/// Cost      nanoseconds a vertex; no allocation a feature; no lock.
CutSummary cut(mirror::Layer const& layer, TileId tile, CutOptions const& options,
               geo::Policy const& policy, std::string& body, RowChoice const& choice = {});

/// The lowest zoom whose tiles have a layer of labels, where the schema has labels.
[[nodiscard]] std::uint32_t labels_from(mirror::Layer const& layer) noexcept;
/// Whether tiles of this zoom have a layer of labels.
[[nodiscard]] bool has_labels_at(mirror::Layer const& layer, std::uint32_t zoom) noexcept;

/// Whether a tile shows this row (which has a geometry), labels aside: what `cut` would decide.
[[nodiscard]] bool draws(mirror::Layer const& layer, mirror::Layer::At at, TileId tile,
                         CutOptions const& options);

} // namespace diaban::tiles
