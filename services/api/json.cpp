#include "services/api/json.hpp"

#include "geo/codec/coordinates.hpp"
#include "geo/codec/geojson.hpp"
#include "geo/codec/rfc3339.hpp"

#include <cmath>

namespace diaban::services::api {

std::string const& localised(geo::Title const& title, http::Language language) {
    return language == http::Language::en && !title.en.empty() ? title.en : title.vi;
}

Json titles(geo::Title const& title) {
    return {{"vi", title.vi}, {"en", localised(title, http::Language::en)}};
}

Json link(std::string_view rel, std::string href, std::string_view type, std::string_view title) {
    Json link{{"href", std::move(href)}, {"rel", rel}, {"type", type}};
    if (!title.empty()) link["title"] = title;
    return link;
}

std::string link_field(Json const& links) {
    std::string field;
    for (auto const& one : links) {
        if (!field.empty()) field += ", ";
        field += "<" + one["href"].get<std::string>() + ">; rel=\"" +
                 one["rel"].get<std::string>() + "\"";
        if (one.contains("type")) field += "; type=\"" + one["type"].get<std::string>() + "\"";
    }
    return field;
}

Json box(geo::Box const& box) {
    if (box.empty()) return nullptr;
    return Json::array({box.min_x, box.min_y, box.max_x, box.max_y});
}

std::string dump(Json const& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void append_string(std::string& out, std::string_view text) {
    static constexpr char digits[] = "0123456789abcdef";
    out += '"';
    std::size_t plain = 0; // where what needs no escape begins
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto const c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c != '"' && c != '\\') continue;
        out.append(text, plain, i - plain);
        plain = i + 1;
        if (c >= 0x20) {
            out += '\\';
            out += text[i];
        } else if (c == '\n') {
            out += "\\n";
        } else {
            out += "\\u00";
            out += digits[c >> 4];
            out += digits[c & 15];
        }
    }
    out.append(text, plain);
    out += '"';
}

void append_value(std::string& out, geo::Value const& value) {
    struct Append {
        std::string& out;
        void operator()(std::monostate) const { out += "null"; }
        void operator()(bool truth) const { out += truth ? "true" : "false"; }
        void operator()(std::int64_t number) const { out += std::to_string(number); }
        void operator()(double number) const {
            if (!std::isfinite(number)) {
                out += "null";
                return;
            }
            geo::codec::append_shortest(out, number);
        }
        void operator()(std::string const& text) const { append_string(out, text); }
        void operator()(geo::Date date) const {
            out += '"';
            geo::codec::append_date(out, date);
            out += '"';
        }
        void operator()(geo::Instant instant) const {
            out += '"';
            geo::codec::append_instant(out, instant);
            out += '"';
        }
    };
    std::visit(Append{out}, value);
}

void append_properties(std::string& out, geo::Feature const& feature,
                       std::vector<geo::Field> const& fields) {
    out += '{';
    for (std::size_t i = 0; i < fields.size() && i < feature.values.size(); ++i) {
        if (i > 0) out += ',';
        out += '"';
        out += fields[i].name; // letters, digits and _ (diaban.name): nothing to escape
        out += "\":";
        append_value(out, feature.values[i]);
    }
    out += '}';
}

void append_feature(std::string& out, geo::Feature const& feature,
                    std::vector<geo::Field> const& fields, std::string_view links,
                    geo::codec::CoordinateForm form) {
    out += R"({"type":"Feature","id":)";
    out += std::to_string(feature.fid);
    out += R"(,"geometry":)";
    geo::codec::append_geojson(out, feature.geometry, form);
    out += R"(,"properties":)";
    append_properties(out, feature, fields);
    if (!links.empty()) {
        out += R"(,"links":)";
        out += links;
    }
    out += '}';
}

} // namespace diaban::services::api
