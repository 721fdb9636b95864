#include "services/api/openapi_31.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <string>

namespace diaban::services::api {

namespace {

bool is_bytes(Json const& schema) {
    return schema.is_object() && schema.value("type", Json{}) == "string" &&
           schema.value("format", Json{}) == "binary";
}

void translate(Json& node) {
    if (node.is_array()) {
        for (auto& part : node) translate(part);
        return;
    }
    if (!node.is_object()) return;
    for (auto& [name, part] : node.items()) {
        if (name == "schema" && is_bytes(part)) part = Json::object();
        translate(part);
    }
    auto const nullable = node.find("nullable");
    if (nullable == node.end() || !nullable->is_boolean()) return;
    bool const may_be_null = nullable->get<bool>();
    node.erase("nullable");
    if (!may_be_null) return;
    if (auto const type = node.find("type"); type != node.end())
        *type = Json::array({*type, "null"});
    if (auto const values = node.find("enum"); values != node.end()) values->push_back(nullptr);
}

/// Weight of an element of Accept, 0 to 1; 1 where it has none.
double weight_of(std::string_view element) {
    auto const at = element.find("q=");
    if (at == element.npos) return 1;
    double weight = 0;
    std::from_chars(element.data() + at + 2, element.data() + element.size(), weight);
    return weight;
}

} // namespace

Json as_openapi_31(Json document) {
    translate(document["paths"]);
    translate(document["components"]);
    document["openapi"] = "3.1.0";
    return document;
}

bool prefers_openapi_31(std::string_view accept) {
    double newer = 0;
    double older = 0;
    while (!accept.empty()) {
        auto const comma = accept.find(',');
        std::string element{accept.substr(0, comma)};
        accept.remove_prefix(comma == accept.npos ? accept.size() : comma + 1);
        std::erase_if(element, [](char c) { return c == ' ' || c == '\t' || c == '"'; });
        if (element.find("openapi+json") == element.npos) continue;
        auto& liked = element.find("version=3.1") != element.npos ? newer : older;
        liked = std::max(liked, weight_of(element));
    }
    return newer > older;
}

} // namespace diaban::services::api
