#pragma once

#include "data/model/edit.hpp"
#include "geo/policy.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::data::postgis {

/// A statement with its parameters, absent ones null.
struct Statement {
    std::string sql;
    std::vector<std::optional<std::string>> parameters;
};

/// Makes, changes or removes the row of `edit`, in the state that it expects and where the policy
/// sees it, and answers the stamp_columns and `columns` of the row `t`; no row if it is not there
/// in that state. An edit that changes nothing only looks.
///
/// Scope    a row that is made belongs to the policy's one scope, or to none where all are seen.
/// Throws   Error{forbidden, "edit-scope"} for a policy of several scopes.
[[nodiscard]] Statement edit_statement(model::Edit const& edit, geo::Policy const& policy,
                                       std::string_view columns);

/// The state that the row of `edit` has, whatever it expects.
[[nodiscard]] Statement state_statement(model::Edit const& edit, geo::Policy const& policy);

} // namespace diaban::data::postgis
