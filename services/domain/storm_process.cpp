#include "services/domain/storm_process.hpp"

#include "geo/codec/rfc3339.hpp"
#include "geo/codec/wkb.hpp"
#include "geo/error.hpp"
#include "geo/ops/overlay.hpp"
#include "services/domain/coverage_work.hpp"
#include "services/domain/exposure_count.hpp"
#include "services/domain/feature_file.hpp"
#include "services/domain/process_inputs.hpp"
#include "services/domain/record_rows.hpp"
#include "services/domain/standing.hpp"
#include "services/domain/storm_inputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <utility>

namespace diaban::services::domain {

namespace {

using geo::hazard::Circle;
using geo::hazard::Fix;
using geo::hazard::WindLevel;

constexpr std::array drawn_levels{6, 8, 10, 12}; // as forecasters' maps outline them
constexpr std::size_t most_corners = 24;         // of a commune, where winds are looked at

std::string instant_text(geo::Instant at) {
    std::string text;
    geo::codec::append_instant(text, at);
    return text;
}

double bound_of(std::vector<WindLevel> const& scale, int level) {
    auto const at = std::ranges::find(scale, level, &WindLevel::level);
    if (at == scale.end())
        throw geo::Error{
            geo::Code::unavailable, "no-wind-scale", {{"value", std::to_string(level)}}};
    return at->from;
}

std::vector<Circle> circles_of(std::span<Fix const> fixes, double radius) {
    std::vector<Circle> circles;
    for (auto const& fix : fixes) circles.push_back({fix.centre, radius});
    return circles;
}

/// An empty outline is left out.
void add_outline(FeatureFile& file, geo::Geometry const& outline, Json const& properties) {
    if (!outline.empty()) file.add(outline, properties);
}

/// The outline of winds of a level at each fix.
void add_winds(FeatureFile& file, std::span<Fix const> fixes, StormInputs const& inputs,
               std::vector<WindLevel> const& scale) {
    for (auto const& fix : fixes) {
        auto const storm = geo::hazard::storm_at(fixes, inputs.shape, fix.at);
        if (!storm) continue;
        for (int const level : drawn_levels)
            add_outline(file, geo::hazard::wind_area(*storm, bound_of(scale, level)),
                        {{"part", "wind"}, {"level", level}, {"at", instant_text(fix.at)}});
    }
}

/// Corners of a commune that winds are looked at: those of its hull, thinned, and its middle.
std::vector<geo::Position> corners_of(geo::Geometry const& outline) {
    auto const hull = geo::ops::convex_hull(outline);
    auto const& all = hull.empty() ? outline.positions : hull.positions;
    std::vector<geo::Position> corners;
    std::size_t const step = std::max<std::size_t>(1, all.size() / most_corners);
    for (std::size_t i = 0; i < all.size(); i += step) corners.push_back(all[i]);
    corners.push_back(middle_of(outline));
    return corners;
}

/// A box that holds all that the wind reaches on its way; empty where it reaches nothing.
geo::Box reach_of(std::span<Fix const> fixes, StormInputs const& inputs, double wind) {
    geo::Box box;
    for (std::size_t i = 0; i < fixes.size(); ++i) {
        auto const storm = geo::hazard::storm_at(fixes, inputs.shape, fixes[i].at);
        if (storm) box.extend(geo::hazard::wind_area(*storm, wind).box());
    }
    if (!box.empty()) { // between fixes a storm turns: half a degree holds what its sides do then
        box.extend(geo::Position{box.min_x - 0.5, box.min_y - 0.5});
        box.extend(geo::Position{box.max_x + 0.5, box.max_y + 0.5});
    }
    return box;
}

/// When the wind comes to each commune that it reaches, the earliest first.
Json arrivals_of(Work const& work, std::span<Fix const> fixes, StormInputs const& inputs,
                 std::vector<WindLevel> const& scale) {
    double const wind = bound_of(scale, inputs.level);
    auto const reach = reach_of(fixes, inputs, wind);
    std::vector<std::pair<std::string, Json>> found; // by time, then by code
    if (reach.empty()) return Json::array();
    auto const now = now_microseconds();
    geo::Period const moment{now, now};
    geo::Geometry outline;
    RecordRows{work}.each("places", [&](geo::RowView const& row, auto const& value) {
        auto const text = [&](char const* name) { return held<std::string_view>(value(name)); };
        if (row.wkb.empty() || !row.period.meets(moment) || text("level") != "commune") return;
        geo::codec::read_wkb(row.wkb, outline);
        if (outline.empty() || !outline.box().intersects(reach)) return;
        auto const corners = corners_of(outline);
        auto const arrival = geo::hazard::wind_arrival(fixes, inputs.shape, corners, wind);
        if (!arrival.begins) return;
        auto const* const highest = geo::hazard::wind_level(scale, arrival.most);
        Json json{{"unit", std::string{text("code")}},
                  {"name", std::string{text("full_name")}},
                  {"begins", instant_text(*arrival.begins)},
                  {"ends", instant_text(*arrival.ends)},
                  {"highest_ms", std::round(arrival.most * 10) / 10},
                  {"highest_level", highest == nullptr ? Json{} : Json(highest->level)},
                  {"highest_at", instant_text(arrival.most_at)}};
        found.emplace_back(fmt::format("{:020} {}", arrival.begins->microseconds, text("code")),
                           std::move(json));
    });
    std::ranges::sort(found, {}, &std::pair<std::string, Json>::first);
    Json list = Json::array();
    for (auto& [order, json] : found) list.push_back(std::move(json));
    return list;
}

Json fixes_json(std::span<Fix const> fixes) {
    Json list = Json::array();
    for (auto const& fix : fixes)
        list.push_back({{"at", instant_text(fix.at)},
                        {"lon", fix.centre.x},
                        {"lat", fix.centre.y},
                        {"wind_ms", fix.wind ? Json(std::round(*fix.wind * 100) / 100) : Json{}}});
    return list;
}

Json about(StormInputs const& inputs, std::span<Fix const> fixes, geo::Instant counted_at,
           std::vector<WindLevel> const& scale) {
    auto const& shape = inputs.shape;
    return {
        {"bulletin", inputs.bulletin.empty() ? Json{} : Json(inputs.bulletin)},
        {"fixes", fixes_json(fixes)},
        {"swath_m", inputs.swath},
        {"wind_level", inputs.level},
        {"wind_ms", bound_of(scale, inputs.level)},
        {"wind_factor", inputs.wind_factor},
        {"shape",
         {{"b", shape.b},
          {"radius_m", shape.radius ? Json(*shape.radius) : Json{}},
          {"radius",
           shape.radius ? "as given" : "by strength and latitude (Willoughby, Darling, Rahn 2006)"},
          {"share", shape.share},
          {"outer_radius_m", shape.outer_radius > 0 ? Json(shape.outer_radius) : Json{}},
          {"outer_wind_ms", shape.outer_radius > 0 ? Json(shape.outer_wind) : Json{}}}},
        {"counted_at", instant_text(counted_at)},
        {"method",
         {{"swath", "all within swath_m of the track, geodesic between its fixes"},
          {"wind", "Holland, Belanger, Fritz 2010, the movement added as a vector; of a bulletin's "
                   "levels the middle of their bounds"},
          {"arrival", "first and last instant at which the wind reaches a corner of the commune's "
                      "hull or its middle"},
          {"people", "population of each commune over all of it: the share that lies in the swath"},
          {"belongs", "each feature to the commune that holds its middle"}}},
        {"units", {{"wind_ms", "m/s"}, {"area_m2", "m2, WGS 84 ellipsoid"}, {"time", "UTC"}}},
        {"validity", "a forecast's centre is off by some 100 km after a day; over land winds are "
                     "weaker than the profile says, over hills they are not told"}};
}

Outcome run_storm(Work& work) {
    auto inputs = read_storm_inputs(work.inputs);
    auto const scale = scale_of(work);
    auto fixes =
        inputs.bulletin.empty() ? inputs.fixes : fixes_of_bulletin(work, inputs.bulletin, scale);
    for (auto& fix : fixes)
        if (fix.wind) *fix.wind *= inputs.wind_factor;
    if (!inputs.cone.empty() && inputs.cone.size() != fixes.size())
        refuse_input("cone", std::to_string(inputs.cone.size()),
                     std::to_string(fixes.size()) + " radii");
    auto const swath = geo::hazard::swept(circles_of(fixes, inputs.swath));
    auto const path = work.folder / "storm.geojson";
    FeatureFile file{path};
    add_outline(file, swath, {{"part", "swath"}, {"radius_m", inputs.swath}});
    if (!inputs.cone.empty()) {
        std::vector<Circle> circles;
        for (std::size_t i = 0; i < fixes.size(); ++i)
            circles.push_back({fixes[i].centre, inputs.cone[i]});
        add_outline(file, geo::hazard::swept(circles), {{"part", "cone"}});
    }
    add_winds(file, fixes, inputs, scale);
    file.close();
    geo::Instant const counted_at{now_microseconds()};
    PolygonHazard const hazard{swath};
    auto const exposure = count_exposure({.database = work.database,
                                          .policies = work.policies,
                                          .collections = inputs.collections,
                                          .hazard = hazard,
                                          .worse = nullptr,
                                          .now = counted_at.microseconds},
                                         work.progress);
    bool const people = work.policies.contains("places");
    Json parts = Json::array();
    for (auto const& part : exposure.parts) {
        Json json{{"unit", part.code.empty() ? Json() : Json(part.code)}, {"name", part.name}};
        json.update(tally_json(part.tally, exposure.kinds, people, false));
        parts.push_back(std::move(json));
    }
    Outcome outcome;
    outcome.values = {{"total", tally_json(exposure.total, exposure.kinds, people, false)},
                      {"parts", std::move(parts)},
                      {"arrivals", arrivals_of(work, fixes, inputs, scale)},
                      {"details", about(inputs, fixes, counted_at, scale)}};
    outcome.file = {path, "storm.geojson", "application/geo+json"};
    return outcome;
}

} // namespace

Process storm_process() {
    return {
        .id = "storm",
        .title = {"Bão: vùng ảnh hưởng", "Storm: what is in its way"},
        .description = {"Dải dọc đường đi dự báo, vùng gió theo cấp, lúc gió tới từng xã, và dân, "
                        "cơ sở, camera trong dải; theo xã và tổng cộng.",
                        "The swath along a forecast track, where winds of each level reach, when "
                        "they come to each commune, and people, facilities and cameras in the "
                        "swath; by commune and in total."},
        .inputs = described_storm_inputs(),
        .outputs =
            {{"file",
              {{"title", "Swath, cone and winds as polygons"},
               {"schema", {{"type", "string"}, {"format", "binary"}}}}},
             {"total", {{"title", "All parts together"}, {"schema", {{"type", "object"}}}}},
             {"parts", {{"title", "By commune"}, {"schema", {{"type", "array"}}}}},
             {"arrivals",
              {{"title", "When the wind comes, by commune"}, {"schema", {{"type", "array"}}}}},
             {"details",
              {{"title", "Inputs, method, date, validity"}, {"schema", {{"type", "object"}}}}}},
        .reads = [](Json const& inputs) { return storm_collections(read_storm_inputs(inputs)); },
        .check = [](Json const& inputs, Registries const&,
                    Policies const&) { (void)read_storm_inputs(inputs); },
        .run = run_storm,
        .quick = true};
}

} // namespace diaban::services::domain
