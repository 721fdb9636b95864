#include "services/api/open311_form.hpp"

#include "services/http/representation.hpp"
#include "services/http/status.hpp"

#include <pugixml.hpp>

#include <sstream>

namespace diaban::services::api {

namespace {

constexpr GeoReportNames error_names{"errors", "error"};

/// Characters that XML 1.0 cannot hold are left out.
std::string xml_text(Json const& value) {
    if (value.is_null()) return {};
    auto text = value.is_string() ? value.get<std::string>() : value.dump();
    std::erase_if(text, [](char c) {
        auto const byte = static_cast<unsigned char>(c);
        return byte < 0x20 && c != '\n' && c != '\t' && c != '\r';
    });
    return text;
}

void append(pugi::xml_node into, Json const& thing) {
    for (auto const& [name, value] : thing.items()) {
        auto node = into.append_child(name.c_str());
        if (value.is_array())
            for (auto const& one : value) append(node.append_child("value"), one);
        else if (value.is_object())
            append(node, value);
        else
            node.text().set(xml_text(value).c_str());
    }
}

std::string sentence(geo::Error const& error, http::Language language) {
    auto const& said = http::sentence_of(error.type());
    return http::fill(language == http::Language::en ? said.detail_en : said.detail_vi,
                      error.parameters());
}

} // namespace

GeoReportForm georeport_form(std::string_view ending) {
    if (ending == "json") return GeoReportForm::json;
    if (ending == "xml") return GeoReportForm::xml;
    throw geo::Error{
        geo::Code::not_found, "no-path", {{"value", std::string{ending.substr(0, 64)}}}};
}

std::pair<std::string, GeoReportForm> georeport_file(std::string_view file) {
    auto const point = file.rfind('.');
    if (point == std::string_view::npos) return {"", georeport_form(file)};
    return {std::string{file.substr(0, point)}, georeport_form(file.substr(point + 1))};
}

std::string one_line_form(std::string_view form) {
    constexpr std::size_t coded = 3; // %0D
    auto const is = [](std::string_view text, char letter) {
        return text.starts_with("%0") && text.size() >= coded && (text[2] | 0x20) == letter;
    };
    std::string line;
    line.reserve(form.size());
    while (!form.empty()) {
        bool const returns = is(form, 'd');
        if (!returns && !is(form, 'a')) {
            line += form.front();
            form.remove_prefix(1);
            continue;
        }
        form.remove_prefix(coded);
        if (returns && is(form, 'a')) form.remove_prefix(coded);
        line += '+';
    }
    return line;
}

std::string georeport_text(Json const& answer, GeoReportForm form, GeoReportNames names) {
    if (form == GeoReportForm::json) return dump(answer);
    pugi::xml_document document;
    auto declaration = document.append_child(pugi::node_declaration);
    declaration.append_attribute("version") = "1.0";
    declaration.append_attribute("encoding") = "utf-8";
    auto root = document.append_child(std::string{names.root}.c_str());
    if (answer.is_array())
        for (auto const& one : answer)
            append(root.append_child(std::string{names.item}.c_str()), one);
    else
        append(root, answer);
    std::ostringstream out;
    document.save(out, "  ", pugi::format_indent, pugi::encoding_utf8);
    return out.str();
}

http::Response georeport(http::Context const& context, GeoReportForm form, GeoReportNames names,
                         int status, std::function<Json()> const& work) {
    auto const type =
        form == GeoReportForm::json ? "application/json; charset=utf-8" : "text/xml; charset=utf-8";
    try {
        auto text = georeport_text(work(), form, names);
        if (status == 200) return http::represent(context, {type, std::move(text)});
        auto response = http::answer(status, type, std::move(text));
        response.with("Cache-Control", "no-store");
        return response;
    } catch (geo::Error const& error) {
        auto const code = http::status_of(error);
        if (code >= 500) throw;
        Json const errors =
            Json::array({{{"code", code}, {"description", sentence(error, context.language)}}});
        auto response = http::answer(code, type, georeport_text(errors, form, error_names));
        response.with("Cache-Control", "no-store");
        if (code == 401) response.with("WWW-Authenticate", "Bearer realm=\"diaban\"");
        return response;
    }
}

} // namespace diaban::services::api
