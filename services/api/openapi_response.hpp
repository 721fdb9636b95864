#pragma once

#include "services/api/json.hpp"
#include "services/http/message.hpp"

#include <string_view>

namespace diaban::services::api {

/// What the description of the API says of events, orders and rescue: routes that change something.
[[nodiscard]] Json response_schemas();
[[nodiscard]] Json describe_response_change(http::Method method, std::string_view pattern);

} // namespace diaban::services::api
