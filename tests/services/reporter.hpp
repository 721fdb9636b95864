#pragma once

#include "services/http/uri.hpp"
#include "tests/services/job_client.hpp"
#include "tests/services/world.hpp"

#include <map>
#include <stdexcept>
#include <string>

namespace diaban::tests {

/// A citizen, or whoever enters what one has told: sends reports as forms.

inline constexpr char form_type[] = "Content-Type: application/x-www-form-urlencoded\r\n";

inline std::string form(std::map<std::string, std::string> const& members) {
    std::string text;
    for (auto const& [name, value] : members)
        text += (text.empty() ? "" : "&") + services::http::percent_encode(name) + "=" +
                services::http::percent_encode(value);
    return text;
}

inline std::map<std::string, std::string> sinkhole(std::string const& words) {
    return {{"service_code", "road"},
            {"lat", "18.3"},
            {"long", "105.3"},
            {"description", words},
            {"first_name", "Zyxwv"},
            {"last_name", "Planted7319"},
            {"phone", "0987319"},
            {"email", "planted@secret-eye.vn"},
            {"address_string", "Thôn 1"},
            {"device_id", "dev-" + words}};
}

inline RawAnswer send(World const& world, std::map<std::string, std::string> const& members,
                      std::string const& ending = "json", std::string const& fields = {}) {
    return request(world.port(), "POST", "/open311/v2/requests." + ending, form_type + fields,
                   form(members));
}

struct Sent {
    std::string id;
    std::string token;
};

inline Sent sent(World const& world, std::map<std::string, std::string> const& members) {
    auto const answer = send(world, members);
    if (answer.status != 201) throw std::runtime_error{answer.body};
    auto const one = nlohmann::json::parse(answer.body)[0];
    return {one["service_request_id"], one["token"]};
}

inline nlohmann::json one_of(World const& world, std::string const& id) {
    return world.json("/open311/v2/requests/" + id + ".json")[0];
}

/// What a reporter shows of a report of theirs.
inline std::string key(Sent const& report) {
    return "Report-Token: " + report.token + "\r\n" + json_type;
}

} // namespace diaban::tests
