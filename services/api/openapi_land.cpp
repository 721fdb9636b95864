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
    {Method::post, "/land/dossiers/{dossierId}/return", "returnDossier",
     "Give a draft back, with the reason", "DossierReturn", "Dossier", "200"},
};

constexpr std::pair<std::string_view, std::string_view> answers[] = {
    {"/land/parcels", "Parcels"},
    {"/land/parcels/{parcelId}", "ParcelFile"},
    {"/land/extracts/{extractCode}", "ExtractCheck"},
    {"/land/dossiers", "Dossiers"},
    {"/land/dossiers/{dossierId}", "Dossier"},
};

constexpr std::string_view schemas[] = {
    R"("Parcel": {"type": "object", "required": ["fid", "identifier", "commune_code", "sheet",
    "number", "land_use", "legal_area_m2", "projected_area_m2", "ellipsoidal_area_m2"],
    "properties": {"fid": {"type": "integer"}, "identifier": {"type": "string"},
    "commune_code": {"type": "string"}, "commune_name": {"type": "string"},
    "sheet": {"type": "integer"}, "number": {"type": "integer"}, "land_use": {"type": "string"},
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
    R"("Dossiers": {"type": "object", "required": ["dossiers"], "properties": {
    "dossiers": {"type": "array", "items": {"$ref": "#/components/schemas/Dossier"}}},
    "additionalProperties": false})",
};

} // namespace

Json describe_land_change(http::Method method, std::string_view pattern) {
    constexpr std::string_view problems[] = {"400", "401", "403", "404", "409", "415", "503"};
    auto const* const found = find_change(changes, method, pattern);
    return found == nullptr ? Json(nullptr) : describe_change(*found, "Land", problems);
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
