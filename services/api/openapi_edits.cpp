#include "services/api/openapi_edits.hpp"

#include "services/api/batch.hpp"

#include <algorithm>
#include <iterator>

namespace diaban::services::api {

namespace {

struct Operation {
    http::Method method;
    std::string_view pattern;
    std::string_view id;
    std::string_view text;
    std::string_view schema; ///< of the body; empty: none
    std::string_view success;
};

constexpr char item_pattern[] = "/collections/{collectionId}/items/{featureId}";

constexpr Operation operations[] = {
    {http::Method::post, "/collections/{collectionId}/items", "createItem", "Create a feature",
     "FeatureInput", "201"},
    {http::Method::put, item_pattern, "replaceItem", "Replace a feature", "FeatureInput", "200"},
    {http::Method::patch, item_pattern, "updateItem", "Change a feature by JSON merge patch",
     "FeaturePatch", "200"},
    {http::Method::remove, item_pattern, "deleteItem", "Delete a feature", "", "204"},
    {http::Method::post, "/batch", "applyBatch", "Change many features, all or none", "Batch",
     "200"},
};

Json reference(std::string_view schema) {
    return {{"$ref", "#/components/schemas/" + std::string{schema}}};
}

Json header(std::string_view name, std::string_view text, bool required) {
    return {{"name", name},
            {"in", "header"},
            {"required", required},
            {"description", text},
            {"schema", {{"type", "string"}}}};
}

Json headers_of(Operation const& operation) {
    Json all = Json::array();
    bool const changes = operation.pattern == item_pattern;
    if (changes)
        all.push_back(header("If-Match",
                             "ETag of the state that was read; 428 without, 412 if the "
                             "feature is in another state",
                             true));
    if (operation.method != http::Method::remove)
        all.push_back(header("Prefer", "return=minimal spares the feature in the answer", false));
    all.push_back(header("Idempotency-Key",
                         "Makes a repeated request count once; remembered for a day", false));
    all.push_back(
        header("Change-Reason", "Why; percent-encoded UTF-8, kept in the history", false));
    return all;
}

Json body_of(Operation const& operation) {
    Json content;
    if (operation.schema == "FeaturePatch") {
        content["application/merge-patch+json"] = {{"schema", reference(operation.schema)}};
    } else {
        if (operation.schema == "FeatureInput")
            content["application/geo+json"] = {{"schema", reference(operation.schema)}};
        content["application/json"] = {{"schema", reference(operation.schema)}};
    }
    return {{"required", true}, {"content", std::move(content)}};
}

Json success_of(Operation const& operation) {
    if (operation.schema.empty()) return {{"description", "Deleted"}};
    Json answer{{"description", operation.text}};
    if (operation.schema == "Batch") {
        answer["content"]["application/json"] = {{"schema", reference("BatchResult")}};
        return answer;
    }
    answer["content"]["application/geo+json"] = {{"schema", reference("EditedFeature")}};
    answer["headers"]["ETag"] = {{"description", "The state it is in now"},
                                 {"schema", {{"type", "string"}}}};
    if (operation.success == "201")
        answer["headers"]["Location"] = {{"description", "The new feature"},
                                         {"schema", {{"type", "string"}, {"format", "uri"}}}};
    return answer;
}

/// What of a GeoJSON geometry a patch changes.
Json geometry_patch_schema() {
    Json const types = Json::array(
        {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"});
    return {{"type", "object"},
            {"nullable", true},
            {"properties",
             {{"type", {{"type", "string"}, {"enum", types}}},
              {"coordinates", {{"type", "array"}, {"items", Json::object()}}}}}};
}

Json feature_schema(bool stored) {
    Json properties{{"type", {{"type", "string"}, {"enum", Json::array({"Feature"})}}},
                    {"geometry", reference("Geometry")},
                    {"properties", {{"type", "object"}, {"additionalProperties", true}}}};
    if (stored) properties["id"] = {{"type", "integer"}, {"format", "int64"}};
    return {{"type", "object"},
            {"required", stored ? Json::array({"type", "id", "geometry", "properties"})
                                : Json::array({"type", "geometry", "properties"})},
            {"properties", std::move(properties)}};
}

Json batch_schema() {
    Json const change{
        {"type", "object"},
        {"required", Json::array({"method", "collection"})},
        {"properties",
         {{"method",
           {{"type", "string"}, {"enum", Json::array({"POST", "PUT", "PATCH", "DELETE"})}}},
          {"collection", {{"type", "string"}}},
          {"fid", {{"type", "integer"}, {"format", "int64"}}},
          {"ifMatch", {{"type", "string"}}},
          {"body", {{"type", "object"}, {"additionalProperties", true}}}}}};
    return {
        {"type", "object"},
        {"required", Json::array({"changes"})},
        {"properties",
         {{"changes",
           {{"type", "array"}, {"minItems", 1}, {"maxItems", most_changes}, {"items", change}}}}}};
}

Json batch_result_schema() {
    Json const result{{"type", "object"},
                      {"required", Json::array({"collection", "fid", "status"})},
                      {"properties",
                       {{"collection", {{"type", "string"}}},
                        {"fid", {{"type", "integer"}, {"format", "int64"}}},
                        {"status", {{"type", "integer"}}},
                        {"etag", {{"type", "string"}}},
                        {"href", {{"type", "string"}, {"format", "uri"}}},
                        {"feature", reference("EditedFeature")}}}};
    return {{"type", "object"},
            {"required", Json::array({"results"})},
            {"properties", {{"results", {{"type", "array"}, {"items", result}}}}}};
}

} // namespace

Json describe_edit(http::Method method, std::string_view pattern) {
    auto const* const found = std::ranges::find_if(operations, [&](Operation const& operation) {
        return operation.method == method && operation.pattern == pattern;
    });
    if (found == std::end(operations)) return nullptr;
    Json described{{"operationId", found->id},
                   {"summary", found->text},
                   {"tags", Json::array({"Edits"})},
                   {"parameters", headers_of(*found)}};
    if (!found->schema.empty()) described["requestBody"] = body_of(*found);
    auto& responses = described["responses"];
    responses[std::string{found->success}] = success_of(*found);
    if (found->success == "200" && found->schema != "Batch")
        responses["204"] = {{"description", "Done, with return=minimal"}};
    Json const problem{{"$ref", "#/components/responses/Problem"}};
    for (auto const* const status : {"400", "404", "412", "413", "415", "422", "428", "503"})
        responses[status] = problem;
    responses["default"] = problem;
    return described;
}

Json edit_schemas() {
    return {{"EditedFeature", feature_schema(true)},
            {"FeatureInput", feature_schema(false)},
            {"FeaturePatch",
             {{"type", "object"},
              {"properties",
               {{"geometry", geometry_patch_schema()},
                {"properties", {{"type", "object"}, {"additionalProperties", true}}}}}}},
            {"Batch", batch_schema()},
            {"BatchResult", batch_result_schema()}};
}

} // namespace diaban::services::api
