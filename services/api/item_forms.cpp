#include "services/api/item_forms.hpp"

#include "geo/error.hpp"
#include "services/api/parameters.hpp"
#include "services/domain/extract_file.hpp"
#include "services/http/negotiation.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace diaban::services::api {

namespace {

using Kind = ItemForm::Kind;

constexpr std::array forms{
    ItemForm{Kind::geojson, "json", "application/geo+json", {}},
    ItemForm{Kind::json_fg, "jsonfg", "application/vnd.ogc.fg+json", {}},
    ItemForm{Kind::html, "html", "text/html", {}},
    ItemForm{Kind::file, "csv", "text/csv", ".csv"},
    ItemForm{Kind::file, "fgb", "application/flatgeobuf", ".fgb"},
    ItemForm{Kind::file, "gpkg", "application/geopackage+sqlite3", ".gpkg"},
    ItemForm{Kind::file, "xlsx",
             "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"},
};

constexpr std::string_view accepted_names = "json, jsonfg, html, csv, fgb, gpkg, xlsx";

} // namespace

std::span<ItemForm const> item_forms() noexcept {
    return forms;
}

ItemForm const& choose_item_form(http::Context const& context) {
    if (auto const asked = context.query.find("f")) {
        auto const* const found = std::ranges::find(forms, *asked, &ItemForm::name);
        if (found != forms.end()) return *found;
        refuse_parameter("f", *asked, std::string{accepted_names});
    }
    auto const accept = context.request.header_list("accept");
    auto const chosen = http::choose_media_type(accept, {forms[0].media_type, forms[1].media_type,
                                                         forms[2].media_type, forms[3].media_type,
                                                         forms[4].media_type, forms[5].media_type,
                                                         forms[6].media_type, "application/json"});
    if (!chosen)
        throw geo::Error{
            geo::Code::unsupported,
            "no-such-form",
            {{"value", accept.substr(0, 64)}, {"accepted", std::string{accepted_names}}}};
    return *chosen < forms.size() ? forms[*chosen] : forms.front();
}

http::Representation item_file(http::Context const& context, domain::View const& view,
                               Presentation const& shown, ItemForm const& form,
                               std::vector<geo::Feature> const& features) {
    geo::Schema schema;
    schema.id = view.id();
    if (shown.geometry) schema.geometry = view.collection.schema.geometry;
    bool const without = std::ranges::any_of(
        features, [](geo::Feature const& feature) { return feature.geometry.empty(); });
    if (form.ending == ".fgb" && (without || schema.geometry == geo::GeometryKind::none))
        throw geo::Error{geo::Code::bad_input,
                         "form-without-geometry",
                         {{"parameter", "f"},
                          {"value", std::string{form.name}},
                          {"accepted", "json, jsonfg, html, csv, gpkg, xlsx"}}};
    domain::ExtractLayout layout;
    layout.srid = shown.crs.srid;
    layout.planar = shown.crs.planar();
    layout.guarded = true;
    layout.form = shown.crs.form();
    layout.language = context.language;
    auto media_type = std::string{form.media_type};
    if (form.ending == ".csv") media_type += "; charset=utf-8";
    return {std::move(media_type), domain::extract_bytes(std::string{form.ending}, schema,
                                                         shown.fields, layout, features)};
}

} // namespace diaban::services::api
