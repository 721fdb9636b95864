#include "services/api/openapi_coverages.hpp"

#include <algorithm>
#include <iterator>

namespace diaban::services::api {

namespace {

constexpr std::pair<std::string_view, std::string_view> routes[] = {
    {"/coverages", "Coverages"},
    {"/coverages/{coverageId}", "Coverage"},
    {"/coverages/{coverageId}/value", "CoverageValue"},
    {"/coverages/{coverageId}/profile", "CoverageProfile"},
    {"/coverages/{coverageId}/catchment", "Catchment"},
};

constexpr char schemas[] = R"({
"CoverageSummary": {"type": "object", "required": ["id", "title", "quantity", "unit", "bands", "origin",
    "crs", "bbox", "grid", "noData", "source", "attribution", "licence", "recorded", "links"],
    "properties": {"id": {"type": "string"}, "title": {"type": "string"},
    "quantity": {"type": "string"}, "unit": {"type": "string"},
    "bands": {"type": "array", "items": {"type": "string"}},
    "origin": {"type": "string", "enum": ["measured", "synthetic", "model"]},
    "crs": {"type": "string", "format": "uri"},
    "bbox": {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4},
    "grid": {"type": "object", "required": ["columns", "rows", "west", "north", "cellWidth", "cellHeight"],
    "properties": {"columns": {"type": "integer"}, "rows": {"type": "integer"},
    "west": {"type": "number"}, "north": {"type": "number"}, "cellWidth": {"type": "number"},
    "cellHeight": {"type": "number"}}, "additionalProperties": false},
    "noData": {"type": "string"}, "source": {"type": "string"}, "attribution": {"type": "string"},
    "licence": {"type": "string"}, "recorded": {"type": "string", "format": "date-time"},
    "verticalDatum": {"type": "object", "required": ["name", "crs"], "properties": {
    "name": {"type": "string"}, "crs": {"type": "string", "format": "uri"}}},
    "least": {"type": "number"}, "most": {"type": "number"}, "derivedFrom": {"type": "string"},
    "minzoom": {"type": "integer"}, "maxzoom": {"type": "integer"},
    "links": {"$ref": "#/components/schemas/Links"}}},
"Coverage": {"allOf": [{"$ref": "#/components/schemas/CoverageSummary"}, {"type": "object",
    "required": ["details", "times"], "properties": {
    "details": {"type": "object", "additionalProperties": true},
    "times": {"type": "array", "items": {"type": "string", "format": "date-time"}}}}]},
"Coverages": {"type": "object", "required": ["coverages", "links"], "properties": {
    "coverages": {"type": "array", "items": {"$ref": "#/components/schemas/CoverageSummary"}},
    "links": {"$ref": "#/components/schemas/Links"}}, "additionalProperties": false},
"CoverageValue": {"type": "object", "required": ["coverage", "title", "quantity", "unit",
    "verticalDatum", "origin", "recorded", "lon", "lat", "value", "interpolated", "method"],
    "properties": {"coverage": {"type": "string"}, "title": {"type": "string"},
    "quantity": {"type": "string"}, "unit": {"type": "string"}, "verticalDatum": {"type": "string"},
    "origin": {"type": "string"}, "recorded": {"type": "string", "format": "date-time"},
    "datetime": {"type": "string", "format": "date-time"}, "lon": {"type": "number"},
    "lat": {"type": "number"}, "value": {"type": "number", "nullable": true},
    "interpolated": {"type": "number", "nullable": true}, "method": {"type": "string"}},
    "additionalProperties": false},
"Catchment": {"type": "object", "required": ["type", "id", "geometry", "properties"], "properties": {
    "type": {"type": "string", "enum": ["Feature"]}, "id": {"type": "string"},
    "geometry": {"type": "object"}, "properties": {"type": "object", "required": ["outlet", "cells",
    "area_m2", "origin", "recorded", "details"], "properties": {"outlet": {"type": "array",
    "items": {"type": "number"}}, "cells": {"type": "integer"}, "area_m2": {"type": "number"},
    "origin": {"type": "string"}, "recorded": {"type": "string", "format": "date-time"},
    "details": {"type": "object", "additionalProperties": true}}, "additionalProperties": false}},
    "additionalProperties": false},
"CoverageProfile": {"type": "object", "required": ["coverage", "title", "quantity", "unit",
    "verticalDatum", "origin", "recorded", "method", "points"], "properties": {
    "coverage": {"type": "string"}, "title": {"type": "string"}, "quantity": {"type": "string"},
    "unit": {"type": "string"}, "verticalDatum": {"type": "string"}, "origin": {"type": "string"},
    "recorded": {"type": "string", "format": "date-time"},
    "datetime": {"type": "string", "format": "date-time"}, "method": {"type": "string"},
    "points": {"type": "array", "items": {"type": "object",
    "required": ["distance_m", "lon", "lat", "value"], "properties": {
    "distance_m": {"type": "number"}, "lon": {"type": "number"}, "lat": {"type": "number"},
    "value": {"type": "number", "nullable": true}}, "additionalProperties": false}}},
    "additionalProperties": false}
})";

} // namespace

std::pair<Json, std::string_view> describe_coverage_query(std::string_view name) {
    if (name == "band")
        return {{{"type", "string"}},
                "Which of the bands that the coverage lists; absent: the first"};
    if (name == "line")
        return {{{"type", "string"}}, "lon,lat,lon,lat,…: 2 to 200 positions (CRS84)"};
    if (name == "samples")
        return {{{"type", "integer"}, {"minimum", 2}, {"maximum", 2000}, {"default", 200}},
                "How many positions along the line, its ends among them"};
    if (name == "snap")
        return {{{"type", "number"}, {"minimum", 0}, {"maximum", 5000}, {"default", 0}},
                "Metres within which the cell is sought through which most drains"};
    return {nullptr, {}};
}

std::string_view coverage_schema_of(std::string_view pattern) noexcept {
    auto const* const found =
        std::ranges::find(routes, pattern, &std::pair<std::string_view, std::string_view>::first);
    return found == std::end(routes) ? std::string_view{} : found->second;
}

Json coverage_schemas() {
    return Json::parse(schemas);
}

} // namespace diaban::services::api
