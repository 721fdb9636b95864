#include "services/api/openapi_response.hpp"

#include "services/api/openapi_change.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace diaban::services::api {

namespace {

constexpr Change changes[] = {
    {http::Method::post, "/events/{eventId}/phase", "setEventPhase",
     "Say which phase a disaster event is in; closed ends it", "EventPhase", "EventPhaseSet",
     "200"},
    {http::Method::post, "/events/{eventId}/orders", "issueOrders",
     "Order something of the commands of several units at once, each by who is on duty",
     "NewOrders", "OrdersIssued", "201"},
    {http::Method::post, "/orders/{orderId}/acknowledge", "acknowledgeOrder",
     "Acknowledge an order; what is not within its minutes goes to the superior by name", "",
     "OrderReceipt", "200"},
    {http::Method::post, "/rescue-calls", "takeRescueCall",
     "Take a call for rescue, once by the sender's key: merged with an earlier one, or new",
     "NewRescueCall", "RescueCallTaken", "201"},
    {http::Method::post, "/rescue-calls/{callId}/assign", "assignRescueTeam",
     "Send the nearest free team; asked again, who was sent", "", "RescueDispatch", "200"},
    {http::Method::post, "/rescue-calls/{callId}/done", "finishRescueCall",
     "Say that it is done: the team is free again", "", "RescueDone", "200"},
};

constexpr std::string_view schemas[] = {
    R"("EventTimeline": {"type": "object", "required": ["event", "name", "at", "matched",
    "entries"], "properties": {"event": {"type": "integer"},
    "name": {"type": "string", "nullable": true}, "at": {"type": "string",
    "format": "date-time"}, "matched": {"type": "integer"}, "entries": {"type": "array",
    "items": {"type": "object", "required": ["at", "kind"], "properties": {
    "at": {"type": "string", "format": "date-time"}, "kind": {"type": "string", "enum": ["phase",
    "bulletin", "order_issued", "order_acknowledged", "order_escalated", "call_received",
    "call_assigned", "call_done"]}}}}}, "additionalProperties": false})",
    R"("EventPhase": {"type": "object", "required": ["phase"], "properties": {"phase": {
    "type": "string", "enum": ["watch", "prepare", "respond", "recover", "closed"]}}})",
    R"("EventPhaseSet": {"type": "object", "required": ["id", "phase"], "properties": {
    "id": {"type": "integer"}, "phase": {"type": "string"}}, "additionalProperties": false})",
    R"("NewOrders": {"type": "object", "required": ["text", "units"], "properties": {
    "text": {"type": "string", "maxLength": 2000}, "units": {"type": "array", "minItems": 1,
    "maxItems": 500, "items": {"type": "string"}}, "due_minutes": {"type": "integer",
    "minimum": 1, "maximum": 1440, "default": 10}}})",
    R"("OrdersIssued": {"type": "object", "required": ["issued_at", "due_minutes", "orders"],
    "properties": {"issued_at": {"type": "string", "format": "date-time"},
    "due_minutes": {"type": "integer"}, "orders": {"type": "array", "items": {"type": "object",
    "required": ["id", "unit", "to"], "properties": {"id": {"type": "integer"},
    "unit": {"type": "string"}, "to": {"type": "string"}}, "additionalProperties": false}}},
    "additionalProperties": false})",
    R"("OrderReceipt": {"type": "object", "required": ["id", "state", "acknowledged_at",
    "acknowledged_by"], "properties": {"id": {"type": "integer"}, "state": {"type": "string"},
    "acknowledged_at": {"type": "string", "format": "date-time"},
    "acknowledged_by": {"type": "string"}}, "additionalProperties": false})",
    R"("NewRescueCall": {"type": "object", "required": ["key", "event", "source", "text", "lon",
    "lat"], "properties": {"key": {"type": "string", "minLength": 1, "maxLength": 100},
    "event": {"type": "integer"}, "source": {"type": "string", "enum": ["112", "web"]},
    "text": {"type": "string", "maxLength": 2000}, "people": {"type": "integer", "minimum": 1,
    "maximum": 10000, "default": 1}, "vulnerable": {"type": "integer", "minimum": 0, "default": 0},
    "depth_m": {"type": "number", "minimum": 0, "maximum": 20}, "lon": {"type": "number"},
    "lat": {"type": "number"}, "caller": {"type": "string"}, "phone": {"type": "string"}}})",
    R"("RescueCallTaken": {"type": "object", "required": ["id", "state", "merged_into", "priority",
    "received_at"], "properties": {"id": {"type": "integer"}, "state": {"type": "string"},
    "merged_into": {"type": "integer", "nullable": true}, "priority": {"type": "integer",
    "minimum": 1, "maximum": 4}, "received_at": {"type": "string", "format": "date-time"}},
    "additionalProperties": false})",
    R"("RescueDispatch": {"type": "object", "required": ["id", "state", "team", "team_name",
    "capacity", "people", "distance_m", "assigned_at", "method"], "properties": {
    "id": {"type": "integer"}, "state": {"type": "string"}, "team": {"type": "integer"},
    "team_name": {"type": "string", "nullable": true},
    "capacity": {"type": "integer", "nullable": true}, "people": {"type": "integer"},
    "distance_m": {"type": "number"}, "assigned_at": {"type": "string", "format": "date-time"},
    "method": {"type": "string"}}, "additionalProperties": false})",
    R"("RescueDone": {"type": "object", "required": ["id", "state", "done_at"], "properties": {
    "id": {"type": "integer"}, "state": {"type": "string"},
    "done_at": {"type": "string", "format": "date-time"}}, "additionalProperties": false})",
};

constexpr std::string_view problems[] = {"400", "401", "403", "404", "409",
                                         "413", "415", "429", "503"};

} // namespace

Json response_schemas() {
    return schemas_of(schemas);
}

Json describe_response_change(http::Method method, std::string_view pattern) {
    auto const* const found = find_change(changes, method, pattern);
    return found == nullptr ? Json(nullptr) : describe_change(*found, "Response", problems);
}

} // namespace diaban::services::api
