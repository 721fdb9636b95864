#include "services/api/openapi_change.hpp"

#include <algorithm>
#include <string>

namespace diaban::services::api {

namespace {

Json content_of(std::string_view schema) {
    return {{"application/json",
             {{"schema", {{"$ref", "#/components/schemas/" + std::string{schema}}}}}}};
}

} // namespace

Change const* find_change(std::span<Change const> changes, http::Method method,
                          std::string_view pattern) noexcept {
    auto const found = std::ranges::find_if(changes, [&](Change const& change) {
        return change.method == method && change.pattern == pattern;
    });
    return found == changes.end() ? nullptr : &*found;
}

Json describe_change(Change const& change, std::string_view tag,
                     std::span<std::string_view const> problems) {
    Json described{{"operationId", change.id},
                   {"summary", change.text},
                   {"tags", Json::array({tag})},
                   {"parameters", Json::array()}};
    if (change.in_session)
        described["parameters"].push_back(
            {{"name", "X-CSRF-Token"},
             {"in", "header"},
             {"required", false},
             {"description", "In a browser's session: csrf, as /account says it"},
             {"schema", {{"type", "string"}}}});
    if (!change.body.empty())
        described["requestBody"] = {{"required", true}, {"content", content_of(change.body)}};
    Json success{{"description", change.text}};
    if (!change.answer.empty()) success["content"] = content_of(change.answer);
    auto& responses = described["responses"];
    responses[std::string{change.success}] = std::move(success);
    Json const problem{{"$ref", "#/components/responses/Problem"}};
    for (auto const status : problems) responses[std::string{status}] = problem;
    responses["default"] = problem;
    return described;
}

Json schemas_of(std::span<std::string_view const> members) {
    Json all = Json::object();
    for (auto const member : members) all.update(Json::parse("{" + std::string{member} + "}"));
    return all;
}

} // namespace diaban::services::api
