#include "services/api/openapi_land.hpp"

#include "services/api/openapi_change.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

namespace diaban::services::api {

namespace {

using http::Method;

constexpr Change changes[] = {
    {Method::post, "/land/dossiers", "draftDossier",
     "Draft a split, a merger, or the undoing of a change", "NewDossier", "Dossier", "201"},
    {Method::post, "/land/dossiers/{dossierId}/check", "checkDossier",
     "Find a draft in order, as a second person", "", "Dossier", "200"},
    {Method::post, "/land/dossiers/{dossierId}/approve", "approveDossier",
     "Approve it, as a third: the change is written", "", "Dossier", "200"},
    {Method::post, "/land/cases", "openCase",
     "Open a case of inspection, once by the sender's key or for a suspect; it goes to who "
     "inspects there and has least to do",
     "NewInspectionCase", "InspectionCase", "201"},
    {Method::post, "/land/cases/{caseId}/moves", "moveCase",
     "Take the next step: assign, inspect, decide, close", "InspectionMove", "InspectionCase",
     "200"},
    {Method::post, "/land/cases/{caseId}/uploads", "beginCasePhoto",
     "Begin to send a photo, once by the sender's key", "NewPhotoUpload", "PhotoUpload", "201"},
    {Method::post, "/land/packs", "returnFieldPack",
     "Bring back a field pack that was filled in, at most 48 MiB: what changed in the field alone "
     "is taken, what changed here too is kept as a conflict",
     "", "FieldPackReturn", "200"},
    {Method::post, "/land/packs/{packId}/conflicts/{conflict}", "settleFieldPackConflict",
     "Say which of the two stands", "FieldPackChoice", "FieldPack", "200"},
    {Method::post, "/land/statistics", "freezeLandStatistics",
     "Freeze the parcels in force at the end of a 31 December, all of which the author may edit; "
     "once, unless a further version is asked for",
     "NewLandStatistics", "LandStatistics", "201"},
    {Method::patch, "/land/uploads/{uploadId}", "sendPhotoPart",
     "Send what follows from Upload-Offset, at most 1 MiB; with the last part the photo is there",
     "", "", "204"},
    {Method::post, "/land/dossiers/{dossierId}/return", "returnDossier",
     "Give a draft back, with the reason", "DossierReturn", "Dossier", "200"},
};

constexpr std::pair<std::string_view, std::string_view> answers[] = {
    {"/land/parcels", "Parcels"},
    {"/land/parcels/{parcelId}", "ParcelFile"},
    {"/land/extracts/{extractCode}", "ExtractCheck"},
    {"/collections/{collectionId}/items/{featureId}/lineage", "LotLineage"},
    {"/collections/{collectionId}/items/{featureId}/overlay", "LotOverlay"},
    {"/land/dossiers", "Dossiers"},
    {"/land/cases", "InspectionCases"},
    {"/land/cases/{caseId}", "InspectionCase"},
    {"/land/packs", "FieldPacks"},
    {"/land/packs/{packId}", "FieldPack"},
    {"/land/statistics", "LandStatisticsList"},
    {"/land/statistics/{statisticsId}", "LandStatisticsTable"},
    {"/land/statistics/{statisticsId}/changes", "LandStatisticsChanges"},
    {"/land/uploads/{uploadId}", "PhotoUpload"},
    {"/land/dossiers/{dossierId}", "Dossier"},
};

constexpr std::string_view schemas[] = {
    R"("Parcel": {"type": "object", "required": ["fid", "identifier", "commune_code", "sheet",
    "number", "land_use", "legal_area_m2", "projected_area_m2", "ellipsoidal_area_m2"],
    "properties": {"fid": {"type": "integer"}, "identifier": {"type": "string"},
    "commune_code": {"type": "string"}, "commune_name": {"type": "string"},
    "sheet": {"type": "integer"}, "number": {"type": "integer"}, "land_use": {"type": "string"},
    "address": {"type": "string", "nullable": true},
    "legal_area_m2": {"type": "number", "nullable": true},
    "projected_area_m2": {"type": "number", "nullable": true},
    "ellipsoidal_area_m2": {"type": "number", "nullable": true},
    "valid_from": {"type": "string", "nullable": true},
    "valid_to": {"type": "string", "nullable": true},
    "bbox": {"type": "array", "items": {"type": "number"}, "nullable": true}}})",
    R"("Parcels": {"type": "object", "required": ["parcels"], "properties": {
    "parcels": {"type": "array", "items": {"$ref": "#/components/schemas/Parcel"}}},
    "additionalProperties": false})",
    R"("LineageStep": {"type": "object", "required": ["change", "kind", "at", "document", "fid"],
    "properties": {"change": {"type": "integer"}, "kind": {"type": "string"},
    "at": {"type": "string"}, "document": {"type": "string"}, "issued_on": {"type": "string"},
    "undone_by": {"type": "integer", "nullable": true}, "fid": {"type": "integer"},
    "identifier": {"type": "string"}, "sheet": {"type": "integer"},
    "number": {"type": "integer"}}, "additionalProperties": false})",
    R"("ParcelFile": {"allOf": [{"$ref": "#/components/schemas/Parcel"}, {"type": "object",
    "required": ["geometry", "corners", "restrictions", "parents", "children"], "properties": {
    "geometry": {"type": "object", "nullable": true}, "crs": {"type": "string", "nullable": true},
    "scale": {"type": "integer", "nullable": true}, "drawn_on": {"type": "string", "nullable": true},
    "corners": {"type": "array", "items": {"type": "array", "items": {"type": "array",
    "items": {"type": "number"}}}}, "restrictions": {"type": "array", "items": {"type": "string"}},
    "correction_case": {"type": "boolean"},
    "parents": {"type": "array", "items": {"$ref": "#/components/schemas/LineageStep"}},
    "children": {"type": "array", "items": {"$ref": "#/components/schemas/LineageStep"}}}}]})",
    R"("ExtractCheck": {"type": "object", "required": ["code", "made_at", "current", "parcel"],
    "properties": {"code": {"type": "string"}, "made_at": {"type": "string"},
    "current": {"type": "boolean"}, "parcel": {"type": "object"}},
    "additionalProperties": false})",
    R"("LotStep": {"type": "object", "required": ["kind", "since", "fid", "of_parent", "of_child",
    "same_id"], "properties": {"kind": {"type": "string"},
    "since": {"type": "string", "format": "date"}, "fid": {"type": "integer"},
    "of_parent": {"type": "number"}, "of_child": {"type": "number"},
    "moved_m": {"type": "number", "nullable": true},
    "noise_m": {"type": "number", "nullable": true}, "same_id": {"type": "boolean"}},
    "additionalProperties": false})",
    R"("LotLineage": {"type": "object", "required": ["collection", "fid", "parents", "children",
    "purposes"], "properties": {"collection": {"type": "string"}, "fid": {"type": "integer"},
    "parents": {"type": "array", "items": {"$ref": "#/components/schemas/LotStep"}},
    "children": {"type": "array", "items": {"$ref": "#/components/schemas/LotStep"}},
    "purposes": {"type": "array", "items": {"type": "object"}}}, "additionalProperties": false})",
    R"("LotOverlay": {"type": "object", "required": ["collection", "fid", "area_m2", "overlays"],
    "properties": {"collection": {"type": "string"}, "fid": {"type": "integer"},
    "area_m2": {"type": "number"}, "method": {"type": "string"},
    "overlays": {"type": "array", "items": {"type": "object", "required": ["collection",
    "covered_m2", "share", "parts"], "properties": {"collection": {"type": "string"},
    "covered_m2": {"type": "number"}, "share": {"type": "number"},
    "parts": {"type": "array", "items": {"type": "object"}}}, "additionalProperties": false}}},
    "additionalProperties": false})",
    R"("NewDossier": {"type": "object", "required": ["kind", "document", "issued_on"],
    "properties": {"kind": {"type": "string", "enum": ["split", "merge", "undo"]},
    "parcels": {"type": "array", "items": {"type": "integer"}},
    "cut": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
    "area_m2": {"type": "number"}, "azimuth": {"type": "number"},
    "legal_areas": {"type": "array", "items": {"type": "number"}},
    "numbers": {"type": "array", "items": {"type": "integer"}}, "undoes": {"type": "integer"},
    "document": {"type": "string"}, "issued_on": {"type": "string", "format": "date"}}})",
    R"("DossierReturn": {"type": "object", "required": ["reason"], "properties": {
    "reason": {"type": "string"}}})",
    R"("Dossier": {"type": "object", "required": ["id", "kind", "state", "parcels", "children",
    "document", "drafted_by"], "properties": {"id": {"type": "integer"},
    "kind": {"type": "string"}, "state": {"type": "string"},
    "parcels": {"type": "array", "items": {"type": "integer"}},
    "children": {"type": "array", "items": {"type": "object"}}, "document": {"type": "string"},
    "issued_on": {"type": "string"}, "change": {"type": "integer", "nullable": true},
    "drafted_by": {"type": "string"}, "checked_by": {"type": "string", "nullable": true},
    "approved_by": {"type": "string", "nullable": true},
    "reason": {"type": "string", "nullable": true}}, "additionalProperties": false})",
    R"("NewInspectionCase": {"type": "object", "properties": {
    "key": {"type": "string", "minLength": 1, "maxLength": 100},
    "origin": {"type": "string", "enum": ["report", "plan", "hand"]},
    "reference": {"type": "string"}, "parcel": {"type": "integer"}, "lon": {"type": "number"},
    "lat": {"type": "number"}, "reason": {"type": "string", "maxLength": 2000},
    "due_on": {"type": "string", "format": "date"}, "suspect": {"type": "object",
    "description": "Properties of a feature of land-use-suspects, in place of all but due_on",
    "required": ["parcel", "reason", "seen", "seen_m2", "parcel_m2", "registered", "certainty"],
    "properties": {"parcel": {"type": "integer"}, "reason": {"type": "string",
    "enum": ["departs", "change-record-missing"]}, "seen": {"type": "string"},
    "seen_m2": {"type": "number"}, "parcel_m2": {"type": "number"},
    "registered": {"type": "string"}, "planned": {"type": "string", "nullable": true},
    "certainty": {"type": "string"}}}}})",
    R"("InspectionCase": {"type": "object", "required": ["id"], "properties": {
    "id": {"type": "integer"}, "origin": {"type": "string"},
    "reference": {"type": "string", "nullable": true},
    "parcel": {"type": "integer", "nullable": true}, "reason": {"type": "string"},
    "state": {"type": "string", "enum": ["new", "assigned", "inspected", "decided", "closed"]},
    "office": {"type": "string", "nullable": true},
    "assignee": {"type": "string", "nullable": true},
    "due_on": {"type": "string", "format": "date"}, "answers": {"type": "object",
    "nullable": true}, "finding": {"type": "string", "nullable": true},
    "measured_m2": {"type": "number", "nullable": true},
    "error_m2": {"type": "number", "nullable": true},
    "decision": {"type": "string", "nullable": true},
    "follow_up_on": {"type": "string", "format": "date", "nullable": true},
    "effect": {"type": "string", "nullable": true},
    "effect_m2": {"type": "number", "nullable": true},
    "decided_on": {"type": "string", "format": "date", "nullable": true},
    "counted": {"type": "array", "items": {"type": "object"}},
    "lon": {"type": "number"}, "lat": {"type": "number"},
    "items": {"type": "array", "items": {"type": "object"}},
    "moves": {"type": "array", "items": {"type": "string"}},
    "photos": {"type": "array", "items": {"type": "object"}},
    "steps": {"type": "array", "items": {"type": "object"}},
    "inspectors": {"type": "array", "items": {"type": "object", "required": ["office", "login",
    "open"], "properties": {"office": {"type": "string"}, "login": {"type": "string"},
    "open": {"type": "integer"}}, "additionalProperties": false}}}})",
    R"("InspectionCases": {"type": "object", "required": ["cases", "matched", "counts"],
    "properties": {
    "cases": {"type": "array", "items": {"$ref": "#/components/schemas/InspectionCase"}},
    "matched": {"type": "integer", "minimum": 0}, "counts": {"type": "object",
    "required": ["all", "open", "overdue", "mine"], "properties": {"all": {"type": "integer"},
    "open": {"type": "integer"}, "overdue": {"type": "integer"}, "mine": {"type": "integer"}},
    "additionalProperties": false}}, "additionalProperties": false})",
    R"("InspectionMove": {"type": "object", "required": ["move"], "properties": {
    "move": {"type": "string", "enum": ["assign", "inspect", "decide", "close"]},
    "assignee": {"type": "string"}, "answers": {"type": "object",
    "additionalProperties": {"type": "string"}}, "finding": {"type": "string",
    "maxLength": 2000}, "measured_m2": {"type": "number", "minimum": 0},
    "error_m2": {"type": "number", "minimum": 0}, "decision": {"type": "string",
    "maxLength": 2000}, "effect": {"type": "string", "enum": ["lost", "restored", "none"]},
    "effect_m2": {"type": "number", "minimum": 0},
    "follow_up_on": {"type": "string", "format": "date"}}})",
    R"("FieldPack": {"type": "object", "required": ["id", "login", "area", "made_at",
    "returned_at", "open"], "properties": {"id": {"type": "string"}, "login": {"type": "string"},
    "area": {"type": "string"}, "made_at": {"type": "string", "format": "date-time"},
    "returned_at": {"type": "string", "format": "date-time", "nullable": true},
    "open": {"type": "integer"}, "conflicts": {"type": "array", "items": {"type": "object",
    "required": ["number", "case", "state", "columns", "arrived_at", "take", "settled_by",
    "settled_at"], "properties": {"number": {"type": "integer"}, "case": {"type": "integer"},
    "state": {"type": "string", "nullable": true}, "columns": {"type": "array", "items":
    {"type": "object", "required": ["column", "pack", "field", "record"], "properties":
    {"column": {"type": "string"}, "pack": {}, "field": {},
    "record": {}}, "additionalProperties": false}},
    "arrived_at": {"type": "string", "format": "date-time"},
    "take": {"type": "string", "nullable": true},
    "settled_by": {"type": "string", "nullable": true},
    "settled_at": {"type": "string", "format": "date-time", "nullable": true}},
    "additionalProperties": false}}}, "additionalProperties": false})",
    R"("FieldPacks": {"type": "object", "required": ["packs"], "properties": {"packs":
    {"type": "array", "items": {"$ref": "#/components/schemas/FieldPack"}}},
    "additionalProperties": false})",
    R"("FieldPackChoice": {"type": "object", "required": ["take"], "properties": {
    "take": {"type": "string", "enum": ["field", "record"]}}})",
    R"("FieldPackReturn": {"type": "object", "required": ["pack", "unchanged", "repeated", "taken",
    "opened", "conflicts", "faults"], "properties": {"pack": {"type": "string"},
    "unchanged": {"type": "integer"}, "repeated": {"type": "integer"},
    "taken": {"type": "array", "items": {"type": "integer"}},
    "opened": {"type": "array", "items": {"type": "integer"}},
    "conflicts": {"type": "array", "items": {"type": "integer"}},
    "faults": {"type": "array", "items": {"type": "object", "required": ["row", "column", "value",
    "accepted"], "properties": {"row": {"type": "integer"}, "column": {"type": "string"},
    "value": {"type": "string"}, "accepted": {"type": "string"}},
    "additionalProperties": false}}}, "additionalProperties": false})",
    R"("NewLandStatistics": {"type": "object", "required": ["taken_on"], "properties": {
    "taken_on": {"type": "string", "format": "date", "description": "A 31 December that is over"},
    "kind": {"type": "string", "enum": ["annual", "inventory"], "default": "annual"},
    "again": {"type": "boolean", "default": false, "description": "A further version"},
    "as_of": {"type": "string", "format": "date-time", "description":
    "The register as it was known then; absent: now"}}})",
    R"("LandStatistics": {"type": "object", "required": ["id", "taken_on", "kind", "version",
    "known_at", "frozen_at", "author", "previous"], "properties": {"id": {"type": "integer"},
    "taken_on": {"type": "string", "format": "date"},
    "kind": {"type": "string", "enum": ["annual", "inventory"]}, "version": {"type": "integer"},
    "known_at": {"type": "string", "format": "date-time"},
    "frozen_at": {"type": "string", "format": "date-time"}, "author": {"type": "string"},
    "previous": {"type": "integer", "nullable": true}}})",
    R"("LandStatisticsList": {"type": "object", "required": ["statistics"], "properties": {
    "statistics": {"type": "array", "items": {"$ref": "#/components/schemas/LandStatistics"}}},
    "additionalProperties": false})",
    R"("LandUseHectares": {"type": "object", "required": ["code", "ha"], "properties": {
    "code": {"type": "string", "nullable": true}, "title": {"type": "string"},
    "group": {"type": "string", "nullable": true}, "ha": {"type": "number"}},
    "additionalProperties": false})",
    R"("TableRounding": {"type": "object", "required": ["method", "step_ha",
    "greatest_difference_ha"], "properties": {"method": {"type": "string"},
    "step_ha": {"type": "number"}, "greatest_difference_ha": {"type": "number"}},
    "additionalProperties": false})",
    R"("LandStatisticsTable": {"allOf": [{"$ref": "#/components/schemas/LandStatistics"},
    {"type": "object", "required": ["unit", "area", "user_class", "synthetic", "partial",
    "parcels", "without_area", "area_m2", "rounding", "total_ha", "groups", "uses", "communes"],
    "properties": {"unit": {"type": "string"}, "area": {"type": "string"},
    "user_class": {"type": "string"}, "synthetic": {"type": "boolean"},
    "partial": {"type": "boolean", "description": "The visitor may not see every unit"},
    "parcels": {"type": "integer"}, "without_area": {"type": "integer"},
    "area_m2": {"type": "number"}, "rounding": {"$ref": "#/components/schemas/TableRounding"},
    "total_ha": {"type": "number"}, "groups": {"type": "array", "items": {"type": "object",
    "required": ["group", "ha"], "properties": {"group": {"type": "string", "nullable": true},
    "ha": {"type": "number"}}, "additionalProperties": false}},
    "uses": {"type": "array", "items": {"$ref": "#/components/schemas/LandUseHectares"}},
    "communes": {"type": "array", "items": {"type": "object", "required": ["code", "name", "ha",
    "uses"], "properties": {"code": {"type": "string", "nullable": true},
    "name": {"type": "string", "nullable": true}, "ha": {"type": "number"},
    "uses": {"type": "array", "items": {"$ref": "#/components/schemas/LandUseHectares"}}},
    "additionalProperties": false}}}}]})",
    R"("LandStatisticsChanges": {"allOf": [{"$ref": "#/components/schemas/LandStatistics"},
    {"type": "object", "required": ["unit", "synthetic", "partial", "since", "rounding", "before",
    "after"], "properties": {"unit": {"type": "string"}, "synthetic": {"type": "boolean"},
    "partial": {"type": "boolean"}, "since": {"type": "string", "format": "date",
    "nullable": true}, "rounding": {"type": "object", "nullable": true},
    "before": {"type": "array", "items": {"type": "object", "required": ["new", "code", "ha",
    "after", "gone_ha"], "properties": {"new": {"type": "boolean"},
    "code": {"type": "string", "nullable": true}, "ha": {"type": "number"},
    "after": {"type": "array", "items": {"$ref": "#/components/schemas/LandUseHectares"}},
    "gone_ha": {"type": "number"}}, "additionalProperties": false}},
    "after": {"type": "array", "items": {"$ref": "#/components/schemas/LandUseHectares"}}}}]})",
    R"("NewPhotoUpload": {"type": "object", "required": ["key", "length"], "properties": {
    "key": {"type": "string", "minLength": 1, "maxLength": 100}, "length": {"type": "integer",
    "minimum": 1, "maximum": 12582912}, "sha256": {"type": "string",
    "pattern": "^[0-9a-f]{64}$"}}})",
    R"("PhotoUpload": {"type": "object", "required": ["id", "case", "length", "offset", "photo"],
    "properties": {"id": {"type": "integer"}, "case": {"type": "integer"},
    "length": {"type": "integer"}, "offset": {"type": "integer"},
    "photo": {"type": "integer", "nullable": true}}, "additionalProperties": false})",
    R"("Dossiers": {"type": "object", "required": ["dossiers"], "properties": {
    "dossiers": {"type": "array", "items": {"$ref": "#/components/schemas/Dossier"}}},
    "additionalProperties": false})",
};

constexpr char pack_type[] = "application/geopackage+sqlite3";

Json binary() {
    return {{"schema", {{"type", "string"}, {"format", "binary"}}}};
}

Json problem() {
    return {{"$ref", "#/components/responses/Problem"}};
}

} // namespace

Json describe_land_change(http::Method method, std::string_view pattern) {
    constexpr std::string_view problems[] = {"400", "401", "403", "404", "409",
                                             "415", "422", "429", "503"};
    auto const* const found = find_change(changes, method, pattern);
    if (found == nullptr) return nullptr;
    auto described = describe_change(*found, "Land", problems);
    if (method == Method::patch) {
        described["requestBody"] = {{"required", true},
                                    {"content",
                                     {{"application/offset+octet-stream",
                                       {{"schema", {{"type", "string"}, {"format", "binary"}}}}}}}};
        described["parameters"].push_back(
            {{"name", "Upload-Offset"},
             {"in", "header"},
             {"required", true},
             {"description", "How much arrived before, as HEAD says it"},
             {"schema", {{"type", "integer"}, {"minimum", 0}}}});
    }
    if (pattern == "/land/packs") {
        described["requestBody"] = {{"required", true}, {"content", {{pack_type, binary()}}}};
        described["responses"]["413"] = problem();
        described["responses"]["422"] = {
            {"description", "Rows and columns that cannot be taken: nothing was"},
            {"content",
             {{"application/json",
               {{"schema", {{"$ref", "#/components/schemas/FieldPackReturn"}}}}}}}};
    }
    return described;
}

void add_land_responses(std::string_view pattern, Json& responses) {
    if (pattern.ends_with("/extract.pdf")) responses["409"] = problem(); // no sheet shows it
    if (pattern != "/land/packs") return;
    responses["200"]["content"][pack_type] = binary();
    responses["202"] = {
        {"description", "Being made: its job"},
        {"content", {{"application/json", {{"schema", {{"$ref", "#/components/schemas/Job"}}}}}}}};
    responses["206"] = {{"description", "The part asked for by Range"},
                        {"content", {{pack_type, binary()}}}};
    for (auto const* const status : {"404", "413", "416", "429", "503"})
        responses[status] = problem();
}

Json land_schemas() {
    return schemas_of(schemas);
}

std::string_view land_schema_of(std::string_view pattern) noexcept {
    auto const* const found =
        std::ranges::find(answers, pattern, [](auto const& answer) { return answer.first; });
    return found == std::end(answers) ? std::string_view{} : found->second;
}

} // namespace diaban::services::api
