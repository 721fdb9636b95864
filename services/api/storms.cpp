#include "services/api/storms.hpp"

#include "geo/error.hpp"
#include "services/api/json.hpp"
#include "services/api/parameters.hpp"
#include "services/api/place_json.hpp"
#include "services/api/work_edit.hpp"
#include "services/domain/place_index.hpp"
#include "services/domain/storms.hpp"
#include "services/domain/time_fields.hpp"
#include "services/http/representation.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace diaban::services::api {

namespace {

using domain::PastStorm;
using geo::hazard::WindLevel;

constexpr double usual_within = 50'000; // m
constexpr double most_within = 300'000;
constexpr std::uint32_t usual_limit = 100;
constexpr std::uint32_t most_limit = 1000;
constexpr char tracks_id[] = "cyclone_tracks";
constexpr char fixes_id[] = "cyclone_fixes";

/// What is asked besides the place.
struct PastQuestion {
    double within = usual_within;
    double factor = 1; ///< turns a mean wind of the source into one of the scale
    std::optional<std::uint32_t> month;
    std::uint32_t limit = usual_limit;
};

PastQuestion read_past(http::Query const& query) {
    PastQuestion asked;
    if (auto const text = query.find("within")) {
        auto const metres = finite_number(*text);
        if (!metres || *metres < 0 || *metres > most_within)
            refuse_parameter("within", *text, "0..300000 (m)");
        asked.within = *metres;
    }
    if (auto const text = query.find("wind-factor")) {
        auto const factor = finite_number(*text);
        if (!factor || *factor < 0.5 || *factor > 1.5)
            refuse_parameter("wind-factor", *text, "0.5..1.5");
        asked.factor = *factor;
    }
    asked.month = read_whole(query, "month", 1, 12);
    asked.limit = read_limit(query, usual_limit, most_limit);
    return asked;
}

/// The local month of the approach; of the storm's beginning where the approach has no time.
int month_of(PastStorm const& storm) {
    using namespace std::chrono;
    constexpr hours local{7};
    auto const at = storm.at.value_or(storm.began);
    sys_days const day = floor<days>(sys_time<microseconds>{microseconds{at.microseconds}} + local);
    return int(unsigned(year_month_day{day}.month()));
}

/// The wind that a storm is counted with: at its approach, or else the highest of its life.
std::optional<double> wind_of(PastStorm const& storm, double factor) {
    auto const wind = storm.wind ? storm.wind : storm.highest;
    if (!wind) return std::nullopt;
    return *wind * factor;
}

Json rounded(std::optional<double> value, double step) {
    return value ? Json(std::round(*value / step) * step) : Json{};
}

Json place_pair(geo::Position p) {
    return Json::array({p.x, p.y});
}

Json describe(PastStorm const& storm, WindLevel const* level, double factor) {
    return {
        {"track", storm.fid},
        {"storm", storm.storm_id},
        {"name", text_json(storm.name)},
        {"distance_m", std::round(storm.approach.metres * 1000) / 1000},
        {"on_track", place_pair(storm.approach.on_path)},
        {"at_place", place_pair(storm.approach.at_place)},
        {"at", instant_json(storm.at)},
        {"began", instant_json(storm.began)},
        {"month", month_of(storm)},
        {"wind_ms", rounded(storm.wind ? std::optional{*storm.wind * factor} : storm.wind, 0.1)},
        {"highest_ms",
         rounded(storm.highest ? std::optional{*storm.highest * factor} : storm.highest, 0.1)},
        {"level", level == nullptr ? Json{} : Json(level->level)},
        {"class", level == nullptr ? Json{} : Json(level->kind)}};
}

/// Storms by month, in each by class; below all classes and without wind they are `weaker`.
struct ByMonth {
    std::map<std::string, int> classes;
    int count = 0;
};

std::vector<WindLevel> levels_today(Backing const& backing, http::Context const& context) {
    return geo::hazard::in_force<WindLevel>(
        domain::read_wind_levels(*backing.atlas.view("wind_levels"), context.policy("wind_levels")),
        domain::local_today());
}

Json about(Backing const& backing, http::Context const& context, PastQuestion const& asked,
           bool timed) {
    auto const tracks = backing.atlas.view(tracks_id);
    return {
        {"tracks",
         {{"collection", tracks_id},
          {"of", tracks->layer->count(context.policy(tracks_id)).rows},
          {"attribution", tracks->collection.attribution}}},
        {"fixes", timed ? Json(fixes_id) : Json{}},
        {"method", "least distance along the WGS 84 ellipsoid between the place and the storm's "
                   "track, geodesic between its points; 0 where the track enters the place"},
        {"wind", timed ? "at the nearest approach, in proportion between points; else the "
                         "highest of the storm's life"
                       : "the highest of the storm's life: no points in time are known"},
        {"wind_factor", asked.factor},
        {"units", {{"distance_m", "m"}, {"wind_ms", "m/s"}, {"month", "UTC+7"}}},
        {"validity", "centres as their source analysed them, some tens of km off before "
                     "satellites; winds are means of the source's own period times wind_factor"}};
}

http::Response answer_past(Backing const& backing, http::Context const& context,
                           geo::Geometry shape, Json place) {
    auto const asked = read_past(context.query);
    auto const tracks = backing.atlas.view(tracks_id);
    auto const picture = backing.atlas.picture();
    auto const fixes = context.sees(fixes_id) ? picture->find(fixes_id) : nullptr;
    domain::StormRecord const record{*tracks, context.policy(tracks_id), fixes.get(),
                                     fixes ? &context.policy(fixes_id) : nullptr};
    auto const storms = domain::storms_near(record, backing.store, std::move(shape), asked.within);
    auto const levels = levels_today(backing, context);
    std::array<ByMonth, 12> months;
    Json list = Json::array();
    std::size_t matched = 0;
    for (auto const& storm : storms) {
        auto const month = std::uint32_t(month_of(storm));
        auto const wind = wind_of(storm, asked.factor);
        auto const* const level = wind ? geo::hazard::wind_level(levels, *wind) : nullptr;
        auto& counted = months[month - 1];
        ++counted.count;
        ++counted.classes[level == nullptr ? "weaker" : level->kind];
        if (asked.month && *asked.month != month) continue;
        if (matched++ < asked.limit) list.push_back(describe(storm, level, asked.factor));
    }
    Json by_month = Json::array();
    for (std::size_t i = 0; i < months.size(); ++i)
        by_month.push_back(
            {{"month", i + 1}, {"count", months[i].count}, {"classes", months[i].classes}});
    return http::represent(context,
                           {"application/json",
                            dump({{"place", std::move(place)},
                                  {"within_m", asked.within},
                                  {"count", storms.size()},
                                  {"matched", matched},
                                  {"months", std::move(by_month)},
                                  {"storms", std::move(list)},
                                  {"details", about(backing, context, asked, fixes != nullptr)}})});
}

/// The unit of a code that is one today; of those that were, the last.
data::model::Place const& unit_of(domain::View const& places, std::string_view code,
                                  geo::Policy const& policy) {
    data::model::Place const* found = nullptr;
    auto const today = domain::local_today();
    for (auto const& entry : places.places->entries()) {
        auto const& place = entry.place;
        if (place.code != code || place.box.empty()) continue;
        if (!policy.sees(entry.scope, entry.sensitivity)) continue;
        if (found == nullptr || domain::existed(place, today) ||
            (!domain::existed(*found, today) && place.valid_from > found->valid_from))
            found = &place;
    }
    if (found == nullptr)
        throw geo::Error{
            geo::Code::not_found, "unknown-place", {{"value", std::string{code.substr(0, 64)}}}};
    return *found;
}

http::Response answer_of_unit(Backing const& backing, http::Context const& context) {
    check_json_form(context);
    auto const code = context.query.find("place");
    if (!code) refuse_parameter("place", "", "code of a unit");
    auto const view = backing.atlas.view("places");
    auto const& policy = context.policy("places");
    auto const& unit = unit_of(*view, *code, policy);
    auto rows = backing.store.by_fids(view->collection, std::array{unit.fid}, policy);
    if (rows.empty())
        throw geo::Error{
            geo::Code::not_found, "unknown-place", {{"value", std::string{code->substr(0, 64)}}}};
    return answer_past(backing, context, std::move(rows.front().geometry), describe_place(unit));
}

http::Response answer_around(Backing const& backing, http::Context const& context) {
    check_json_form(context);
    geo::Geometry point;
    point.kind = geo::GeometryKind::point;
    point.srid = 4326;
    point.positions = {read_position(context.query)};
    Json place{{"lon", point.positions[0].x}, {"lat", point.positions[0].y}};
    return answer_past(backing, context, std::move(point), std::move(place));
}

} // namespace

void add_storms(http::Router& router, Backing const& backing) {
    using http::Context;
    router.get(access::Need::read, "/storms/past",
               {"place", "within", "wind-factor", "month", "limit", "f"},
               [&backing](Context const& context) { return answer_of_unit(backing, context); });
    router.get(access::Need::read, "/storms/past/around",
               {"lon", "lat", "within", "wind-factor", "month", "limit", "f"},
               [&backing](Context const& context) { return answer_around(backing, context); });
}

} // namespace diaban::services::api
