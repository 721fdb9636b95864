#include "services/api/openapi_storms.hpp"

#include "services/api/openapi_change.hpp"
#include "services/api/openapi_response.hpp"

#include <algorithm>
#include <iterator>

namespace diaban::services::api {

namespace {

constexpr std::pair<std::string_view, std::string_view> routes[] = {
    {"/storms/past", "PastStorms"},
    {"/storms/past/around", "PastStorms"},
    {"/storms/bulletins", "StormBulletins"},
    {"/hazards/rain-risk", "RainRisk"},
    {"/reservoirs", "Reservoirs"},
    {"/reservoirs/{reservoirId}/filling", "ReservoirFilling"},
    {"/reservoirs/{reservoirId}/inflow", "ReservoirInflow"},
    {"/storms/bulletins/{bulletinKey}", "StormBulletin"},
    {"/events/{eventId}/timeline", "EventTimeline"},
};

constexpr char schemas[] = R"({
"PastStorms": {"type": "object", "required": ["place", "within_m", "count", "matched", "months",
    "storms", "details"], "properties": {"place": {"type": "object"}, "within_m": {"type": "number"},
    "count": {"type": "integer"}, "matched": {"type": "integer"}, "months": {"type": "array",
    "minItems": 12, "maxItems": 12, "items": {"type": "object", "required": ["month", "count",
    "classes"], "properties": {"month": {"type": "integer"}, "count": {"type": "integer"},
    "classes": {"type": "object", "nullable": true, "additionalProperties": {"type": "integer"}}},
    "additionalProperties": false}}, "storms": {"type": "array", "items": {"type": "object",
    "required": ["track", "storm", "name", "distance_m", "on_track", "at_place", "at", "began",
    "month", "wind_ms", "highest_ms", "level", "class"], "properties": {
    "track": {"type": "integer"}, "storm": {"type": "string"},
    "name": {"type": "string", "nullable": true}, "distance_m": {"type": "number"},
    "on_track": {"type": "array", "items": {"type": "number"}},
    "at_place": {"type": "array", "items": {"type": "number"}},
    "at": {"type": "string", "format": "date-time", "nullable": true},
    "began": {"type": "string", "format": "date-time"}, "month": {"type": "integer"},
    "wind_ms": {"type": "number", "nullable": true},
    "highest_ms": {"type": "number", "nullable": true},
    "level": {"type": "integer", "nullable": true},
    "class": {"type": "string", "nullable": true}}, "additionalProperties": false}},
    "details": {"type": "object"}}, "additionalProperties": false},
"StormBulletins": {"type": "object", "required": ["bulletins", "matched"], "properties": {
    "bulletins": {"type": "array", "items": {"$ref": "#/components/schemas/StormBulletinHead"}},
    "matched": {"type": "integer"}}, "additionalProperties": false},
"StormBulletinHead": {"type": "object", "required": ["key", "event", "storm", "issuer",
    "observed_at", "confirmed_at"], "properties": {"key": {"type": "string"},
    "event": {"type": "integer"}, "storm": {"type": "string"},
    "issuer": {"type": "string", "nullable": true},
    "observed_at": {"type": "string", "format": "date-time"},
    "confirmed_at": {"type": "string", "format": "date-time"}}, "additionalProperties": false},
"StormBulletin": {"type": "object", "required": ["key", "event", "storm", "issuer", "observed_at",
    "confirmed_at", "fixes", "official_risk", "computed"], "properties": {
    "key": {"type": "string"}, "event": {"type": "integer"}, "storm": {"type": "string"},
    "issuer": {"type": "string", "nullable": true},
    "observed_at": {"type": "string", "format": "date-time"},
    "confirmed_at": {"type": "string", "format": "date-time"},
    "fixes": {"type": "array", "items": {"$ref": "#/components/schemas/StormFix"}},
    "official_risk": {"type": "integer", "nullable": true}, "computed": {"type": "object",
    "required": ["fixes", "rules_since", "method"], "properties": {
    "fixes": {"type": "array", "items": {"type": "object"}},
    "rules_since": {"type": "string", "format": "date", "nullable": true},
    "method": {"type": "string"}}, "additionalProperties": false}}, "additionalProperties": false},
"StormFix": {"type": "object", "required": ["at", "forecast", "lon", "lat", "level_from",
    "level_until", "gust", "danger", "danger_stated", "official"], "properties": {
    "at": {"type": "string", "format": "date-time"}, "forecast": {"type": "boolean"},
    "lon": {"type": "number"}, "lat": {"type": "number"}, "level_from": {"type": "integer"},
    "level_until": {"type": "integer"}, "gust": {"type": "integer", "nullable": true},
    "danger": {"type": "array", "nullable": true, "items": {"type": "number"}},
    "danger_stated": {"type": "string", "nullable": true}, "official": {"type": "array",
    "items": {"type": "object", "required": ["area", "mainland", "risk"], "properties": {
    "area": {"type": "string"}, "mainland": {"type": "boolean"}, "risk": {"type": "integer"}},
    "additionalProperties": false}}}, "additionalProperties": false},
"RainRisk": {"type": "object", "required": ["province", "zone", "rain_mm", "wet_days", "on",
    "region", "known", "risk", "row", "units", "method", "validity"], "properties": {
    "province": {"type": "string"}, "zone": {"type": "string"}, "rain_mm": {"type": "number"},
    "wet_days": {"type": "integer"}, "on": {"type": "string", "format": "date"},
    "region": {"type": "string", "nullable": true}, "known": {"type": "boolean"},
    "risk": {"type": "integer", "nullable": true}, "row": {"type": "object", "nullable": true},
    "units": {"type": "object"}, "method": {"type": "string"}, "validity": {"type": "string"}},
    "additionalProperties": false},
"Reservoir": {"type": "object", "required": ["id", "title", "full_m", "curve"], "properties": {
    "id": {"type": "string"}, "title": {"type": "string"},
    "full_m": {"type": "number", "nullable": true}, "curve": {"type": "array",
    "items": {"type": "object", "required": ["level_m", "volume_m3"], "properties": {
    "level_m": {"type": "number"}, "volume_m3": {"type": "number"}},
    "additionalProperties": false}}}, "additionalProperties": false},
"Reservoirs": {"type": "object", "required": ["reservoirs"], "properties": {"reservoirs": {
    "type": "array", "items": {"$ref": "#/components/schemas/Reservoir"}}},
    "additionalProperties": false},
"ReservoirFilling": {"type": "object", "required": ["reservoir", "level_m", "volume_m3", "free_m3",
    "inflow_m3s", "release_m3s", "full_m", "hours_to_full", "units", "method", "validity"],
    "properties": {"reservoir": {"$ref": "#/components/schemas/Reservoir"},
    "level_m": {"type": "number"}, "volume_m3": {"type": "number"}, "free_m3": {"type": "number"},
    "inflow_m3s": {"type": "number"}, "release_m3s": {"type": "number"},
    "full_m": {"type": "number"}, "hours_to_full": {"type": "number", "nullable": true},
    "units": {"type": "object"}, "method": {"type": "string"}, "validity": {"type": "string"}},
    "additionalProperties": false},
"ReservoirInflow": {"type": "object", "required": ["reservoir", "level_m", "level_after_m", "hours",
    "release_m3s", "stored_m3", "inflow_m3s", "units", "method", "validity"], "properties": {
    "reservoir": {"$ref": "#/components/schemas/Reservoir"}, "level_m": {"type": "number"},
    "level_after_m": {"type": "number"}, "hours": {"type": "number"},
    "release_m3s": {"type": "number"}, "stored_m3": {"type": "number"},
    "inflow_m3s": {"type": "number"}, "units": {"type": "object"}, "method": {"type": "string"},
    "validity": {"type": "string"}}, "additionalProperties": false},
"StormBulletinText": {"type": "object", "required": ["text"], "properties": {
    "text": {"type": "string", "minLength": 1, "maxLength": 20000},
    "received": {"type": "string", "format": "date"}, "event": {"type": "integer"},
    "confirmed": {"type": "array", "items": {"type": "string"}}}},
"StormReading": {"type": "object"}
})";

constexpr Change changes[] = {
    {http::Method::post, "/storms/bulletins/reading", "readStormBulletin",
     "What is read of a bulletin's text, with what cannot be and what is doubtful; keeps nothing",
     "StormBulletinText", "StormReading", "200"},
    {http::Method::post, "/storms/bulletins", "confirmStormBulletin",
     "Take a bulletin that a person confirms, every doubt about it by its type",
     "StormBulletinText", "StormReading", "201"},
};

Json number(double least, double most) {
    return {{"type", "number"}, {"minimum", least}, {"maximum", most}};
}

Json number(double least, double most, double otherwise) {
    auto schema = number(least, most);
    schema["default"] = otherwise;
    return schema;
}

std::pair<Json, std::string_view> describe_reservoir_query(std::string_view name) {
    if (name == "at-level") return {{{"type", "number"}}, "Level of the water, m"};
    if (name == "level-after") return {{{"type", "number"}}, "Level after those hours, m"};
    if (name == "over-hours") return {number(0.01, 8784), "Hours between the levels"};
    if (name == "inflow") return {number(-100'000, 100'000), "What comes in, m3/s"};
    if (name == "release") return {number(0, 100'000), "What is let out, m3/s; else nothing"};
    return {nullptr, {}};
}

std::pair<Json, std::string_view> describe_rain_query(std::string_view name) {
    if (name == "province") return {{{"type", "string"}}, "Code of a province until June 2025"};
    if (name == "zone")
        return {{{"type", "string"}, {"enum", Json::array({"low", "medium", "high", "very_high"})}},
                "Susceptibility of the zone"};
    if (name == "rain") return {number(0, 3000), "mm in 24 hours"};
    if (name == "wet-days")
        return {{{"type", "integer"}, {"minimum", 0}, {"maximum", 60}}, "Days of rain before"};
    return {nullptr, {}};
}

} // namespace

std::pair<Json, std::string_view> describe_storm_query(std::string_view name,
                                                       std::string_view pattern) {
    if (pattern.starts_with("/reservoirs/")) return describe_reservoir_query(name);
    if (pattern == "/events/{eventId}/timeline" && name == "limit")
        return {{{"type", "integer"}, {"minimum", 1}, {"maximum", 10'000}, {"default", 1000}},
                "At most so many of what happened, the earliest first"};
    if (pattern == "/hazards/rain-risk") return describe_rain_query(name);
    if (!pattern.starts_with("/storms/")) return {nullptr, {}};
    if (name == "within")
        return {number(0, 300'000, 50'000), "Metres from the place that a track may pass"};
    if (name == "wind-factor")
        return {number(0.5, 1.5, 1),
                "Turns a mean wind of the source's period into one of the scale's"};
    if (name == "month")
        return {{{"type", "integer"}, {"minimum", 1}, {"maximum", 12}},
                "List storms of that month alone"};
    if (name == "place") return {{{"type", "string"}}, "Code of a unit"};
    return {nullptr, {}};
}

bool is_storm_required(std::string_view name, std::string_view pattern) noexcept {
    if (pattern == "/storms/past") return name == "place";
    if (pattern == "/hazards/rain-risk") return name != "on" && name != "f";
    return pattern.starts_with("/reservoirs/") && name != "release" && name != "f";
}

std::string_view storm_schema_of(std::string_view pattern) noexcept {
    auto const* const found =
        std::ranges::find(routes, pattern, &std::pair<std::string_view, std::string_view>::first);
    return found == std::end(routes) ? std::string_view{} : found->second;
}

Json storm_schemas() {
    auto all = Json::parse(schemas);
    all.update(response_schemas());
    return all;
}

Json describe_storm_change(http::Method method, std::string_view pattern) {
    constexpr std::string_view problems[] = {"400", "401", "403", "404", "409",
                                             "413", "415", "422", "503"};
    auto const* const found = find_change(changes, method, pattern);
    return found == nullptr ? describe_response_change(method, pattern)
                            : describe_change(*found, "Storms", problems);
}

void add_storm_responses(std::string_view pattern, Json& responses) {
    if (pattern == "/events/{eventId}/report")
        responses["200"]["content"]["text/markdown"]["schema"] = {{"type", "string"}};
    if (pattern.starts_with("/storms/") || pattern.starts_with("/reservoirs") ||
        pattern.starts_with("/hazards/"))
        responses["404"] = {{"$ref", "#/components/responses/Problem"}};
}

} // namespace diaban::services::api
