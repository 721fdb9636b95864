#include "services/api/openapi.hpp"

#include "services/api/html.hpp"
#include "services/api/item_forms.hpp"
#include "services/api/openapi_31.hpp"
#include "services/api/openapi_access.hpp"
#include "services/api/openapi_city.hpp"
#include "services/api/openapi_coverages.hpp"
#include "services/api/openapi_edits.hpp"
#include "services/api/openapi_jobs.hpp"
#include "services/api/openapi_land.hpp"
#include "services/api/openapi_maps.hpp"
#include "services/api/openapi_schemas.hpp"
#include "services/api/openapi_sensing.hpp"
#include "services/api/openapi_storms.hpp"
#include "services/api/openapi_summaries.hpp"
#include "services/api/openapi_texts.hpp"
#include "services/api/openapi_wall.hpp"
#include "services/api/openapi_work.hpp"
#include "services/api/parameters.hpp"
#include "services/api/tile_matrix.hpp"
#include "services/http/representation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace diaban::services::api {

namespace {

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

int most_limit(std::string_view pattern) noexcept {
    if (pattern.ends_with("/items") || pattern == "/audit") return 10'000;
    bool const many =
        pattern.ends_with("/history") || pattern.find("/values/") != std::string_view::npos;
    return many ? 1000 : 100;
}

/// Whether a resource has the form of a page too.
bool has_page(http::Route const& route) {
    static constexpr std::string_view pages[] = {"/",
                                                 "/api",
                                                 "/conformance",
                                                 "/collections",
                                                 "/collections/{collectionId}",
                                                 "/collections/{collectionId}/items",
                                                 "/collections/{collectionId}/items/{featureId}"};
    return std::ranges::find(pages, route.pattern) != std::end(pages);
}

Described describe_query(std::string_view name, std::string_view pattern) {
    for (auto* const describe : {describe_map_query, describe_city_query, describe_storm_query})
        if (auto [schema, words] = describe(name, pattern); !schema.is_null())
            return {std::move(schema), words};
    if (pattern == "/audit") {
        if (name == "from" || name == "to")
            return {{{"type", "string"}, {"format", "date-time"}}, "Entries of that time"};
        if (name == "fid" || name == "before")
            return {integer(0, 9007199254740991),
                    name == "fid" ? "About that feature" : "Older than that entry"};
        if (name == "f")
            return {{{"type", "string"}, {"enum", Json::array({"json", "csv"})}}, "Form"};
        if (name == "who" || name == "action" || name == "collection")
            return {text(), "Entries of that alone"};
    }
    if (name == "bbox")
        return {
            {{"type", "array"}, {"items", {{"type", "number"}}}, {"minItems", 4}, {"maxItems", 6}},
            "west,south,east,north (CRS84); a west beyond the east crosses the antimeridian"};
    if (name == "bbox-crs")
        return {text(),
                "CRS of bbox, with its axes in the order of EPSG; see crs of the collection"};
    if (name == "crs")
        return {text(), "CRS of the answer, by URI or as EPSG:9209; see crs of the collection"};
    if (name == "sortby")
        return {text("^[+-]?[a-z][a-z0-9_]*(,[+-]?[a-z][a-z0-9_]*)*$"),
                "Order: names with + or - and commas between; see sortables. Then by id"};
    if (name == "properties") return {text(), "Only these properties, with commas; see schema"};
    if (name == "skipGeometry")
        return {{{"type", "boolean"}, {"default", false}}, "Features without their geometry"};
    if (name == "zoom-level")
        return {integer(0, 19), "Geometry with the detail that suits a map at that zoom"};
    if (name == "datetime")
        return {text(), "An instant, a day (UTC+7), or an interval; open ends are .. or nothing"};
    if (name == "as-of")
        return {{{"type", "string"}, {"format", "date-time"}},
                "As it was known at that instant; absent: as it is known now"};
    if (name == "limit") {
        auto schema = integer(1, most_limit(pattern));
        schema["default"] = pattern.find("/values/") != std::string_view::npos ? 100 : 10;
        return {std::move(schema), "At most so many; more are sent page by page"};
    }
    if (name == "filter") return {text(), "What features must satisfy (CQL2); see queryables"};
    if (name == "filter-lang")
        return {{{"type", "string"},
                 {"enum", Json::array({"cql2-text", "cql2-json", "cql-text"})},
                 {"default", "cql2-text"}},
                "Language of filter; cql-text, of drafts, also has ILIKE and times as plain texts"};
    if (name == "filter-crs")
        return {text(), "CRS of positions in filter; see crs of the collection"};
    if (name == "within")
        return {{{"type", "number"}, {"minimum", 0}, {"maximum", 20'100'000}},
                "Metres; nothing farther away is looked for"};
    if (name == "radius")
        return {{{"type", "number"}, {"minimum", 0}, {"maximum", 5000}, {"default", 0}},
                "Metres around the point; 0: what holds it"};
    if (name == "by")
        return {{{"type", "string"},
                 {"enum", Json::array({"commune", "district", "province", "grid"})}},
                "Counted by unit, or by tile of a zoom: by where each feature's centroid lies"};
    if (name == "zoom") return {integer(0, 15), "Zoom of the tiles that by=grid counts in"};
    if (name == "sum")
        return {text("^[a-z0-9_]+(,[a-z0-9_]+)*$"),
                "Numeric fields to sum; geometry_area_m2 is the area of merged polygons"};
    if (name == "bins") {
        auto schema = integer(1, 200);
        schema["default"] = 20;
        return {std::move(schema), "How many bins of equal width"};
    }
    if (name == "from" || name == "to")
        return {text(), "End of the bins, in the field's own type; absent: of its values"};
    if (name == "collections") return {text("^[a-z0-9_]+(,[a-z0-9_]+)*$"), "Of these alone"};
    if (name == "kinds")
        return {
            text("^(create|update|delete|import|tiles)(,(create|update|delete|import|tiles))*$"),
            "Of these kinds alone"};
    if (name == "after")
        return {text(), "Id of the last event that was got, for who cannot send Last-Event-ID"};
    if (name == "cursor") return {text(), "Where a page begins; taken from the link rel=next"};
    if (name == "q") return {text(), "Name or code; diacritics and case do not matter"};
    if (name == "level")
        return {{{"type", "string"}, {"enum", Json::array({"province", "district", "commune"})}},
                "Level of the unit"};
    if (name == "on") return {{{"type", "string"}, {"format", "date"}}, "Units of that day"};
    if (name == "lon")
        return {{{"type", "number"}, {"minimum", -180}, {"maximum", 180}}, "Degrees"};
    if (name == "lat") return {{{"type", "number"}, {"minimum", -90}, {"maximum", 90}}, "Degrees"};
    if (name == "status")
        return {text("^(accepted|running|successful|failed|dismissed)"
                     "(,(accepted|running|successful|failed|dismissed))*$"),
                "Of these states alone"};
    if (name == "processID")
        return {text("^[a-z0-9-]+(,[a-z0-9-]+)*$"), "Of these processes alone"};
    if (name == "with")
        return {text("^[a-z0-9_]+(,[a-z0-9_]+)*$"), "Collections of polygons, with commas"};
    if (name == "f") return {text(), "Form; else as Accept says"};
    if (auto [schema, words] = describe_coverage_query(name); !schema.is_null())
        return {std::move(schema), words};
    if (auto [schema, words] = describe_sensing_query(name); !schema.is_null())
        return {std::move(schema), words};
    return {text(), ""};
}

Json describe_path_parameter(std::string_view name) {
    for (auto const* const number :
         {"featureId", "token", "cameraId", "reportId", "alertId", "webhookId", "deliveryId",
          "caseId", "photoId", "uploadId", "conflict", "statisticsId"})
        if (name == number) return integer(0, 9007199254740991);
    if (name == "wallId") return integer(1, 9999);
    if (name == "zoom" || name == "tileMatrix") return integer(0, 19);
    if (name == "column" || name == "row" || name == "tileRow" || name == "tileCol")
        return integer(0, 524287);
    if (name == "collections") return text("^[a-z0-9_]+(,[a-z0-9_]+)*$");
    if (name == "collectionId" || name == "coverageId" || name == "field")
        return text("^[a-z][a-z0-9_]*$");
    if (name == "tileMatrixSet") {
        Json names = Json::array();
        for (auto const& set : tile_matrix_sets()) names.push_back(set.id);
        return {{"type", "string"}, {"enum", std::move(names)}};
    }
    if (name == "jobId" || name == "packId") return {{"type", "string"}, {"format", "uuid"}};
    if (name == "processId") return text("^[a-z][a-z0-9-]*$");
    return text();
}

bool has_items(http::Route const& route) {
    return route.method == http::Method::get &&
           (route.pattern.ends_with("/items") || route.pattern.ends_with("/items/{featureId}"));
}

/// Values of `f`.
Json forms_of(http::Route const& route) {
    Json names = Json::array();
    if (has_items(route))
        for (auto const& form : item_forms()) names.push_back(form.name);
    else if (route.pattern.find("{tileCol}") != std::string::npos)
        names.push_back("mvt");
    else if (route.pattern.find("/heat/tiles/") != std::string::npos)
        names = {"png", "json"};
    else
        names.push_back("json");
    if (route.pattern == "/indicators/{indicatorId}/values")
        for (auto const* const name : {"csv", "jsonstat"}) names.push_back(name);
    if (route.pattern == "/api") names.push_back("json31");
    if (has_page(route) && !has_items(route)) names.push_back("html");
    return names;
}

Json describe_parameters(http::Route const& route) {
    Json parameters = Json::array();
    for (auto const& name : route.names)
        parameters.push_back({{"name", name},
                              {"in", "path"},
                              {"required", true},
                              {"schema", describe_path_parameter(name)}});
    for (auto const& name : route.accepted) {
        if (name == "*") continue; // whatever a provider sends a browser back with
        auto described = describe_query(name, route.pattern);
        if (name == "f") described.schema["enum"] = forms_of(route);
        bool const place = name == "lat" && route.pattern.starts_with("/open311/");
        bool const required = name == "q" || name == "lon" || (name == "lat" && !place) ||
                              name == "line" || name == "with" || name == "owner" ||
                              is_storm_required(name, route.pattern) ||
                              is_map_required(name, route.pattern) ||
                              (name == "period" && route.pattern.starts_with("/forms/"));
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

void add_item_forms(Json& content) {
    for (auto const& form : item_forms()) {
        Json schema{{"type", "string"}, {"format", "binary"}};
        if (form.kind == ItemForm::Kind::json_fg) schema = {{"type", "object"}};
        if (form.kind == ItemForm::Kind::file || form.kind == ItemForm::Kind::json_fg)
            content[std::string{form.media_type}] = {{"schema", std::move(schema)}};
    }
}

Json describe_responses(http::Route const& route, Summary const& summary) {
    bool const tile = summary.media_type == "application/vnd.mapbox-vector-tile";
    Json responses;
    Json content;
    auto schema = schema_of(route.pattern);
    for (auto* const find : {job_schema_of, land_schema_of, coverage_schema_of, city_schema_of,
                             storm_schema_of, wall_schema_of})
        if (schema.empty()) schema = find(route.pattern);
    Json body{{"type", "object"}};
    if (!schema.empty()) body = {{"$ref", fmt::format("#/components/schemas/{}", schema)}};
    if (tile || summary.media_type.starts_with("image/") ||
        summary.media_type == "application/pdf" ||
        summary.media_type.ends_with("spreadsheetml.sheet"))
        body = {{"type", "string"}, {"format", "binary"}};
    if (summary.media_type == "text/plain") body = text();
    content[std::string{summary.media_type}] = {{"schema", body}};
    if (summary.media_type == "image/png") // the sprite's index beside its picture
        content["application/json"] = {{"schema", {{"type", "object"}}}};
    if (route.pattern.ends_with("/photos/{photoId}")) content["image/png"] = {{"schema", body}};
    if (route.pattern.starts_with("/open311/") && summary.media_type == "application/json")
        content["text/xml"] = {{"schema", text()}};
    if (route.pattern == "/api") content[std::string{openapi_31_type}] = {{"schema", body}};
    if (has_items(route)) add_item_forms(content);
    if (route.pattern == "/indicators/{indicatorId}/values")
        content["text/csv"] = {{"schema", text()}};
    if (has_page(route)) content["text/html"] = {{"schema", text()}};
    responses["200"] = {{"description", summary.text}, {"content", std::move(content)}};
    if (route.pattern == "/readyz")
        responses["503"] = {{"description", "A mirror is still being loaded"},
                            {"content", {{"application/json", {{"schema", body}}}}}};
    if (tile || (summary.tag == "Tiles" && schema.empty()))
        responses["204"] = {{"description", "Nothing there, or nothing at this zoom"}};
    if (route.pattern.starts_with("/account/oidc/"))
        responses["303"] = {{"description", "Where to go on"}};
    if (route.pattern.ends_with("/personal") || route.need == access::Need::account ||
        route.need == access::Need::administer || route.need == access::Need::audit ||
        route.need == access::Need::operate || route.pattern.starts_with("/land/"))
        for (auto const* const status : {"401", "403"})
            responses[status] = {{"$ref", "#/components/responses/Problem"}};
    if (route.pattern == "/live")
        responses["307"] = {{"description", "Where the live channel is"}};
    else
        responses["304"] = {{"description", "As the client has it"}};
    responses["400"] = {{"$ref", "#/components/responses/Problem"}};
    bool const bounded = std::ranges::any_of(
        route.accepted, [](auto const& name) { return name == "as-of" || name == "filter"; });
    if (bounded) responses["413"] = {{"$ref", "#/components/responses/Problem"}};
    if (!route.names.empty()) responses["404"] = {{"$ref", "#/components/responses/Problem"}};
    responses["default"] = {{"$ref", "#/components/responses/Problem"}};
    add_job_responses(route.pattern, responses);
    add_land_responses(route.pattern, responses);
    add_city_responses(route.pattern, responses);
    add_map_responses(route.pattern, responses);
    add_storm_responses(route.pattern, responses);
    add_sensing_responses(route.pattern, responses);
    return responses;
}

Json all_schemas() {
    auto schemas = answer_schemas();
    schemas["Problem"] = {{"type", "object"},
                          {"required", Json::array({"type", "title", "status"})},
                          {"properties",
                           {{"type", {{"type", "string"}}},
                            {"title", {{"type", "string"}}},
                            {"status", {{"type", "integer"}}},
                            {"detail", {{"type", "string"}}},
                            {"instance", {{"type", "string"}}},
                            {"parameter", {{"type", "string"}}},
                            {"accepted", {{"type", "string"}}},
                            {"errors",
                             {{"type", "array"},
                              {"items",
                               {{"type", "object"},
                                {"required", Json::array({"pointer", "type", "detail"})},
                                {"properties",
                                 {{"pointer", {{"type", "string"}}},
                                  {"type", {{"type", "string"}}},
                                  {"detail", {{"type", "string"}}}}}}}}}}}};
    schemas.update(edit_schemas());
    schemas.update(access_schemas());
    schemas.update(job_schemas());
    schemas.update(land_schemas());
    schemas.update(city_schemas());
    schemas.update(work_schemas());
    schemas.update(storm_schemas());
    schemas.update(coverage_schemas());
    schemas.update(wall_schemas());
    schemas.update(sensing_schemas());
    return schemas;
}

Json tags() {
    Json all = Json::array();
    for (auto const& [name, text] : tag_texts)
        all.push_back({{"name", name}, {"description", text}});
    return all;
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
            {"securitySchemes", security_schemes()},
            {"schemas", all_schemas()}};
}

/// Path parameters stand before what `describe_edit` has.
Json describe_change(http::Route const& route) {
    auto described = describe_edit(route.method, route.pattern);
    if (described.is_null()) described = describe_access_change(route.method, route.pattern);
    if (described.is_null()) described = describe_job_change(route.method, route.pattern);
    if (described.is_null()) described = describe_land_change(route.method, route.pattern);
    if (described.is_null()) described = describe_work_change(route.method, route.pattern);
    if (described.is_null()) described = describe_city_change(route.method, route.pattern);
    if (described.is_null()) described = describe_storm_change(route.method, route.pattern);
    if (described.is_null()) described = describe_sensing_change(route.method, route.pattern);
    if (described.is_null()) described = describe_wall_change(route.method, route.pattern);
    if (described.is_null()) return described;
    Json parameters = Json::array();
    for (auto const& name : route.names)
        parameters.push_back({{"name", name},
                              {"in", "path"},
                              {"required", true},
                              {"schema", describe_path_parameter(name)}});
    for (auto& parameter : described["parameters"]) parameters.push_back(std::move(parameter));
    parameters.push_back({{"$ref", "#/components/parameters/lang"}});
    described["parameters"] = std::move(parameters);
    return described;
}

std::string method_key(http::Method method) {
    std::string key{to_string(method)};
    for (char& c : key) c = static_cast<char>(c - 'A' + 'a');
    return key;
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

enum class Version : std::uint8_t { v30, v31, page };

/// `f` first, then Accept.
Version chosen_version(http::Context const& context) {
    auto const asked = context.query.find("f");
    if (asked == "json31") return Version::v31;
    if (asked && *asked != "json" && *asked != "html")
        refuse_parameter("f", *asked, "json, json31, html");
    if (choose_form(context, "application/vnd.oai.openapi+json") == http::Form::html)
        return Version::page;
    bool const newer = !asked && prefers_openapi_31(context.request.header_list("accept"));
    return newer ? Version::v31 : Version::v30;
}

std::string api_page(http::Context const& context, Json const& document) {
    std::string rows;
    for (auto const& [path, operations] : document["paths"].items())
        for (auto const& [method, operation] : operations.items()) {
            std::string parameters;
            for (auto const& parameter : operation["parameters"])
                if (parameter.contains("name"))
                    parameters += (parameters.empty() ? "" : ", ") +
                                  escape(parameter["name"].get<std::string>());
            rows += fmt::format("<tr><td><code>{}{}</code></td><td>{}</td><td>{}</td></tr>",
                                method == "get" ? "" : escape(method) + " ", escape(path),
                                escape(operation["summary"].get<std::string>()), parameters);
        }
    auto const language = context.language;
    return page(
        language, "API",
        fmt::format(
            R"(<p><a href="/api?f=json">OpenAPI 3.0</a> · <a href="/api?f=json31">3.1</a></p><div class="scroll"><table><thead><tr><th>{}</th><th>{}</th><th>{}</th></tr></thead><tbody>{}</tbody></table></div>)",
            word(language, "Đường dẫn", "Path"), word(language, "Để làm gì", "What for"),
            word(language, "Tham số", "Parameters"), rows));
}

} // namespace

Json describe_api(http::Router const& router) {
    Json paths = Json::object();
    for (auto const& route : router.routes()) {
        if (route.method != http::Method::get) {
            auto described = describe_change(route);
            if (!described.is_null())
                paths[path_template(route.pattern)][method_key(route.method)] =
                    std::move(described);
            continue;
        }
        auto const* const summary = std::ranges::find(summaries, route.pattern, &Summary::pattern);
        if (summary == std::end(summaries)) continue;
        paths[path_template(route.pattern)]["get"] = {
            {"operationId", operation_id(route)},
            {"summary", summary->text},
            {"tags", Json::array({summary->tag})},
            {"parameters", describe_parameters(route)},
            {"responses", describe_responses(route, *summary)}};
    }
    return {{"openapi", "3.0.3"},
            {"info",
             {{"title", "Địa bàn"},
              {"version", DIABAN_VERSION},
              {"description", "Spatial server of a provincial operations centre"},
              {"license",
               {{"name", "Apache-2.0"}, {"url", "https://www.apache.org/licenses/LICENSE-2.0"}}}}},
            {"servers", Json::array({{{"url", "/"}}})},
            {"security", Json::array()},
            {"tags", tags()},
            {"paths", std::move(paths)},
            {"components", components()}};
}

std::shared_ptr<Json> add_openapi(http::Router& router) {
    auto document = std::make_shared<Json>();
    auto const texts = std::make_shared<OpenApiTexts const>(document);
    router.get(access::Need::open, "/api", {"f"}, [document, texts](http::Context const& context) {
        auto const version = chosen_version(context);
        if (version == Version::page)
            return represent(context, {"text/html; charset=utf-8", api_page(context, *document)});
        bool const as_31 = version == Version::v31;
        return represent(context, {std::string{as_31 ? openapi_31_type : openapi_30_type},
                                   texts->text(as_31, context.origin)});
    });
    return document;
}

} // namespace diaban::services::api
