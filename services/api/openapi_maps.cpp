#include "services/api/openapi_maps.hpp"

namespace diaban::services::api {

namespace {

constexpr std::string_view picture = "/maps/static";

} // namespace

std::pair<Json, std::string_view> describe_map_query(std::string_view name,
                                                     std::string_view pattern) {
    if (pattern != picture) return {nullptr, {}};
    if (name == "size")
        return {{{"type", "string"}, {"pattern", "^[0-9]+x[0-9]+$"}, {"default", "800x600"}},
                "Width and height of the map in px, 64 to 2048; scale, legend and sources stand "
                "below it, as high as they need"};
    if (name == "style") return {{{"type", "string"}, {"default", "light"}}, "One of /styles"};
    if (name == "layers")
        return {{{"type", "string"}, {"pattern", "^[a-z0-9_]+(,[a-z0-9_]+)*$"}},
                "These collections; else those that the style shows"};
    if (name == "datetime")
        return {{{"type", "string"}}, "What is so at an instant, or on a day (UTC+7)"};
    if (name == "exercise")
        return {{{"type", "boolean"}, {"default", false}}, "Stamped as of an exercise"};
    if (name == "format")
        return {
            {{"type", "string"}, {"enum", Json::array({"png", "jpeg", "pdf"})}, {"default", "png"}},
            "What the picture is"};
    return {nullptr, {}};
}

bool is_map_required(std::string_view name, std::string_view pattern) noexcept {
    return pattern == picture && name == "bbox";
}

void add_map_responses(std::string_view pattern, Json& responses) {
    if (pattern != picture) return;
    auto& content = responses["200"]["content"];
    content.erase("application/json");
    for (auto const* const type : {"image/jpeg", "application/pdf"})
        content[type] = content["image/png"];
    for (auto const* const status : {"404", "503"})
        responses[status] = {{"$ref", "#/components/responses/Problem"}};
}

} // namespace diaban::services::api
