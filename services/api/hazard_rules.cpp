#include "services/domain/hazard_rules.hpp"

#include "geo/error.hpp"
#include "geo/hazard/storm_rules.hpp"
#include "services/api/json.hpp"
#include "services/api/parameters.hpp"
#include "services/api/storms.hpp"
#include "services/api/work_edit.hpp"
#include "services/domain/time_fields.hpp"
#include "services/http/representation.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace diaban::services::api {

namespace {

using domain::Reservoir;
using geo::hazard::RainRisk;
using geo::hazard::StorageCurve;

constexpr std::array<std::string_view, 4> zones{"low", "medium", "high", "very_high"};

double read_number(http::Query const& query, std::string_view name, double least, double most,
                   char const* accepted) {
    auto const text = query.find(name);
    auto const value = text ? finite_number(*text) : std::nullopt;
    if (!value || *value < least || *value > most)
        refuse_parameter(name, text.value_or(""), accepted);
    return *value;
}

Json describe(RainRisk const* row) {
    if (row == nullptr) return nullptr;
    return {{"from_mm", row->from},
            {"until_mm", row->until},
            {"wet_days_from", row->wet_from},
            {"wet_days_until", row->wet_until},
            {"risk", row->risk},
            {"since", day_json(row->since)}};
}

http::Response answer_rain(Backing const& backing, http::Context const& context) {
    check_json_form(context);
    auto const& query = context.query;
    auto const province = query.find("province").value_or("");
    if (province.size() != 2) refuse_parameter("province", province, "code of a former province");
    auto const zone = query.find("zone").value_or("");
    if (std::ranges::find(zones, zone) == zones.end())
        refuse_parameter("zone", zone, "low, medium, high, very_high");
    double const rain = read_number(query, "rain", 0, 3000, "0..3000 (mm in 24 h)");
    auto const wet = read_whole(query, "wet-days", 0, 60);
    if (!wet) refuse_parameter("wet-days", "", "0..60");
    auto const on = read_day(query, "on").value_or(domain::local_today());
    auto const region = domain::rain_region(*backing.atlas.view("rain_regions"),
                                            context.policy("rain_regions"), province, on);
    auto const rows = geo::hazard::in_force<RainRisk>(
        domain::read_rain_risks(*backing.atlas.view("rain_risks"), context.policy("rain_risks")),
        on);
    auto const* const row =
        region ? geo::hazard::rain_risk(rows, *region, zone, rain, int(*wet)) : nullptr;
    Json const body{
        {"province", province},
        {"zone", zone},
        {"rain_mm", rain},
        {"wet_days", *wet},
        {"on", day_json(on)},
        {"region", region ? Json(*region) : Json{}},
        {"known", row != nullptr},
        {"risk", row == nullptr || row->risk == 0 ? Json{} : Json(row->risk)},
        {"row", describe(row)},
        {"units", {{"rain_mm", "mm in 24 h"}, {"wet_days", "days of rain before"}}},
        {"method", "the row of the table in force for region, zone, rain and days of rain; risk "
                   "null with known true: below level 1"},
        {"validity", "regions are those of provinces until 2025-06-30; a case that no row names is "
                     "not known, not safe"}};
    return http::represent(context, {"application/json", dump(body)});
}

Json points_json(Reservoir const& reservoir) {
    Json list = Json::array();
    for (auto const& point : reservoir.points)
        list.push_back({{"level_m", point.level}, {"volume_m3", point.volume}});
    return list;
}

Json describe(Reservoir const& reservoir) {
    return {{"id", reservoir.id},
            {"title", reservoir.title},
            {"full_m", reservoir.full ? Json(*reservoir.full) : Json{}},
            {"curve", points_json(reservoir)}};
}

http::Response answer_reservoirs(Backing const& backing, http::Context const& context) {
    check_json_form(context);
    Json list = Json::array();
    for (auto const& one : domain::read_reservoirs(*backing.atlas.view("reservoir_curves"),
                                                   context.policy("reservoir_curves")))
        list.push_back(describe(one));
    return http::represent(context, {"application/json", dump({{"reservoirs", std::move(list)}})});
}

Reservoir reservoir_of(Backing const& backing, http::Context const& context,
                       std::string const& id) {
    for (auto& one : domain::read_reservoirs(*backing.atlas.view("reservoir_curves"),
                                             context.policy("reservoir_curves")))
        if (one.id == id) return std::move(one);
    throw geo::Error{geo::Code::not_found, "no-reservoir", {{"value", id.substr(0, 64)}}};
}

/// A level that the curve knows.
double read_level(http::Query const& query, std::string_view name, Reservoir const& reservoir) {
    double const least = reservoir.points.front().level;
    double const most = reservoir.points.back().level;
    auto const accepted = std::to_string(least) + ".." + std::to_string(most) + " (m)";
    return read_number(query, name, least, most, accepted.c_str());
}

StorageCurve curve_of(Reservoir const& reservoir) {
    auto curve = StorageCurve::make(reservoir.points);
    if (!curve) throw geo::Error{geo::Code::conflict, "bad-curve", {{"value", reservoir.id}}};
    return std::move(*curve);
}

Json hours_json(std::optional<double> seconds) {
    return seconds ? Json(*seconds / 3600) : Json{};
}

http::Response answer_filling(Backing const& backing, http::Context const& context,
                              std::string const& id) {
    check_json_form(context);
    auto const reservoir = reservoir_of(backing, context, id);
    auto const curve = curve_of(reservoir);
    double const level = read_level(context.query, "at-level", reservoir);
    double const inflow =
        read_number(context.query, "inflow", -100'000, 100'000, "-100000..100000 (m3/s)");
    double const release = context.query.find("release") ? read_number(context.query, "release", 0,
                                                                       100'000, "0..100000 (m3/s)")
                                                         : 0;
    double const full = reservoir.full.value_or(reservoir.points.back().level);
    auto const volume = curve.volume_at(level).value();
    Json const body{
        {"reservoir", describe(reservoir)},
        {"level_m", level},
        {"volume_m3", volume},
        {"free_m3", curve.volume_at(full).value_or(volume) - volume},
        {"inflow_m3s", inflow},
        {"release_m3s", release},
        {"full_m", full},
        {"hours_to_full", hours_json(seconds_to_level(curve, level, full, inflow - release))},
        {"units", {{"level_m", "m, datum of the reservoir's gauge"}, {"inflow_m3s", "m3/s"}}},
        {"method", "volume missing to full over inflow less release, both constant; volumes "
                   "straight between the curve's points"},
        {"validity", "between the curve's first and last level; rain on the lake, seepage and "
                     "evaporation are in the inflow or nowhere"}};
    return http::represent(context, {"application/json", dump(body)});
}

http::Response answer_inflow(Backing const& backing, http::Context const& context,
                             std::string const& id) {
    check_json_form(context);
    auto const reservoir = reservoir_of(backing, context, id);
    auto const curve = curve_of(reservoir);
    double const before = read_level(context.query, "at-level", reservoir);
    double const after = read_level(context.query, "level-after", reservoir);
    double const hours = read_number(context.query, "over-hours", 0.01, 24 * 366, "0.01..8784");
    double const release = context.query.find("release") ? read_number(context.query, "release", 0,
                                                                       100'000, "0..100000 (m3/s)")
                                                         : 0;
    Json const body{
        {"reservoir", describe(reservoir)},
        {"level_m", before},
        {"level_after_m", after},
        {"hours", hours},
        {"release_m3s", release},
        {"stored_m3", curve.volume_at(after).value() - curve.volume_at(before).value()},
        {"inflow_m3s",
         geo::hazard::inflow_by_balance(curve, before, after, hours * 3600, release).value()},
        {"units", {{"level_m", "m, datum of the reservoir's gauge"}, {"inflow_m3s", "m3/s"}}},
        {"method", "what was stored over the time, and the release; a mean of the time"},
        {"validity", "an error of 1 cm in a level is the lake's area times 1 cm over the time"}};
    return http::represent(context, {"application/json", dump(body)});
}

} // namespace

void add_hazard_rules(http::Router& router, Backing const& backing) {
    using access::Need;
    using http::Context;
    router.get(Need::read, "/hazards/rain-risk",
               {"province", "zone", "rain", "wet-days", "on", "f"},
               [&backing](Context const& context) { return answer_rain(backing, context); });
    router.get(Need::read, "/reservoirs", {"f"},
               [&backing](Context const& context) { return answer_reservoirs(backing, context); });
    router.get(Need::read, "/reservoirs/{reservoirId}/filling",
               {"at-level", "inflow", "release", "f"},
               [&backing](Context const& context, std::string const& id) {
                   return answer_filling(backing, context, id);
               });
    router.get(Need::read, "/reservoirs/{reservoirId}/inflow",
               {"at-level", "level-after", "over-hours", "release", "f"},
               [&backing](Context const& context, std::string const& id) {
                   return answer_inflow(backing, context, id);
               });
}

} // namespace diaban::services::api
