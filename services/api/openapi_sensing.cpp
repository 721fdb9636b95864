#include "services/api/openapi_sensing.hpp"

#include "services/api/openapi_change.hpp"

#include <cstdint>

namespace diaban::services::api {

namespace {

constexpr std::string_view entities = "/sta/v1.1/{staPath...}";

constexpr Change changes[] = {
    {http::Method::post, entities, "createSensing",
     "Make one entity of a set, linked to others by their @iot.id; CreateObservations makes up to "
     "10,000 observations, all or none",
     "", "", "201"},
    {http::Method::post, "/alerts/{alertId}/acknowledge", "acknowledgeAlert",
     "Say that somebody has taken an alert up", "", "", "200"},
    {http::Method::post, "/alerts/{alertId}/close", "closeAlert",
     "Close an alert, with the reason; what was said of it is cancelled", "WorkReason", "", "200"},
    {http::Method::post, "/cap/messages", "takeCap",
     "Take a message of others (CAP 1.2) as an alert; an Update or Cancel ends what it refers to",
     "", "TakenCap", "201"},
    {http::Method::post, "/webhooks", "addWebhook",
     "Tell somebody of alerts by HTTP, signed as Standard Webhooks; a secret that is made here is "
     "said once",
     "NewWebhook", "Webhook", "201"},
    {http::Method::put, "/webhooks/{webhookId}", "setWebhook",
     "Tell them of others, elsewhere, or no more for now", "NewWebhook", "Webhook", "200"},
    {http::Method::remove, "/webhooks/{webhookId}", "removeWebhook",
     "Tell them no more, and forget what is on its way", "", "", "204"},
    {http::Method::post, "/deliveries/{deliveryId}/retry", "retryDelivery",
     "Try a delivery again, at once", "", "", "204"},
};

constexpr std::string_view schemas[] = {
    R"("TakenCap": {"type": "object", "required": ["id", "ended"], "properties": {
    "id": {"type": "integer", "nullable": true},
    "ended": {"type": "array", "items": {"type": "integer"}}}, "additionalProperties": false})",
    R"("GateFigure": {"type": "object", "nullable": true, "required": ["at", "no_data"],
    "properties": {"value": {"type": "number"}, "count": {"type": "number"},
    "minutes": {"type": "number"}, "per_hour": {"type": "number", "nullable": true},
    "at": {"type": "string", "format": "date-time"}, "no_data": {"type": "boolean"}},
    "additionalProperties": false})",
    R"("BorderGates": {"type": "object", "required": ["gates", "method"], "properties": {
    "method": {"type": "string"}, "gates": {"type": "array", "items": {"type": "object",
    "required": ["id", "name", "directions"], "properties": {"id": {"type": "integer"},
    "name": {"type": "string"}, "directions": {"type": "array", "items": {"type": "object",
    "required": ["direction", "lanes", "queue", "passed", "waiting"], "properties": {
    "direction": {"type": "string", "enum": ["out", "in"]},
    "lanes": {"$ref": "#/components/schemas/GateFigure"},
    "queue": {"$ref": "#/components/schemas/GateFigure"},
    "passed": {"$ref": "#/components/schemas/GateFigure"},
    "waiting": {"type": "object", "nullable": true, "required": ["minutes", "low", "high",
    "confidence"], "properties": {"minutes": {"type": "number", "nullable": true},
    "low": {"type": "number"}, "high": {"type": "number", "nullable": true},
    "confidence": {"type": "number"}}, "additionalProperties": false}},
    "additionalProperties": false}}}, "additionalProperties": false}}},
    "additionalProperties": false})",
    R"("NewWebhook": {"type": "object", "required": ["url"], "properties": {
    "url": {"type": "string", "format": "uri"}, "title": {"type": "string"},
    "secret": {"type": "string", "minLength": 16, "maxLength": 200},
    "collections": {"type": "array", "items": {"type": "string"}},
    "severities": {"type": "array", "items": {"type": "string"}},
    "level": {"type": "integer", "minimum": 0, "maximum": 255},
    "scopes": {"type": "array", "nullable": true, "items": {"type": "string"}},
    "enabled": {"type": "boolean"}}})",
    R"("Webhook": {"type": "object", "required": ["id", "title", "url", "collections", "severities",
    "level", "scopes", "enabled"], "properties": {"id": {"type": "integer"},
    "title": {"type": "string"}, "url": {"type": "string"}, "secret": {"type": "string"},
    "collections": {"type": "array", "items": {"type": "string"}},
    "severities": {"type": "array", "items": {"type": "string"}},
    "level": {"type": "integer"},
    "scopes": {"type": "array", "nullable": true, "items": {"type": "string"}},
    "enabled": {"type": "boolean"}}, "additionalProperties": false})",
    R"("Webhooks": {"type": "object", "required": ["webhooks"], "properties": {"webhooks": {
    "type": "array", "items": {"$ref": "#/components/schemas/Webhook"}}},
    "additionalProperties": false})",
    R"("Deliveries": {"type": "object", "required": ["deliveries"], "properties": {"deliveries": {
    "type": "array", "items": {"type": "object", "required": ["id", "message", "state", "created",
    "attempts", "lastAt", "lastStatus", "fault"], "properties": {"id": {"type": "integer"},
    "message": {"type": "string"}, "state": {"type": "string"}, "created": {"type": "string",
    "format": "date-time"}, "attempts": {"type": "integer"}, "lastAt": {"type": "string",
    "format": "date-time", "nullable": true}, "lastStatus": {"type": "integer",
    "nullable": true}, "fault": {"type": "string"}}, "additionalProperties": false}}},
    "additionalProperties": false})",
};

Json whole(std::int64_t most) {
    return {{"type", "integer"}, {"minimum", 0}, {"maximum", most}};
}

} // namespace

std::string path_template(std::string_view pattern) {
    std::string path{pattern};
    if (auto const dots = path.find("..."); dots != std::string::npos) path.erase(dots, 3);
    return path;
}

std::pair<Json, std::string_view> describe_sensing_query(std::string_view name) {
    Json text{{"type", "string"}};
    if (name == "$filter")
        return {text, "What entities must satisfy: result gt 5 and Datastream/Thing/name eq 'x'"};
    if (name == "$expand")
        return {text, "Relations answered too: Datastreams($select=name;$expand=Sensor)"};
    if (name == "$orderby") return {text, "Order: properties with asc or desc, commas between"};
    if (name == "$select") return {text, "Only these properties, with commas"};
    if (name == "$top") return {whole(4'294'967'295), "At most so many; 1,000 a page"};
    if (name == "$skip") return {whole(1'000'000), "Without so many of the first"};
    if (name == "state") return {text, "Only what is in this state"};
    if (name == "$count") return {{{"type", "boolean"}}, "Say how many there are in all"};
    return {nullptr, {}};
}

Json sensing_schemas() {
    return schemas_of(schemas);
}

void add_sensing_responses(std::string_view pattern, Json& responses) {
    if (pattern.starts_with("/cap/")) // XML, which is no object
        for (auto& [type, content] : responses["200"]["content"].items())
            content["schema"] = {{"type", "string"}};
    if (pattern != entities) return;
    responses["204"] = {{"description", "The property has no value"}};
    responses["200"]["content"]["text/plain"] = {{"schema", {{"type", "string"}}}};
}

Json describe_sensing_change(http::Method method, std::string_view pattern) {
    constexpr std::string_view problems[] = {"400", "401", "403", "404",
                                             "409", "413", "415", "503"};
    auto const* const found = find_change(changes, method, pattern);
    if (found == nullptr) return nullptr;
    if (pattern.starts_with("/webhooks") || pattern.starts_with("/deliveries"))
        return describe_change(*found, "Alerts", problems);
    if (pattern == "/cap/messages") {
        auto described = describe_change(*found, "Alerts", problems);
        Json const text{{"schema", {{"type", "string"}}}};
        described["requestBody"] = {
            {"required", true},
            {"content", {{"application/cap+xml", text}, {"application/xml", text}}}};
        described["responses"]["200"] = described["responses"]["201"];
        return described;
    }
    bool const of_alerts = pattern.starts_with("/alerts/");
    auto described = describe_change(*found, of_alerts ? "Alerts" : "Sensors", problems);
    if (of_alerts) {
        described["responses"]["200"]["content"] = {
            {"application/json", {{"schema", {{"type", "object"}}}}}};
        return described;
    }
    described["requestBody"] = {
        {"required", true},
        {"content",
         {{"application/json",
           {{"schema",
             {{"oneOf", Json::array({{{"type", "object"}},
                                     {{"type", "array"}, {"items", {{"type", "object"}}}}})}}}}}}}};
    described["responses"]["201"]["content"] = {
        {"application/json",
         {{"schema",
           {{"oneOf", Json::array({{{"type", "object"}},
                                   {{"type", "array"}, {"items", {{"type", "string"}}}}})}}}}}};
    return described;
}

} // namespace diaban::services::api
