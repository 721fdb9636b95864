#pragma once

#include "geo/feature.hpp"
#include "geo/geometry.hpp"
#include "geo/hazard/storm_rules.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace diaban::services::domain {

/// What a bulletin says of the risk of an area, in its own words.
struct OfficialRisk {
    std::string area;
    bool mainland = false; ///< else at sea
    int risk = 0;          ///< 1 … 5
};

/// A whole range of numbers, both ends included.
struct NumberRange {
    double from = 0;
    double until = 0;
};

/// A storm's centre as a bulletin has it.
struct BulletinFix {
    geo::Instant at;
    bool forecast = false;
    geo::Position centre; ///< EPSG:4326
    int level_from = 0;   ///< wind levels, both included; 5: below 6
    int level_until = 0;
    std::optional<int> gust;          ///< level
    std::optional<NumberRange> winds; ///< km/h, as stated beside the level
    std::string direction;            ///< as stated; empty: not
    std::optional<double> azimuth;    ///< of that, degrees
    std::optional<NumberRange> speed; ///< km/h
    std::optional<geo::Box> danger;   ///< degrees; an open side ends with `east_sea`
    std::string danger_stated;
    std::vector<OfficialRisk> risks;
};

/// The part of the world that open sides of danger zones end with: 100–120° E, 5–25° N.
inline constexpr geo::Box east_sea{100, 5, 120, 25};

/// Something in a bulletin that cannot be (a fault) or that a person is to look at (a doubt).
struct Remark {
    std::string type; ///< entry of the catalogue of sentences
    std::string at;   ///< which fix: `28/9 04h`, or empty: the whole
    std::string value;
    std::string accepted;
};

/// What was read of a bulletin.
struct StormBulletin {
    std::string storm; ///< `Bão số 10 (Bualoi)`
    std::string issuer;
    std::vector<BulletinFix> fixes; ///< the first is observed
    std::vector<Remark> faults;     ///< it is refused where there are any
    std::vector<Remark> doubts;     ///< it is taken where a person says of each that it is so
};

inline constexpr std::size_t longest_bulletin = 20'000; ///< bytes

/// Reads a bulletin of the national forecasting centre (NCHMF), as text in Vietnamese: centres with
/// level and gust, movement, danger zone, risk by area.
///
/// Received  the day it came, local: it tells the year that bulletins leave out.
/// Found by  what bulletins always write: `16,2 độ Vĩ Bắc; 110,2 độ Kinh Đông` or `17,5N-107,6E`,
/// the
///           time before each, and what stands until the next. Tables may be pasted as text.
/// Held to   the calendar, the sea, the scale of winds (`levels` in force), the movement that its
/// own
///           positions make, its own danger zones, the decree's risk (`risks` in force).
/// Cost      one pass; less than a millisecond.
[[nodiscard]] StormBulletin read_bulletin(std::string_view text, geo::Date received,
                                          std::span<geo::hazard::WindLevel const> levels,
                                          std::span<geo::hazard::StormRisk const> risks);

/// What contradicts itself in a bulletin that was read, or the scale, or the decree.
void doubt(StormBulletin& bulletin, geo::Date received,
           std::span<geo::hazard::WindLevel const> levels,
           std::span<geo::hazard::StormRisk const> risks);

/// `28/9 04h`, local.
[[nodiscard]] std::string local_hour(geo::Instant at);

} // namespace diaban::services::domain
