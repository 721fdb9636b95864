#pragma once

#include "services/domain/tally.hpp"

#include <cstdint>

namespace diaban::services::domain {

/// Groups of fewer rows than this are not told to who may not see the rows themselves: as official
/// statistics have it, three is too few and five is usual.
inline constexpr std::uint64_t least_group = 5;

/// Marks groups, and sums over fewer rows, that are not to be told. Where one group alone would be
/// masked the smallest other one is too: the whole without the rest would tell it.
void mask_small(Tallies& tallies);
/// The same of one group that stands alone.
void mask_small(Tally& whole);

} // namespace diaban::services::domain
