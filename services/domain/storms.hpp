#pragma once

#include "data/postgis/feature_store.hpp"
#include "geo/hazard/storm_rules.hpp"
#include "geo/hazard/storm_track.hpp"
#include "services/domain/picture.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace diaban::services::domain {

/// Knots in metres a second: 1852 m in an hour, exactly.
inline constexpr double knot = 1852.0 / 3600;

/// A storm of the past that came near a place.
struct PastStorm {
    std::int64_t fid = 0; ///< of its track
    std::string storm_id;
    std::string name; ///< empty: it had none
    geo::hazard::Approach approach;
    std::optional<geo::Instant> at; ///< of the approach; nothing where its fixes are not known
    std::optional<double> wind;     ///< m/s then; likewise
    std::optional<double> highest;  ///< m/s: the highest of its life
    geo::Instant began;
};

/// Tracks and, where the visitor sees it, the points in time that they were drawn of.
struct StormRecord {
    View const& tracks;
    geo::Policy const& tracks_policy;
    View const* fixes = nullptr;
    geo::Policy const* fixes_policy = nullptr;
};

/// The storms whose track came within `metres` of a place, nearest first, then by number.
///
/// Distances  WGS 84 geodesics of the record's doubles; see geo::hazard::NearPlace. 0: it entered.
/// Fixes      of a storm that has them give track, time and wind; of others the track alone.
/// Cost       a statement for the tracks near the place, and about a millisecond each.
/// Throws     Error{unavailable, …} if the record cannot be read.
[[nodiscard]] std::vector<PastStorm> storms_near(StormRecord const& record,
                                                 data::postgis::FeatureStore const& store,
                                                 geo::Geometry place, double metres);

/// Rules about storms, of all dates, as the policy sees them.
[[nodiscard]] std::vector<geo::hazard::WindLevel> read_wind_levels(View const& levels,
                                                                   geo::Policy const& policy);
[[nodiscard]] std::vector<geo::hazard::StormRisk> read_storm_risks(View const& risks,
                                                                   geo::Policy const& policy);

} // namespace diaban::services::domain
