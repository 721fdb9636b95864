#include "services/api/sta_observation.hpp"

#include "geo/codec/rfc3339.hpp"
#include "services/api/access_json.hpp"

#include <algorithm>
#include <string>

namespace diaban::services::api {

namespace {

using data::model::Observation;
using Body = nlohmann::json;

geo::Instant instant_in(Body const& value, std::string_view member) {
    auto const text = value.is_string() ? value.get<std::string>() : std::string{};
    auto const instant = geo::codec::read_instant(text);
    if (!instant) refuse_member(member, text.substr(0, 40), "2026-11-27T10:00:00Z");
    return *instant;
}

/// Sets what a member of an observation says; its datastream apart.
void take_member(Observation& into, std::string_view name, Body const& value) {
    if (name == "result") {
        if (!value.is_number()) refuse_member(name, "", "a number");
        into.value = value.get<double>();
    } else if (name == "phenomenonTime") {
        into.at = instant_in(value, name);
    } else if (name == "resultTime") {
        if (!value.is_null()) into.result_at = instant_in(value, name);
    } else if (name == "parameters") {
        auto const* const message = member_at(value, "message");
        if (!value.is_object() || value.size() != 1 || message == nullptr || !message->is_string())
            refuse_member(name, "", R"({"message": "…"})");
        into.message = message->get<std::string>();
    } else {
        refuse_member(name, "", "Datastream, phenomenonTime, result, resultTime, parameters");
    }
}

} // namespace

Body const* member_at(Body const& body, std::string_view path) {
    auto const* at = &body;
    while (!path.empty()) {
        auto const slash = std::min(path.find('/'), path.size());
        if (!at->is_object()) return nullptr;
        auto const found = at->find(std::string{path.substr(0, slash)});
        if (found == at->end() || found->is_null()) return nullptr;
        at = &*found;
        path.remove_prefix(std::min(slash + 1, path.size()));
    }
    return at;
}

std::int64_t id_in(Body const& body, std::string_view member) {
    auto const* const link = member_at(body, member);
    auto const* const id = link == nullptr ? nullptr : member_at(*link, "@iot.id");
    if (id == nullptr || !id->is_number_integer()) refuse_member(member, "", R"({"@iot.id": 1})");
    return id->get<std::int64_t>();
}

Observation read_observation(Body const& body, std::optional<std::int64_t> datastream,
                             std::optional<geo::Instant> otherwise) {
    Observation one;
    if (!body.is_object() || !body.contains("result")) refuse_member("result", "", "a number");
    if (otherwise) one.at = *otherwise;
    if (!otherwise && !body.contains("phenomenonTime"))
        refuse_member("phenomenonTime", "", "2026-11-27T10:00:00Z");
    for (auto const& [name, value] : body.items())
        if (name != "Datastream") take_member(one, name, value);
    one.datastream = datastream ? *datastream : id_in(body, "Datastream");
    return one;
}

} // namespace diaban::services::api
