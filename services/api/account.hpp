#pragma once

#include "services/api/backing.hpp"
#include "services/http/router.hpp"

namespace diaban::services::api {

/// `/account`: signing in and out, by password or by a provider of OpenID Connect; who one is and
/// what one may; one's own password and tokens.
void add_account(http::Router& router, Backing const& backing);

/// `/collections/{collectionId}/items/{featureId}/personal`: what a row says of a person, to whom
/// may know it and says why.
void add_personal(http::Router& router, Backing const& backing);

/// `/access/…`: accounts and roles, for those who look after them.
void add_administration(http::Router& router, Backing const& backing);

/// `/audit`: who read and changed what.
void add_audit(http::Router& router, Backing const& backing);

} // namespace diaban::services::api
