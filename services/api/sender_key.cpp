#include "services/api/sender_key.hpp"

#include "services/api/access_json.hpp"

#include <algorithm>

namespace diaban::services::api {

std::string sender_key(nlohmann::json const& body) {
    constexpr std::size_t longest = 100;
    auto key = text_in(body, "key");
    bool const plain = std::ranges::all_of(key, [](char c) { return c > ' ' && c <= '~'; });
    if (key.empty() || key.size() > longest || !plain)
        refuse_member("key", key.substr(0, longest), "1 to 100 printable ASCII characters");
    return key;
}

} // namespace diaban::services::api
