#include "services/domain/field_pack_style.hpp"

#include <fmt/format.h>

#include <charconv>
#include <string_view>

namespace diaban::services::domain {

namespace {

/// Text as an attribute of XML has it.
std::string escaped(std::string_view text) {
    std::string result;
    for (char const c : text) {
        if (c == '&')
            result += "&amp;";
        else if (c == '<')
            result += "&lt;";
        else if (c == '>')
            result += "&gt;";
        else if (c == '"')
            result += "&quot;";
        else if (static_cast<unsigned char>(c) >= 0x20)
            result += c;
    }
    return result;
}

/// `r,g,b,a` of `#RRGGBB`.
std::string rgba(std::string_view colour, int alpha) {
    std::string text;
    for (std::size_t at = 1; at + 1 < colour.size(); at += 2) {
        int part = 0;
        std::from_chars(colour.data() + at, colour.data() + at + 2, part, 16);
        text += fmt::format("{},", part);
    }
    return text + std::to_string(alpha);
}

std::string option(std::string_view name, std::string_view value) {
    return fmt::format(R"(<Option name="{}" type="QString" value="{}"/>)", name, escaped(value));
}

std::string symbol(std::string_view name, bool point, std::string const& colour) {
    auto const head = fmt::format(R"(<symbol name="{}" type="{}" alpha="1" clip_to_extent="1">)",
                                  name, point ? "marker" : "fill");
    if (point)
        return head +
               R"(<layer class="SimpleMarker" enabled="1" locked="0" pass="0"><Option type="Map">)" +
               option("color", rgba(colour, 255)) + option("name", "diamond") +
               option("outline_color", "255,255,255,255") + option("outline_width", "0.6") +
               option("size", "5") + "</Option></layer></symbol>";
    return head +
           R"(<layer class="SimpleFill" enabled="1" locked="0" pass="0"><Option type="Map">)" +
           option("color", rgba(colour, 40)) + option("outline_color", rgba(colour, 255)) +
           option("outline_width", "0.3") + option("style", "solid") + "</Option></layer></symbol>";
}

std::string renderer(LayerStyle const& style) {
    if (style.class_column.empty())
        return R"(<renderer-v2 type="singleSymbol" symbollevels="0"><symbols>)" +
               symbol("0", style.points, style.colour) + "</symbols></renderer-v2>";
    std::string categories;
    std::string symbols;
    for (std::size_t i = 0; i < style.classes.size(); ++i) {
        auto const& one = style.classes[i];
        categories += fmt::format(
            R"(<category symbol="{}" value="{}" label="{}" render="true" type="string"/>)", i,
            escaped(one.value), escaped(one.title));
        symbols += symbol(std::to_string(i), style.points, one.colour);
    }
    // What was made in the field has no class yet.
    auto const last = style.classes.size();
    categories += fmt::format(
        R"(<category symbol="{}" value="" label="Lập tại thực địa" render="true" type="string"/>)",
        last);
    symbols += symbol(std::to_string(last), style.points, style.colour);
    return fmt::format(R"(<renderer-v2 type="categorizedSymbol" attr="{}" symbollevels="0">)",
                       escaped(style.class_column)) +
           "<categories>" + categories + "</categories><symbols>" + symbols +
           "</symbols></renderer-v2>";
}

std::string label(LayerStyle const& style) {
    if (style.label.empty()) return {};
    return fmt::format(
        R"(<labeling type="simple"><settings calloutType="simple"><text-style )"
        R"(fieldName="{}" isExpression="1" fontSize="9" fontSizeUnit="Point" )"
        R"(textColor="30,42,54,255"/><placement placement="{}"/><rendering )"
        R"(scaleVisibility="1" scaleMin="5000" scaleMax="1"/></settings></labeling>)",
        escaped(style.label), style.points ? 6 : 1);
}

std::string widget(FormColumn const& column) {
    if (column.codes.empty())
        return R"(<editWidget type="TextEdit"><config><Option type="Map"><Option name="IsMultiline" )"
               R"(type="bool" value=")" +
               std::string{column.long_text ? "true" : "false"} +
               R"("/></Option></config></editWidget>)";
    std::string list;
    for (auto const& [code, title] : column.codes)
        list += R"(<Option type="Map">)" + option(escaped(title), code) + "</Option>";
    return R"(<editWidget type="ValueMap"><config><Option type="Map"><Option name="map" type="List">)" +
           list + "</Option></Option></config></editWidget>";
}

} // namespace

std::string qml_of(LayerStyle const& style) {
    std::string widgets, aliases, initials, writable;
    for (std::size_t i = 0; i < style.columns.size(); ++i) {
        auto const& column = style.columns[i];
        auto const name = escaped(column.name);
        widgets += fmt::format(R"(<field name="{}" configurationFlags="None">)", name) +
                   widget(column) + "</field>";
        aliases += fmt::format(R"(<alias field="{}" index="{}" name="{}"/>)", name, i,
                               escaped(column.title));
        initials += fmt::format(R"(<default field="{}" expression="{}" applyOnUpdate="0"/>)", name,
                                escaped(column.initial));
        writable +=
            fmt::format(R"(<field name="{}" editable="{}"/>)", name, column.writable ? 1 : 0);
    }
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
           R"(<qgis version="3.22.0" styleCategories="AllStyleCategories" labelsEnabled=")" +
           std::string{style.label.empty() ? "0" : "1"} + "\">" + renderer(style) + label(style) +
           "<fieldConfiguration>" + widgets + "</fieldConfiguration><aliases>" + aliases +
           "</aliases><defaults>" + initials + "</defaults><editable>" + writable +
           "</editable></qgis>";
}

} // namespace diaban::services::domain
