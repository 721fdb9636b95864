#include "services/api/openapi_wall.hpp"

#include "services/api/openapi_change.hpp"

namespace diaban::services::api {

namespace {

constexpr Change changes[] = {
    {http::Method::post, "/wall/{wallId}/beats", "beatWall",
     "What a screen says of itself, four times a second; the answer is what there is to show, and "
     "the clock that all screens go by (milliseconds of the epoch)",
     "WallBeat", "WallTold", "200"},
    {http::Method::post, "/wall/{wallId}/air", "airWall",
     "Puts a kept scene, or content, on air: prepared by all screens, then shown by all at once",
     "WallAir", "", "204"},
    {http::Method::post, "/wall/{wallId}/standby", "standByWall",
     "Lets the screens prepare a kept scene, so that it is on air at once when it is put there",
     "WallStandBy", "", "204"},
    {http::Method::post, "/wall/{wallId}/undo", "undoWall", "Takes back what was put on air last",
     "", "", "204"},
    {http::Method::post, "/wall/{wallId}/lock", "lockWall",
     "Locks the wall during an event, or unlocks it", "WallLock", "", "204"},
    {http::Method::post, "/wall/{wallId}/view", "moveWall",
     "Moves the map on all screens, together", "WallView", "", "204"},
    {http::Method::post, "/wall/{wallId}/stand-ins", "standInWall",
     "Lets a living screen show what a dead one would", "WallStandIn", "", "204"},
    {http::Method::post, "/wall/{wallId}/carousel", "turnWall",
     "Lets scenes that have a time follow one another, or stops that", "WallCarousel", "", "204"},
};

constexpr std::string_view schemas[] = {
    R"("WallGrid": {"type": "object", "required": ["number", "title", "rows", "columns", "pixels",
    "pitch_mm", "gaps_mm"], "properties": {"number": {"type": "integer"},
    "title": {"type": "string"}, "rows": {"type": "integer"}, "columns": {"type": "integer"},
    "pixels": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
    "pitch_mm": {"type": "number"},
    "gaps_mm": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}}})",
    R"("Walls": {"type": "object", "required": ["walls"], "properties": {"walls": {"type": "array",
    "items": {"$ref": "#/components/schemas/WallGrid"}}}, "additionalProperties": false})",
    R"("Wall": {"allOf": [{"$ref": "#/components/schemas/WallGrid"}, {"type": "object",
    "required": ["operable", "scenes", "state", "screens"], "properties": {
    "operable": {"type": "boolean"}, "scenes": {"type": "array", "items": {"type": "object"}},
    "state": {"type": "object", "nullable": true},
    "screens": {"type": "array", "items": {"type": "object"}}}}]})",
    R"("WallBeat": {"type": "object", "required": ["client", "rows", "columns", "prepared", "shown",
    "known"], "properties": {"client": {"type": "string", "minLength": 8, "maxLength": 64},
    "rows": {"type": "string"}, "columns": {"type": "string"}, "prepared": {"type": "integer"},
    "shown": {"type": "integer"}, "known": {"type": "integer"}, "standby": {"type": "integer"},
    "switched_at": {"type": "number"}, "painted_at": {"type": "number"}}})",
    R"("WallTold": {"type": "object", "required": ["now", "revision", "begun_at", "fed"],
    "properties": {"now": {"type": "number"}, "revision": {"type": "integer"},
    "begun_at": {"type": "number"}, "fed": {"type": "integer"},
    "standby_number": {"type": "integer"}, "standby": {"type": "object", "nullable": true}}})",
    R"("WallAir": {"type": "object", "properties": {"scene": {"type": "integer"},
    "content": {"type": "object"}}})",
    R"("WallStandBy": {"type": "object", "required": ["scene"], "properties": {
    "scene": {"type": "integer"}}})",
    R"("WallLock": {"type": "object", "required": ["locked"], "properties": {
    "locked": {"type": "boolean"}}})",
    R"("WallView": {"type": "object", "required": ["lon", "lat", "zoom"], "properties": {
    "lon": {"type": "number"}, "lat": {"type": "number"}, "zoom": {"type": "number"}}})",
    R"("WallStandIn": {"type": "object", "required": ["cell"], "properties": {
    "cell": {"type": "string"}, "by": {"type": "string"}}})",
    R"("WallCarousel": {"type": "object", "required": ["going"], "properties": {
    "going": {"type": "boolean"}}})",
};

} // namespace

std::string_view wall_schema_of(std::string_view pattern) noexcept {
    if (pattern == "/wall") return "Walls";
    return pattern == "/wall/{wallId}" ? "Wall" : std::string_view{};
}

Json describe_wall_change(http::Method method, std::string_view pattern) {
    constexpr std::string_view problems[] = {"400", "401", "403", "404",
                                             "409", "413", "415", "503"};
    auto const* const found = find_change(changes, method, pattern);
    return found == nullptr ? Json(nullptr) : describe_change(*found, "Walls", problems);
}

Json wall_schemas() {
    return schemas_of(schemas);
}

} // namespace diaban::services::api
