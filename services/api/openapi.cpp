#include "services/api/openapi.hpp"

#include "services/api/html.hpp"
#include "services/http/representation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace diaban::services::api {

namespace {

/// What a route is for, and the media type of what it answers.
struct Summary {
    std::string_view pattern;
    std::string_view tag;
    std::string_view text;
    std::string_view media_type;
};

constexpr Summary summaries[] = {
    {"/", "Core", "Landing page", "application/json"},
    {"/api", "Core", "This description", "application/vnd.oai.openapi+json;version=3.0"},
    {"/conformance", "Core", "Conformance classes", "application/json"},
    {"/collections", "Features", "The collections", "application/json"},
    {"/collections/{collectionId}", "Features", "One collection", "application/json"},
    {"/collections/{collectionId}/queryables", "Features", "What its features can be filtered by",
     "application/schema+json"},
    {"/functions", "Features", "Functions that filters may call", "application/json"},
    {"/collections/{collectionId}/items", "Features", "Features, page by page",
     "application/geo+json"},
    {"/collections/{collectionId}/items/{featureId}", "Features", "One feature, exact coordinates",
     "application/geo+json"},
    {"/collections/{collectionId}/items/{featureId}/history", "Features",
     "Every version of one feature, newest first", "application/geo+json"},
    {"/collections/{collectionId}/tiles", "Tiles", "Tilesets of a collection", "application/json"},
    {"/collections/{collectionId}/tiles/{tileMatrixSet}", "Tiles", "One tileset",
     "application/json"},
    {"/collections/{collectionId}/tiles/{tileMatrixSet}/{tileMatrix}/{tileRow}/{tileCol}", "Tiles",
     "One vector tile", "application/vnd.mapbox-vector-tile"},
    {"/tileMatrixSets", "Tiles", "Tile matrix sets", "application/json"},
    {"/tileMatrixSets/{tileMatrixSet}", "Tiles", "One tile matrix set", "application/json"},
    {"/tiles/{collections}.json", "Tiles", "TileJSON of one or more collections",
     "application/json"},
    {"/tiles/{collections}/{zoom}/{column}/{row}.mvt", "Tiles",
     "One vector tile of one or more collections (XYZ)", "application/vnd.mapbox-vector-tile"},
    {"/tiles/{collections}/{zoom}/{column}/{row}.pbf", "Tiles",
     "The same under the other usual ending", "application/vnd.mapbox-vector-tile"},
    {"/places", "Places", "Search administrative units by name or code", "application/json"},
    {"/geocode", "Places", "The same search as GeoJSON points", "application/geo+json"},
    {"/at", "Places", "Units and features that contain a point", "application/json"},
    {"/styles", "Styles", "Map styles", "application/json"},
    {"/styles/{style}", "Styles", "A MapLibre style", "application/vnd.mapbox.style+json"},
    {"/styles/{style}/legend", "Styles", "Legend of a style", "application/json"},
    {"/styles/sprite{rest}", "Styles", "Icons", "image/png"},
    {"/healthz", "Health", "The process answers", "application/json"},
    {"/readyz", "Health", "Every mirror is loaded", "application/json"},
    {"/metrics", "Health", "Prometheus text", "text/plain"},
};

Json integer(std::int64_t least, std::int64_t most) {
    return {{"type", "integer"}, {"minimum", least}, {"maximum", most}};
}

Json text(std::string_view pattern = {}) {
    Json schema{{"type", "string"}};
    if (!pattern.empty()) schema["pattern"] = pattern;
    return schema;
}

struct Described {
    Json schema;
    std::string_view description;
};

Described describe_query(std::string_view name, std::string_view pattern) {
    if (name == "bbox")
        return {
            {{"type", "array"}, {"items", {{"type", "number"}}}, {"minItems", 4}, {"maxItems", 6}},
            "west,south,east,north (CRS84); a west beyond the east crosses the antimeridian"};
    if (name == "bbox-crs") return {text(), "CRS of bbox: CRS84"};
    if (name == "datetime")
        return {text(), "An instant, a day (UTC+7), or an interval; open ends are .. or nothing"};
    if (name == "as-of")
        return {{{"type", "string"}, {"format", "date-time"}},
                "As it was known at that instant; absent: as it is known now"};
    if (name == "limit") {
        auto schema = integer(1, pattern.ends_with("/items")     ? 10'000
                                 : pattern.ends_with("/history") ? 1000
                                                                 : 100);
        schema["default"] = 10;
        return {std::move(schema), "At most so many; more are sent page by page"};
    }
    if (name == "filter") return {text(), "What features must satisfy (CQL2); see queryables"};
    if (name == "filter-lang")
        return {{{"type", "string"},
                 {"enum", Json::array({"cql2-text", "cql2-json", "cql-text"})},
                 {"default", "cql2-text"}},
                "Language of filter; cql-text, of drafts, also has ILIKE and times as plain texts"};
    if (name == "filter-crs")
        return {text(), "CRS of positions in filter: CRS84, or EPSG:4326 with latitude first"};
    if (name == "cursor") return {text(), "Where a page begins; taken from the link rel=next"};
    if (name == "q") return {text(), "Name or code; diacritics and case do not matter"};
    if (name == "level")
        return {{{"type", "string"}, {"enum", Json::array({"province", "district", "commune"})}},
                "Level of the unit"};
    if (name == "on") return {{{"type", "string"}, {"format", "date"}}, "Units of that day"};
    if (name == "lon")
        return {{{"type", "number"}, {"minimum", -180}, {"maximum", 180}}, "Degrees"};
    if (name == "lat") return {{{"type", "number"}, {"minimum", -90}, {"maximum", 90}}, "Degrees"};
    if (name == "f" && (pattern.ends_with("/history") || pattern.ends_with("/queryables") ||
                        pattern == "/functions"))
        return {{{"type", "string"}, {"enum", Json::array({"json"})}}, "Form"};
    if (name == "f" && pattern.find("{tileCol}") != std::string_view::npos)
        return {{{"type", "string"}, {"enum", Json::array({"mvt"})}}, "Form"};
    if (name == "f") return {{{"type", "string"}, {"enum", Json::array({"json", "html"})}}, "Form"};
    return {text(), ""};
}

Json describe_path_parameter(std::string_view name) {
    if (name == "featureId") return integer(0, 9007199254740991);
    if (name == "zoom" || name == "tileMatrix") return integer(0, 19);
    if (name == "column" || name == "row" || name == "tileRow" || name == "tileCol")
        return integer(0, 524287);
    if (name == "collections") return text("^[a-z0-9_]+(,[a-z0-9_]+)*$");
    return text();
}

Json describe_parameters(http::Route const& route) {
    Json parameters = Json::array();
    for (auto const& name : route.names)
        parameters.push_back({{"name", name},
                              {"in", "path"},
                              {"required", true},
                              {"schema", describe_path_parameter(name)}});
    for (auto const& name : route.accepted) {
        auto described = describe_query(name, route.pattern);
        bool const required = name == "q" || name == "lon" || name == "lat";
        Json parameter{{"name", name},
                       {"in", "query"},
                       {"required", required},
                       {"description", described.description},
                       {"schema", std::move(described.schema)}};
        if (name == "bbox") {
            parameter["style"] = "form";
            parameter["explode"] = false;
        }
        parameters.push_back(std::move(parameter));
    }
    parameters.push_back({{"$ref", "#/components/parameters/lang"}});
    return parameters;
}

Json describe_responses(http::Route const& route, Summary const& summary) {
    bool const tile = summary.media_type == "application/vnd.mapbox-vector-tile";
    Json responses;
    Json content;
    content[std::string{summary.media_type}] =
        tile ? Json{{"schema", {{"type", "string"}, {"format", "binary"}}}}
             : Json{{"schema", {{"type", "object"}}}};
    responses["200"] = {{"description", summary.text}, {"content", std::move(content)}};
    if (tile) responses["204"] = {{"description", "Nothing there, or nothing at this zoom"}};
    responses["304"] = {{"description", "As the client has it"}};
    responses["400"] = {{"$ref", "#/components/responses/Problem"}};
    bool const bounded = std::ranges::any_of(
        route.accepted, [](auto const& name) { return name == "as-of" || name == "filter"; });
    if (bounded) responses["413"] = {{"$ref", "#/components/responses/Problem"}};
    if (!route.names.empty()) responses["404"] = {{"$ref", "#/components/responses/Problem"}};
    responses["default"] = {{"$ref", "#/components/responses/Problem"}};
    return responses;
}

Json components() {
    return {{"parameters",
             {{"lang",
               {{"name", "lang"},
                {"in", "query"},
                {"required", false},
                {"description", "Language of texts; else Accept-Language, else Vietnamese"},
                {"schema", {{"type", "string"}, {"enum", Json::array({"vi", "en"})}}}}}}},
            {"responses",
             {{"Problem",
               {{"description", "What went wrong (RFC 7807)"},
                {"content",
                 {{"application/problem+json",
                   {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}}}}}}}},
            {"schemas",
             {{"Problem",
               {{"type", "object"},
                {"required", Json::array({"type", "title", "status"})},
                {"properties",
                 {{"type", {{"type", "string"}}},
                  {"title", {{"type", "string"}}},
                  {"status", {{"type", "integer"}}},
                  {"detail", {{"type", "string"}}},
                  {"instance", {{"type", "string"}}},
                  {"parameter", {{"type", "string"}}},
                  {"accepted", {{"type", "string"}}}}}}}}}};
}

std::string operation_id(http::Route const& route) {
    std::string id{"get"};
    bool upper = true;
    for (char c : route.pattern) {
        bool const letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (letter && upper && c >= 'a') c = static_cast<char>(c - 'a' + 'A');
        if (letter) id += c;
        upper = !letter;
    }
    return id;
}

std::string api_page(http::Context const& context, Json const& document) {
    std::string rows;
    for (auto const& [path, operations] : document["paths"].items()) {
        std::string parameters;
        for (auto const& parameter : operations["get"]["parameters"])
            if (parameter.contains("name"))
                parameters +=
                    (parameters.empty() ? "" : ", ") + escape(parameter["name"].get<std::string>());
        rows += fmt::format("<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>", escape(path),
                            escape(operations["get"]["summary"].get<std::string>()), parameters);
    }
    auto const language = context.language;
    return page(
        language, "API",
        fmt::format(
            R"(<p><a href="/api">OpenAPI 3.0</a></p><div class="scroll"><table><thead><tr><th>{}</th><th>{}</th><th>{}</th></tr></thead><tbody>{}</tbody></table></div>)",
            word(language, "Đường dẫn", "Path"), word(language, "Để làm gì", "What for"),
            word(language, "Tham số", "Parameters"), rows));
}

} // namespace

Json describe_api(http::Router const& router) {
    Json paths = Json::object();
    for (auto const& route : router.routes()) {
        auto const* const summary = std::ranges::find(summaries, route.pattern, &Summary::pattern);
        if (summary == std::end(summaries)) continue;
        paths[route.pattern]["get"] = {{"operationId", operation_id(route)},
                                       {"summary", summary->text},
                                       {"tags", Json::array({summary->tag})},
                                       {"parameters", describe_parameters(route)},
                                       {"responses", describe_responses(route, *summary)}};
    }
    return {{"openapi", "3.0.3"},
            {"info",
             {{"title", "Địa bàn"},
              {"version", DIABAN_VERSION},
              {"description", "Spatial server of a provincial operations centre"}}},
            {"servers", Json::array({{{"url", "/"}}})},
            {"paths", std::move(paths)},
            {"components", components()}};
}

std::shared_ptr<Json> add_openapi(http::Router& router) {
    auto document = std::make_shared<Json>();
    router.get("/api", {"f"}, [document](http::Context const& context) {
        auto const form = choose_form(context, "application/vnd.oai.openapi+json");
        if (form == http::Form::html)
            return represent(context, {"text/html; charset=utf-8", api_page(context, *document)});
        auto here = *document;
        here["servers"][0]["url"] = context.origin;
        return represent(context, {"application/vnd.oai.openapi+json;version=3.0", dump(here)});
    });
    return document;
}

} // namespace diaban::services::api
