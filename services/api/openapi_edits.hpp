#pragma once

#include "services/api/json.hpp"
#include "services/http/router.hpp"

#include <string_view>

namespace diaban::services::api {

/// The operation of a route that changes something: its body, header fields and answers. Null for
/// one that is not known. Path parameters are added by whoever calls.
[[nodiscard]] Json describe_edit(http::Method method, std::string_view pattern);

/// Schemas that those operations refer to, by name.
[[nodiscard]] Json edit_schemas();

} // namespace diaban::services::api
