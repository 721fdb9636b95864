#include "services/api/landing.hpp"

#include "services/api/html.hpp"
#include "services/api/json.hpp"
#include "services/api/openapi_31.hpp"
#include "services/http/representation.hpp"

#include <fmt/format.h>

#include <iterator>
#include <vector>

namespace diaban::services::api {

namespace {

/// Only what is whole is claimed.
constexpr std::string_view conformance_classes[] = {
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/create-replace-delete",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/update",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/optimistic-locking-etags",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/features",
    "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/schemas",
    "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/core-roles-features",
    "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/returnables-and-receivables",
    "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/sortables",
    "http://www.opengis.net/spec/ogcapi-common-3/1.0/conf/schemas",
    "http://www.opengis.net/spec/ogcapi-common-3/1.0/conf/returnables-and-receivables",
    "http://www.opengis.net/spec/ogcapi-common-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-common-3/1.0/conf/sortables",
    "http://www.opengis.net/spec/ogcapi-features-6/1.0/conf/properties",
    "http://www.opengis.net/spec/ogcapi-features-6/1.0/conf/properties-features",
    "http://www.opengis.net/spec/ogcapi-features-7/1.0/conf/zoom-level",
    "http://www.opengis.net/spec/ogcapi-features-7/1.0/conf/zoom-level-features",
    "http://www.opengis.net/spec/ogcapi-features-8/1.0/conf/sorting",
    "http://www.opengis.net/spec/ogcapi-features-8/1.0/conf/sortables",
    "http://www.opengis.net/spec/ogcapi-features-8/1.0/conf/features-sorting",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
    "http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
    "http://www.opengis.net/spec/cql2/1.0/conf/case-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/accent-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions-plus",
    "http://www.opengis.net/spec/cql2/1.0/conf/spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/temporal-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/array-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/property-property",
    "http://www.opengis.net/spec/cql2/1.0/conf/functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/arithmetic",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tileset",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tilesets-list",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/geodata-tilesets",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",
    "http://www.opengis.net/spec/ogcapi-styles-1/0.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-styles-1/0.0/conf/mapbox-styles",
    "http://www.opengis.net/spec/tms/2.0/conf/tilematrixset",
    "http://www.opengis.net/spec/tms/2.0/conf/json-tilematrixset",
};

Json landing_links(http::Context const& context) {
    auto const url = [&](std::string_view path) {
        return fmt::format("{}{}", context.origin, path);
    };
    return Json::array(
        {link("self", url("/?f=json"), "application/json"),
         link("alternate", url("/?f=html"), "text/html"),
         link("service-desc", url("/api"), openapi_30_type),
         link("service-desc", url("/api?f=json31"), openapi_31_type),
         link("service-doc", url("/api?f=html"), "text/html"),
         link("conformance", url("/conformance"), "application/json"),
         link("http://www.opengis.net/def/rel/ogc/1.0/conformance", url("/conformance"),
              "application/json"),
         link("data", url("/collections"), "application/json"),
         link("http://www.opengis.net/def/rel/ogc/1.0/data", url("/collections"),
              "application/json"),
         link("http://www.opengis.net/def/rel/ogc/1.0/functions", url("/functions"),
              "application/json"),
         link("http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes", url("/tileMatrixSets"),
              "application/json"),
         link("http://www.opengis.net/def/rel/ogc/1.0/styles", url("/styles"), "application/json"),
         link("http://www.opengis.net/def/rel/ogc/1.0/processes", url("/processes"),
              "application/json"),
         link("http://www.opengis.net/def/rel/ogc/1.0/job-list", url("/jobs"),
              "application/json")});
}

constexpr std::string_view about_vi =
    "Máy chủ không gian của trung tâm điều hành cấp tỉnh: chỉ tiêu, thửa đất, camera, phản ánh "
    "hiện trường và thiên tai, tất cả gắn với địa bàn.";
constexpr std::string_view about_en =
    "Spatial server of a provincial operations centre: indicators, land parcels, cameras, field "
    "reports and disasters, all tied to the ground.";

http::Response answer_landing(http::Context const& context) {
    auto const language = context.language;
    auto const about = word(language, about_vi, about_en);
    if (choose_form(context) == http::Form::html) {
        auto const body = fmt::format(
            R"(<p>{}</p><ul><li><a href="/console/">{}</a></li><li><a href="/collections?f=html">{}</a></li><li><a href="/api?f=html">{}</a></li><li><a href="/conformance">{}</a></li></ul>)",
            about, word(language, "Bản đồ", "Map"), word(language, "Lớp dữ liệu", "Collections"),
            word(language, "Mô tả giao diện lập trình", "Description of the API"),
            word(language, "Các chuẩn được tuân theo", "Standards followed"));
        return represent(context, {"text/html; charset=utf-8",
                                   page(language, word(language, "Địa bàn", "Diaban"), body)});
    }
    Json body{{"title", "Địa bàn"}, {"description", about}, {"links", landing_links(context)}};
    return represent(context, {"application/json", dump(body)})
        .with("Link", link_field(body["links"]));
}

/// What this server claims: Part 4 only where it takes edits.
std::vector<std::string_view> claimed(bool edits) {
    std::vector<std::string_view> names{std::begin(conformance_classes),
                                        std::end(conformance_classes)};
    if (!edits)
        std::erase_if(names, [](std::string_view name) {
            return name.find("/ogcapi-features-4/") != std::string_view::npos;
        });
    return names;
}

http::Response answer_conformance(http::Context const& context, bool edits) {
    if (choose_form(context) == http::Form::html) {
        std::string items;
        for (auto const name : claimed(edits)) items += fmt::format("<li>{}</li>", escape(name));
        return represent(
            context, {"text/html; charset=utf-8",
                      page(context.language,
                           word(context.language, "Các chuẩn được tuân theo", "Standards followed"),
                           "<ul>" + items + "</ul>")});
    }
    Json classes = Json::array();
    for (auto const name : claimed(edits)) classes.push_back(name);
    return represent(context, {"application/json", dump({{"conformsTo", std::move(classes)}})});
}

} // namespace

void add_landing(http::Router& router, bool edits) {
    router.get(access::Need::open, "/", {"f"}, answer_landing);
    router.get(access::Need::open, "/conformance", {"f"}, [edits](http::Context const& context) {
        return answer_conformance(context, edits);
    });
}

} // namespace diaban::services::api
