#pragma once

#include "services/api/json.hpp"
#include "services/api/open311.hpp"

namespace diaban::services::api {

/// Takes a report that was sent as a form, and says what it is known by: `service_request_id`, and
/// `token`, the secret that its sender follows it with.
///
/// Routing   to the agency of its category in the commune it lies in, with the day it is due.
/// Identity  names, numbers and addresses go to personal fields alone.
/// Limits    the same words about the same place once in ten minutes; ten in an hour a contact; six
///           hundred in an hour of all who did not sign in.
/// Channel   telephone, press and counter are of those who may edit reports: they enter what others
///           told them, and stand as authors of the row, not as its reporters.
/// Throws    Error{bad_input, …} naming the member; Error{unavailable, "too-many-reports"};
///           Error{conflict, "report-not-kept"} where a rule of the record turns it away.
[[nodiscard]] Json take_report(Backing const& backing, ReportBacking const& reports,
                               http::Context const& context);

} // namespace diaban::services::api
