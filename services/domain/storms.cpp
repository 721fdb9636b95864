#include "services/domain/storms.hpp"

#include "services/domain/chosen.hpp"
#include "services/domain/column_values.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numbers>
#include <span>
#include <string_view>
#include <utility>

namespace diaban::services::domain {

namespace {

using geo::hazard::Approach;
using geo::hazard::Fix;
using geo::hazard::NearPlace;

constexpr double bulge = 20'000; // m: a track's edge of 900 km beside its line straight in degrees

/// A box that holds all that is within `metres` of another.
geo::Box widened(geo::Box box, double metres) {
    double const north = (metres + bulge) / 110'500;
    double const farthest =
        std::min(89.0, std::max(std::abs(box.min_y), std::abs(box.max_y)) + north);
    double const east = north / std::cos(farthest * std::numbers::pi / 180);
    return {std::max(-180.0, box.min_x - east), std::max(-90.0, box.min_y - north),
            std::min(180.0, box.max_x + east), std::min(90.0, box.max_y + north)};
}

/// Values of a row by the names of its fields.
class Named {
public:
    Named(std::vector<geo::Field> const& fields, geo::Feature const& feature)
        : m_fields{fields}, m_feature{feature} {}

    template <class T>
    [[nodiscard]] std::optional<T> get(std::string_view name) const {
        auto const at = std::ranges::find(m_fields, name, &geo::Field::name);
        if (at == m_fields.end()) return std::nullopt;
        auto const& value = m_feature.values[std::size_t(at - m_fields.begin())];
        auto const* const held = std::get_if<T>(&value);
        return held == nullptr ? std::nullopt : std::optional<T>{*held};
    }

private:
    std::vector<geo::Field> const& m_fields;
    geo::Feature const& m_feature;
};

using FixesByStorm = std::map<std::string, std::vector<Fix>, std::less<>>;

/// Fixes of these storms, by time; longitudes go on beyond 180°.
FixesByStorm fixes_of(StormRecord const& record, FixesByStorm found) {
    if (record.fixes == nullptr) return found;
    static constexpr std::array<std::string_view, 3> names{"storm_id", "at", "wind_kt"};
    for (auto const& live : record.fixes->layer->runs()) {
        tiles::mirror::Visibility const sees{live, *record.fixes_policy};
        ColumnValues const storm{live, names[0], *record.fixes_policy};
        ColumnValues const at{live, names[1], *record.fixes_policy};
        ColumnValues const wind{live, names[2], *record.fixes_policy};
        auto const wanted =
            storm.matching(false, [&](std::string_view id) { return found.contains(id); });
        if (!storm) continue;
        for (std::uint32_t row = 0; row < live.run->size(); ++row) {
            if (!wanted[storm.code(row)] || !sees(row)) continue;
            auto const when = at.instant(row);
            auto const where = live.run->points_of(row);
            if (!when || where.empty()) continue;
            Fix fix{*when, tiles::from_grid({double(where[0].x), double(where[0].y)}), {}};
            if (auto const knots = wind.number(row)) fix.wind = *knots * knot;
            found.find(storm.text(row))->second.push_back(fix);
        }
    }
    for (auto& [id, fixes] : found) {
        std::ranges::sort(fixes, {}, &Fix::at);
        for (std::size_t i = 1; i < fixes.size(); ++i)
            fixes[i].centre.x -=
                360 * std::round((fixes[i].centre.x - fixes[i - 1].centre.x) / 360);
    }
    return found;
}

/// The approach of a storm's fixes, with its time and wind.
void approach_of(std::vector<Fix> const& fixes, NearPlace const& place, PastStorm& storm) {
    std::vector<geo::Position> path;
    for (auto const& fix : fixes) path.push_back(fix.centre);
    auto const near = place.approach(path);
    if (!near) return;
    auto const last = std::min(near->segment + 1, fixes.size() - 1);
    auto const there = between(fixes[near->segment], fixes[last], near->share);
    storm.at = there.at;
    storm.wind = there.wind;
}

} // namespace

std::vector<PastStorm> storms_near(StormRecord const& record,
                                   data::postgis::FeatureStore const& store, geo::Geometry place,
                                   double metres) {
    NearPlace const near{std::move(place)};
    Choice choice;
    choice.boxes = {widened(near.box(), metres)};
    std::vector<std::int64_t> fids;
    for (auto const& [live, rows] : choose_rows(record.tracks, store, choice, record.tracks_policy))
        for (auto const row : rows) fids.push_back(live.run->fids[row]);
    auto const fields =
        data::model::visible(record.tracks.collection.schema, record.tracks_policy).fields;
    std::vector<PastStorm> storms;
    FixesByStorm wanted;
    for (auto const& track : store.by_fids(record.tracks.collection, fids, record.tracks_policy)) {
        std::optional<Approach> best;
        for (std::size_t i = 0; i < track.geometry.path_ends.size(); ++i) {
            auto const one = near.approach(track.geometry.path(i));
            if (one && (!best || one->metres < best->metres)) best = one;
        }
        if (!best || best->metres > metres) continue;
        Named const row{fields, track};
        auto& storm = storms.emplace_back();
        storm.fid = track.fid;
        storm.storm_id = row.get<std::string>("storm_id").value_or("");
        storm.name = row.get<std::string>("name").value_or("");
        storm.began = row.get<geo::Instant>("starts_at").value_or(geo::Instant{});
        if (auto const knots = row.get<std::int64_t>("max_wind_kt"))
            storm.highest = double(*knots) * knot;
        storm.approach = *best;
        wanted[storm.storm_id];
    }
    auto const fixes = fixes_of(record, std::move(wanted));
    for (auto& storm : storms)
        if (auto const& own = fixes.find(storm.storm_id)->second; !own.empty())
            approach_of(own, near, storm);
    std::ranges::sort(storms, {}, [](PastStorm const& one) {
        return std::pair{one.approach.metres, one.storm_id};
    });
    return storms;
}

std::vector<geo::hazard::WindLevel> read_wind_levels(View const& levels,
                                                     geo::Policy const& policy) {
    static constexpr std::array<std::string_view, 4> names{"level", "from_ms", "kind", "since"};
    std::vector<geo::hazard::WindLevel> found;
    for_each_row(levels, policy, names, [&](std::int64_t, auto const& at, std::size_t row) {
        found.push_back({int(at[0].number(row).value_or(0)), at[1].number(row).value_or(0),
                         at[2].text(row), at[3].day(row).value_or(geo::Date{})});
    });
    std::ranges::sort(found, {}, &geo::hazard::WindLevel::level);
    return found;
}

std::vector<geo::hazard::StormRisk> read_storm_risks(View const& risks, geo::Policy const& policy) {
    static constexpr std::array<std::string_view, 5> names{"zone", "level_from", "level_until",
                                                           "risk", "since"};
    std::vector<geo::hazard::StormRisk> found;
    for_each_row(risks, policy, names, [&](std::int64_t, auto const& at, std::size_t row) {
        found.push_back({at[0].text(row), int(at[1].number(row).value_or(0)),
                         int(at[2].number(row).value_or(0)), int(at[3].number(row).value_or(0)),
                         at[4].day(row).value_or(geo::Date{})});
    });
    return found;
}

} // namespace diaban::services::domain
