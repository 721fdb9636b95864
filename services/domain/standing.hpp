#pragma once

#include "geo/feature.hpp"
#include "geo/period.hpp"
#include "geo/schema.hpp"
#include "tiles/cut.hpp"
#include "tiles/mirror/layer.hpp"

#include <optional>

namespace diaban::services::domain {

/// Microseconds from 1970, by the system's clock.
[[nodiscard]] std::int64_t now_microseconds();

/// The time that is meant of a collection. Rows of a register end: where its schema names
/// `valid_to` as its time and none was asked for, those that are in force are meant, now or at
/// `recorded`.
[[nodiscard]] std::optional<geo::Period> meant(geo::Schema const& schema,
                                               std::optional<geo::Period> const& asked,
                                               std::optional<geo::Instant> const& recorded = {});

/// What a tile of now, or of `at`, shows: of a register only rows in force; of those what `choice`
/// leaves.
[[nodiscard]] tiles::RowChoice standing(tiles::mirror::Layer const& layer, tiles::RowChoice choice,
                                        std::optional<geo::Instant> const& at = {});

} // namespace diaban::services::domain
