#pragma once

#include "services/api/backing.hpp"
#include "services/http/router.hpp"

namespace diaban::services::api {

/// `/console/…`: the built web app. What is no file of it and looks like no file is the app itself,
/// which reads its own address.
void add_console(http::Router& router, Backing const& backing);

} // namespace diaban::services::api
