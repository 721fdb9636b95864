#pragma once

#include "data/model/edit.hpp"
#include "services/domain/editing.hpp"
#include "services/http/router.hpp"

#include <span>

namespace diaban::services::api {

/// 422 with everything that is wrong, each with its place.
[[nodiscard]] http::Response refuse_faults(http::Context const& context,
                                           std::span<http::PartProblem const> faults);

/// What was answered, now or when the request was sent before.
[[nodiscard]] http::Response respond(data::model::Answer const& answer,
                                     domain::Editing::Outcome const& outcome);

} // namespace diaban::services::api
