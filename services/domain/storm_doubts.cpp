// What contradicts itself in a bulletin: each a sentence for the person who confirms it.

#include "geo/ops/geodesic.hpp"
#include "services/domain/storm_bulletin.hpp"
#include "services/domain/time_fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace diaban::services::domain {

namespace {

using geo::hazard::StormRisk;
using geo::hazard::WindLevel;

constexpr double kmh = 3.6;                  // of a m/s
constexpr double fastest = 75;               // km/h that a centre goes in these seas at most
constexpr double off_course = 30;            // degrees between words and positions
constexpr std::int64_t day = 86'400'000'000; // µs
constexpr std::int64_t longest_forecast = 7 * day;
constexpr std::int64_t stale = 10 * day;
constexpr std::array<std::string_view, 4> mainland{"north", "south_central", "south", "highlands"};

Remark remark(std::string type, BulletinFix const& fix, std::string value, std::string accepted) {
    return {std::move(type), local_hour(fix.at), std::move(value), std::move(accepted)};
}

std::string words(NumberRange const& range) {
    return range.from == range.until ? fmt::format("{:g}", range.from)
                                     : fmt::format("{:g}-{:g}", range.from, range.until);
}

/// The winds that a range of levels has, as the scale's table writes them in km/h.
std::optional<NumberRange> winds_of(std::span<WindLevel const> levels, int from, int until) {
    NumberRange winds;
    for (auto const& one : levels) {
        if (one.level == from) winds.from = std::round(one.from * kmh);
        if (one.level == until + 1) winds.until = std::round((one.from - 0.1) * kmh);
    }
    if (winds.from == 0 || winds.until == 0) return std::nullopt;
    return winds;
}

void doubt_winds(BulletinFix const& fix, std::span<WindLevel const> levels,
                 std::vector<Remark>& doubts) {
    if (fix.gust && (*fix.gust < fix.level_until || *fix.gust > 20))
        doubts.push_back(remark("bulletin-gust", fix, std::to_string(*fix.gust),
                                fmt::format("≥ {}", fix.level_until)));
    if (!fix.winds) return;
    auto const winds = winds_of(levels, fix.level_from, fix.level_until);
    constexpr double rounding = 1.5; // km/h
    if (winds && (std::abs(winds->from - fix.winds->from) > rounding ||
                  std::abs(winds->until - fix.winds->until) > rounding))
        doubts.push_back(
            remark("bulletin-winds", fix, words(*fix.winds) + " km/h", words(*winds) + " km/h"));
}

void doubt_danger(BulletinFix const& fix, std::vector<Remark>& doubts) {
    if (!fix.danger) return;
    auto const& box = *fix.danger;
    bool const holds = box.min_x <= fix.centre.x && fix.centre.x <= box.max_x &&
                       box.min_y <= fix.centre.y && fix.centre.y <= box.max_y;
    if (!holds)
        doubts.push_back(remark("bulletin-danger", fix, fix.danger_stated,
                                fmt::format("{:g}N {:g}E", fix.centre.y, fix.centre.x)));
}

/// The least that the decree has for a wind level: at sea, or over all zones of the mainland.
std::optional<int> least_risk(std::span<StormRisk const> risks, bool land, int level) {
    if (!land) return geo::hazard::storm_risk(risks, "sea", level);
    std::optional<int> least;
    for (auto const zone : mainland)
        if (auto const risk = geo::hazard::storm_risk(risks, zone, level))
            least = std::min(least.value_or(*risk), *risk);
    return least;
}

void doubt_risks(BulletinFix const& fix, std::span<StormRisk const> risks,
                 std::vector<Remark>& doubts) {
    for (auto const& one : fix.risks) {
        auto const least = least_risk(risks, one.mainland, fix.level_until);
        if (least && one.risk < *least)
            doubts.push_back(remark("bulletin-low-risk", fix,
                                    fmt::format("{}: {}", one.area, one.risk),
                                    fmt::format("≥ {}", *least)));
    }
}

/// The way from a fix to the next, against what is said of it.
void doubt_motion(BulletinFix const& from, BulletinFix const& to, std::vector<Remark>& faults,
                  std::vector<Remark>& doubts) {
    auto const hours = double(to.at.microseconds - from.at.microseconds) / 3.6e9;
    if (hours <= 0) {
        faults.push_back(
            remark("bulletin-order", to, local_hour(to.at), "> " + local_hour(from.at)));
        return;
    }
    auto const way = geo::ops::geodesic_way(from.centre, to.centre);
    double const speed = way.metres / 1000 / hours;
    if (speed > fastest) {
        faults.push_back(remark("bulletin-leap", to, fmt::format("{:.0f} km/h", speed),
                                fmt::format("≤ {:g} km/h", fastest)));
        return;
    }
    if (to.speed && (speed < to.speed->from / 2 - 2 || speed > to.speed->until * 2 + 2))
        doubts.push_back(remark("bulletin-speed", to, words(*to.speed) + " km/h",
                                fmt::format("{:.0f} km/h", speed)));
    if (!to.azimuth || way.metres < 50'000) return; // near, a tenth of a degree turns it
    double const turn = std::abs(std::remainder(way.azimuth - *to.azimuth, 360));
    if (turn > off_course)
        doubts.push_back(
            remark("bulletin-direction", to, to.direction, fmt::format("{:.0f}°", way.azimuth)));
}

} // namespace

void doubt(StormBulletin& bulletin, geo::Date received, std::span<WindLevel const> levels,
           std::span<StormRisk const> risks) {
    auto& doubts = bulletin.doubts;
    auto const& fixes = bulletin.fixes;
    if (bulletin.storm == "Bão" || bulletin.storm == "Áp thấp nhiệt đới")
        doubts.push_back({"bulletin-no-name", "", bulletin.storm, "Bão số 10 (Bualoi)"});
    auto const age =
        std::abs(fixes.front().at.microseconds - local_midnight(received).microseconds);
    if (age > stale)
        doubts.push_back(
            remark("bulletin-old", fixes.front(), local_hour(fixes.front().at), "≤ 10"));
    if (fixes.size() < 2) doubts.push_back({"bulletin-no-forecast", "", "", ""});
    bool any_risk = false;
    bool any_danger = false;
    for (std::size_t i = 0; i < fixes.size(); ++i) {
        auto const& fix = fixes[i];
        doubt_winds(fix, levels, doubts);
        doubt_danger(fix, doubts);
        doubt_risks(fix, risks, doubts);
        if (i > 0) doubt_motion(fixes[i - 1], fix, bulletin.faults, doubts);
        any_risk = any_risk || !fix.risks.empty();
        any_danger = any_danger || fix.danger.has_value();
    }
    if (fixes.back().at.microseconds - fixes.front().at.microseconds > longest_forecast)
        bulletin.faults.push_back(
            remark("bulletin-order", fixes.back(), local_hour(fixes.back().at), "≤ 7 × 24 h"));
    if (!any_risk) doubts.push_back({"bulletin-no-risk", "", "", ""});
    if (!any_danger) doubts.push_back({"bulletin-no-danger", "", "", ""});
}

} // namespace diaban::services::domain
