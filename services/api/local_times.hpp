#pragma once

#include "services/domain/local_times.hpp"
#include "services/http/uri.hpp"

namespace diaban::services::api {

/// `hours`: local hours, `8`, `18-23`, `22-4` over midnight, or several with commas; `weekdays`:
/// the same of 1 (Monday) to 7. What was not sent is all. Throws   "bad-parameter".
[[nodiscard]] domain::LocalTimes read_local_times(http::Query const& query);

} // namespace diaban::services::api
