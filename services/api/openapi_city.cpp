#include "services/api/openapi_city.hpp"

#include "services/api/openapi_change.hpp"

#include <algorithm>
#include <iterator>

namespace diaban::services::api {

namespace {

constexpr std::pair<std::string_view, std::string_view> routes[] = {
    {"/collections/{collectionId}/heat", "Heat"},
    {"/collections/{collectionId}/heat/cells", "HeatCells"},
    {"/collections/{collectionId}/rhythm", "Rhythm"},
    {"/collections/{collectionId}/trend", "EventTrend"},
    {"/cameras/seeing", "CamerasSeeing"},
    {"/cameras/{cameraId}/view", "CameraView"},
    {"/cameras/{cameraId}/stream", "CameraStream"},
    {"/open311/v2/services.{format}", "GeoReportList"},
    {"/open311/v2/services/{serviceFile}", "GeoReportDefinition"},
    {"/open311/v2/requests.{format}", "GeoReportList"},
    {"/open311/v2/requests/{requestFile}", "GeoReportList"},
    {"/open311/v2/tokens/{tokenFile}", "GeoReportList"},
    {"/press", "Press"},
    {"/press-sources", "PressSources"},
    {"/reports/similar", "SimilarReports"},
    {"/reports/statistics", "ReportStatistics"},
    {"/reports/{reportId}/messages", "ReportMessages"},
};

constexpr char schemas[] = R"({
"Heat": {"type": "object", "required": ["collection", "count", "weight", "radius_m", "unit", "top",
    "peak_of_one", "colours", "method", "links"], "properties": {"collection": {"type": "string"},
    "count": {"type": "integer"}, "weight": {"type": "number"}, "radius_m": {"type": "number"},
    "unit": {"type": "string"}, "top": {"type": "number"}, "peak_of_one": {"type": "number"},
    "colours": {"type": "array", "items": {"type": "object", "required": ["share_of_top", "colour"],
    "properties": {"share_of_top": {"type": "number"}, "colour": {"type": "string"}},
    "additionalProperties": false}}, "method": {"type": "string"},
    "links": {"$ref": "#/components/schemas/Links"}}, "additionalProperties": false},
"HeatCells": {"type": "object", "required": ["type", "collection", "by", "count", "weight", "unit",
    "top", "elsewhere", "unlocated", "method", "features"], "properties": {
    "type": {"type": "string", "enum": ["FeatureCollection"]}, "collection": {"type": "string"},
    "by": {"type": "string"}, "size_m": {"type": "number"}, "cell_km2": {"type": "number"},
    "on": {"type": "string", "format": "date"}, "count": {"type": "integer"},
    "weight": {"type": "number"}, "unit": {"type": "string"}, "top": {"type": "number"},
    "elsewhere": {"type": "integer"}, "unlocated": {"type": "integer"}, "method": {"type": "string"},
    "features": {"type": "array", "items": {"type": "object"}}}, "additionalProperties": false},
"Rhythm": {"type": "object", "required": ["collection", "count", "untimed", "time", "counts"],
    "properties": {"collection": {"type": "string"}, "count": {"type": "integer"},
    "untimed": {"type": "integer"}, "time": {"type": "string"}, "counts": {"type": "array",
    "minItems": 7, "maxItems": 7, "items": {"type": "array", "minItems": 24, "maxItems": 24,
    "items": {"type": "integer"}}}}, "additionalProperties": false},
"EventTrend": {"type": "object", "required": ["collection", "step", "time", "series", "trend"],
    "properties": {"collection": {"type": "string"}, "step": {"type": "string"},
    "time": {"type": "string"}, "series": {"type": "array", "items": {"type": "object",
    "required": ["begin", "count"], "properties": {"begin": {"type": "string", "format": "date"},
    "count": {"type": "integer"}}, "additionalProperties": false}}, "trend": {"type": "object",
    "required": ["method", "s", "variance", "z", "p", "slope"], "properties": {
    "method": {"type": "string"}, "s": {"type": "integer"}, "variance": {"type": "number"},
    "z": {"type": "number"}, "p": {"type": "number"}, "slope": {"type": "number"}},
    "additionalProperties": false}}, "additionalProperties": false},
"CamerasSeeing": {"type": "object", "required": ["lon", "lat", "target_m", "cameras", "behind_ground",
    "terrain", "method"], "properties": {"lon": {"type": "number"}, "lat": {"type": "number"},
    "target_m": {"type": "number"}, "cameras": {"type": "array", "items": {"type": "object"}},
    "behind_ground": {"type": "array", "items": {"type": "object"}}, "terrain": {"type": "object"},
    "method": {"type": "string"}}, "additionalProperties": false},
"CameraView": {"type": "object", "required": ["type", "camera", "features", "unknown_m2"],
    "properties": {"type": {"type": "string", "enum": ["FeatureCollection"]},
    "camera": {"type": "object"}, "features": {"type": "array", "items": {"type": "object"}},
    "unknown_m2": {"type": "number"}}, "additionalProperties": false},
"CameraStream": {"type": "object", "required": ["camera", "href", "kind"], "properties": {
    "camera": {"type": "integer"}, "href": {"type": "string"},
    "kind": {"type": "string", "enum": ["hls", "other"]}}, "additionalProperties": false},
"NewOffence": {"type": "object", "required": ["occurred_at", "offence", "plate", "evidence"],
    "properties": {"occurred_at": {"type": "string", "format": "date-time"},
    "offence": {"type": "string"}, "plate": {"type": "string"},
    "evidence": {"type": "string", "format": "uri"}, "speed": {"type": "number", "minimum": 0,
    "maximum": 400}}},
"GeoReportList": {"type": "array", "items": {"type": "object"}},
"GeoReportDefinition": {"type": "object", "required": ["service_code", "attributes"], "properties": {
    "service_code": {"type": "string"}, "attributes": {"type": "array", "items": {"type": "object"}}},
    "additionalProperties": false},
"GeoReportSent": {"type": "array", "items": {"type": "object"}},
"GeoReportErrors": {"type": "array", "items": {"type": "object", "required": ["code", "description"],
    "properties": {"code": {"type": "integer"}, "description": {"type": "string"}},
    "additionalProperties": false}},
"SimilarReports": {"type": "object", "required": ["within_m", "reports"], "properties": {
    "within_m": {"type": "number"}, "reports": {"type": "array", "items": {"type": "object"}}},
    "additionalProperties": false},
"ReportMessages": {"type": "object", "required": ["messages"], "properties": {
    "messages": {"type": "array", "items": {"type": "object"}}}, "additionalProperties": false},
"ReportWords": {"type": "object", "required": ["text"], "properties": {
    "text": {"type": "string", "minLength": 1}}},
"ReportRating": {"type": "object", "required": ["rating"], "properties": {
    "rating": {"type": "integer", "minimum": 1, "maximum": 5}}},
"PressCount": {"type": "object", "required": ["code", "name", "count"], "properties": {
    "code": {"type": "string"}, "name": {"type": "string"}, "count": {"type": "integer"}},
    "additionalProperties": false},
"PressItem": {"type": "object", "required": ["id", "title", "link", "source", "topic", "places",
    "reports"], "properties": {"id": {"type": "integer"}, "title": {"type": "string"},
    "summary": {"type": "string", "nullable": true}, "link": {"type": "string"},
    "source": {"type": "string"},
    "published_at": {"type": "string", "format": "date-time", "nullable": true},
    "arrived_at": {"type": "string", "format": "date-time", "nullable": true},
    "topic": {"type": "object", "properties": {"code": {"type": "string"},
    "name": {"type": "string"}}}, "places": {"type": "array", "items": {"type": "object",
    "required": ["code", "name", "level", "certainty"], "properties": {"code": {"type": "string"},
    "name": {"type": "string"}, "level": {"type": "string"}, "certainty": {"type": "number",
    "minimum": 0, "maximum": 1}}, "additionalProperties": false}},
    "reports": {"type": "array", "items": {"type": "integer"}}}, "additionalProperties": false},
"Press": {"type": "object", "required": ["items", "matched", "topics", "places", "placeless"],
    "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/PressItem"}},
    "matched": {"type": "integer"},
    "topics": {"type": "array", "items": {"$ref": "#/components/schemas/PressCount"}},
    "places": {"type": "array", "items": {"$ref": "#/components/schemas/PressCount"}},
    "placeless": {"type": "integer"}}, "additionalProperties": false},
"PressSources": {"type": "object", "required": ["sources"], "properties": {
    "sources": {"type": "array", "items": {"type": "object"}}}, "additionalProperties": false},
"PressPush": {"type": "object", "required": ["source", "items"], "properties": {
    "source": {"type": "string", "minLength": 1}, "topic": {"type": "string"},
    "items": {"type": "array", "minItems": 1, "maxItems": 200, "items": {"type": "object",
    "required": ["title", "link"], "properties": {"title": {"type": "string"},
    "summary": {"type": "string"}, "link": {"type": "string"},
    "published_at": {"type": "string", "format": "date-time"}}}}}},
"PressTie": {"type": "object", "required": ["report"], "properties": {
    "report": {"type": "integer"}, "tied": {"type": "boolean", "default": true}}},
"ReportNumbers": {"type": "object", "required": ["count"], "properties": {
    "code": {"type": "string", "nullable": true}, "name": {"type": "string", "nullable": true},
    "fid": {"type": "integer"}, "count": {"type": "integer", "nullable": true},
    "open": {"type": "integer", "nullable": true}, "overdue": {"type": "integer", "nullable": true},
    "closed": {"type": "integer", "nullable": true},
    "closed_late": {"type": "integer", "nullable": true},
    "median_days": {"type": "number", "nullable": true}}, "additionalProperties": false},
"ReportStatistics": {"type": "object", "required": ["least_group", "all", "services", "states",
    "areas"], "properties": {
    "least_group": {"type": "integer", "nullable": true},
    "all": {"$ref": "#/components/schemas/ReportNumbers"},
    "services": {"type": "array", "items": {"$ref": "#/components/schemas/ReportNumbers"}},
    "states": {"type": "array", "items": {"$ref": "#/components/schemas/ReportNumbers"}},
    "areas": {"type": "object", "required": ["level", "on", "units", "elsewhere", "unlocated"],
    "properties": {"level": {"type": "string"}, "on": {"type": "string", "format": "date"},
    "units": {"type": "array", "items": {"$ref": "#/components/schemas/ReportNumbers"}},
    "elsewhere": {"$ref": "#/components/schemas/ReportNumbers"},
    "unlocated": {"$ref": "#/components/schemas/ReportNumbers"}}, "additionalProperties": false}},
    "additionalProperties": false},
"ReportVisibility": {"type": "object", "required": ["visibility"], "properties": {
    "visibility": {"type": "string", "enum": ["public", "personal", "hidden"]},
    "reason": {"type": "string", "minLength": 1}}},
"ReportAnswer": {"type": "object"}
})";

constexpr Change changes[] = {
    {http::Method::post, "/open311/v2/requests.{format}", "sendReport",
     "Open311: sends a report, as a form", "", "GeoReportSent", "201"},
    {http::Method::post, "/open311/v2/photos", "sendPhoto", "Sends a photo, image/jpeg", "",
     "ReportAnswer", "201"},
    {http::Method::post, "/reports/{reportId}/messages", "sayToOffice",
     "Says something to the office or the reporter", "ReportWords", "ReportAnswer", "201"},
    {http::Method::post, "/reports/{reportId}/rating", "rateReport", "Says how it was answered",
     "ReportRating", "ReportAnswer", "200"},
    {http::Method::post, "/cameras/{cameraId}/offences", "addOffence",
     "A traffic offence that a camera has seen, as an incident", "NewOffence", "ReportAnswer",
     "201"},
    {http::Method::post, "/press", "pushPress",
     "Takes what publishers tell; items whose link is known are left", "PressPush", "ReportAnswer",
     "200"},
    {http::Method::post, "/press/{pressId}/reports", "tiePress",
     "Ties an item of the press to a report, or unties it", "PressTie", "ReportAnswer", "200"},
    {http::Method::post, "/reports/{reportId}/visibility", "setReportVisibility",
     "Says who a report is for: public, personal, hidden", "ReportVisibility", "ReportVisibility",
     "200"},
    {http::Method::post, "/reports/{reportId}/reopen", "reopenReport",
     "Opens a report again that was closed", "ReportWords", "ReportAnswer", "200"},
};

Json number(double least, double most) {
    return {{"type", "number"}, {"minimum", least}, {"maximum", most}};
}

} // namespace

std::pair<Json, std::string_view> describe_city_query(std::string_view name,
                                                      std::string_view pattern) {
    bool const heat = pattern.find("/heat") != std::string_view::npos;
    if (heat && name == "radius")
        return {number(10, 200'000), "Bandwidth of the kernel, metres; else what suits the zoom"};
    if (heat && name == "by")
        return {{{"type", "string"},
                 {"enum", Json::array({"hexagon", "square", "commune", "district", "province"})},
                 {"default", "hexagon"}},
                "What points are counted by"};
    if (heat && name == "size")
        return {number(50, 200'000), "Metres from side to side of a hexagon or square"};
    if (heat && name == "zoom")
        return {{{"type", "integer"}, {"minimum", 0}, {"maximum", 19}},
                "Zoom that the radius shall suit"};
    if (name == "weight")
        return {{{"type", "string"}, {"pattern", "^[a-z][a-z0-9_]*$"}},
                "A field of numbers that each point counts as much as; else 1"};
    bool const georeport = pattern.starts_with("/open311/");
    if (georeport && name == "radius") return {number(1, 5000), "Metres around lat and long"};
    if (name == "jurisdiction_id") return {{{"type", "string"}}, "Of no effect: there is one"};
    if (name == "service_request_id") return {{{"type", "string"}}, "These alone, with commas"};
    if (name == "service_code") return {{{"type", "string"}}, "Of these services, with commas"};
    if (name == "start_date" || name == "end_date")
        return {{{"type", "string"}, {"format", "date-time"}},
                "Sent in that time; 90 days at most"};
    if (georeport && name == "status") return {{{"type", "string"}}, "open, closed"};
    if (georeport && name == "state")
        return {{{"type", "string"}}, "The finer states, with commas: received, in_progress, …"};
    if (name == "long") return {number(-180, 180), "Degrees"};
    bool const press = pattern.starts_with("/press");
    if (press && name == "text")
        return {{{"type", "string"}}, "Words that items hold, accents and case aside"};
    if (press && name == "place")
        return {{{"type", "string"}}, "Code of a unit that items name, or of one that holds it"};
    if (press && name == "topic") return {{{"type", "string"}}, "Items of that topic alone"};
    if (press && name == "report")
        return {{{"type", "integer"}, {"minimum", 1}, {"maximum", 9007199254740991}},
                "Items that are tied to that report"};
    if (name == "text") return {{{"type", "string"}}, "What would be said"};
    if (name == "category") return {{{"type", "string"}}, "What it would be about"};
    if (name == "target")
        return {number(0, 1000), "Height above ground of what is to be seen, metres"};
    if (name == "terrain")
        return {{{"type", "string"}, {"pattern", "^[a-z][a-z0-9_]*$"}},
                "A coverage of heights; else the finest that holds the position"};
    if (name == "top") return {number(1e-9, 1e12), "Density per km2 at which colours end"};
    if (name == "hours")
        return {{{"type", "string"}}, "Local hours: 8, 18-23, 22-4 over midnight, with commas"};
    if (name == "weekdays")
        return {{{"type", "string"}}, "Local weekdays: 1 (Monday) to 7, 1-5, with commas"};
    if (name == "step")
        return {{{"type", "string"}, {"enum", Json::array({"day", "week", "month"})}},
                "Length of a step"};
    return {nullptr, {}};
}

Json describe_city_change(http::Method method, std::string_view pattern) {
    constexpr std::string_view problems[] = {"400", "401", "403", "404", "409",
                                             "413", "415", "429", "503"};
    auto const* const found = find_change(changes, method, pattern);
    return found == nullptr ? Json(nullptr) : describe_change(*found, "Reports", problems);
}

void add_city_responses(std::string_view pattern, Json& responses) {
    Json const problem{{"$ref", "#/components/responses/Problem"}};
    if (pattern == "/cameras/seeing") responses["404"] = problem;
    if (pattern.ends_with("/snapshot") || pattern.ends_with("/stream"))
        for (auto const* const status : {"400", "401", "403", "503"}) responses[status] = problem;
    if (pattern.ends_with("/messages"))
        for (auto const* const status : {"401", "403"}) responses[status] = problem;
    if (!pattern.starts_with("/open311/") || pattern.find("/photos") != std::string_view::npos)
        return;
    // What no handler sees is refused as everywhere; the rest as GeoReport has it.
    for (auto const* const status : {"400", "404"}) {
        if (!responses.contains(status)) continue;
        responses[status] = {{"description", "Refused"},
                             {"content",
                              {{"application/problem+json",
                                {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}},
                               {"application/json",
                                {{"schema", {{"$ref", "#/components/schemas/GeoReportErrors"}}}}},
                               {"text/xml", {{"schema", {{"type", "string"}}}}}}}};
    }
}

std::string_view city_schema_of(std::string_view pattern) noexcept {
    auto const* const found =
        std::ranges::find(routes, pattern, &std::pair<std::string_view, std::string_view>::first);
    return found == std::end(routes) ? std::string_view{} : found->second;
}

Json city_schemas() {
    return Json::parse(schemas);
}

} // namespace diaban::services::api
