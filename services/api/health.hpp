#pragma once

#include "services/api/backing.hpp"
#include "services/http/metrics.hpp"
#include "services/http/router.hpp"

#include <atomic>
#include <functional>
#include <string>

namespace diaban::services::api {

/// What else `/metrics` says: written by whoever knows it.
using MoreMetrics = std::function<void(std::string&)>;

/// `/healthz` (the process answers), `/readyz` (every mirror is loaded and the server is not
/// `leaving`; else 503 and what is missing), `/metrics` (Prometheus text).
void add_health(http::Router& router, Backing const& backing, std::atomic<bool> const& leaving,
                MoreMetrics more);

} // namespace diaban::services::api
