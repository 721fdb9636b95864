#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace diaban::tests {

/// The links of that relation.
inline std::vector<nlohmann::json> links_of(nlohmann::json const& body, std::string_view relation) {
    std::vector<nlohmann::json> found;
    for (auto const& link : body["links"])
        if (link["rel"] == relation) found.push_back(link);
    return found;
}

/// The path and query of a link to this server.
inline std::string target(nlohmann::json const& link) {
    std::string const href = link["href"];
    return href.substr(href.find('/', 8));
}

} // namespace diaban::tests
