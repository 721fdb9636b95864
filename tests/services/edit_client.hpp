#pragma once

#include "tests/services/raw_client.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

namespace diaban::tests {

/// Any request on a connection of its own. `fields`: more field lines, each with CRLF.
inline RawAnswer request(std::uint16_t port, std::string_view method, std::string_view target,
                         std::string_view fields = {}, std::string_view body = {}) {
    std::string text{method};
    text.append(" ").append(target).append(" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
    text.append(fields);
    if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    text += "\r\n";
    text += body;
    RawClient client{port};
    client.send(text);
    auto answer = client.read();
    if (!answer) throw std::runtime_error{"no answer to " + std::string{target}};
    return *answer;
}

inline constexpr char as_geojson[] = "Content-Type: application/geo+json\r\n";
inline constexpr char merge_patch[] = "Content-Type: application/merge-patch+json\r\n";

inline std::string if_match(std::string const& tag) {
    return "If-Match: " + tag + "\r\n";
}

/// A feature of the collection `blocks` of World: a square of one hundredth of a degree.
inline nlohmann::json block(std::string const& name, double west, double south,
                            std::string const& kind = "ONT") {
    auto const east = west + 0.01;
    auto const north = south + 0.01;
    return {{"type", "Feature"},
            {"properties", {{"name", name}, {"kind", kind}, {"area", 1.5}}},
            {"geometry",
             {{"type", "Polygon"},
              {"coordinates",
               {{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}}}}}};
}

/// What the faults of a refused edit point at.
inline std::set<std::string> pointers(nlohmann::json const& errors) {
    std::set<std::string> all;
    for (auto const& error : errors) all.insert(error["pointer"].get<std::string>());
    return all;
}

} // namespace diaban::tests
