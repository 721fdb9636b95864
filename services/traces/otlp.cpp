#include "services/traces/tracer.hpp"

#include <nlohmann/json.hpp>

namespace diaban::services::traces {

namespace {

using Json = nlohmann::ordered_json;

// Numbers of opentelemetry-proto, trace.proto.
constexpr int kind_internal = 1;
constexpr int kind_server = 2;
constexpr int status_error = 2;

std::string nanoseconds(Span::Time time) {
    return std::to_string(
        std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
}

Json attribute(std::string const& name, std::variant<std::string, std::int64_t> const& value) {
    auto const* const number = std::get_if<std::int64_t>(&value); // a decimal string in JSON
    return {{"key", name},
            {"value", number != nullptr ? Json{{"intValue", std::to_string(*number)}}
                                        : Json{{"stringValue", std::get<std::string>(value)}}}};
}

Json as_json(Span const& span) {
    Json json{{"traceId", span.trace}, {"spanId", span.id}};
    if (!span.parent.empty()) json["parentSpanId"] = span.parent;
    json["name"] = span.name;
    json["kind"] = span.serves ? kind_server : kind_internal;
    json["startTimeUnixNano"] = nanoseconds(span.begun);
    json["endTimeUnixNano"] = nanoseconds(span.ended);
    json["attributes"] = Json::array();
    for (auto const& [name, value] : span.attributes)
        json["attributes"].push_back(attribute(name, value));
    json["status"] = span.failed ? Json{{"code", status_error}} : Json::object();
    return json;
}

} // namespace

std::string otlp_json(std::vector<Span> const& spans, TracerOptions const& options) {
    Json all = Json::array();
    for (auto const& span : spans) all.push_back(as_json(span));
    Json const resource{
        {"attributes", Json::array({attribute("service.name", "diaban"),
                                    attribute("service.version", options.version),
                                    attribute("service.instance.id", options.node)})}};
    Json const scoped{{"scope", {{"name", "diaban"}}}, {"spans", std::move(all)}};
    Json const document{
        {"resourceSpans",
         Json::array({Json{{"resource", resource}, {"scopeSpans", Json::array({scoped})}}})}};
    return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace diaban::services::traces
