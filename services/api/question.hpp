#pragma once

#include "geo/filter/filter.hpp"
#include "services/api/backing.hpp"
#include "services/domain/chosen.hpp"
#include "services/http/router.hpp"

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::api {

/// A collection, and the rows of it that a request means: by bbox, datetime and filter.
struct Question {
    std::shared_ptr<domain::View const> view;
    domain::Choice choice;
};

/// Throws   what the readers of the parameters throw; "unknown-collection".
[[nodiscard]] Question read_question(Backing const& backing, http::Context const& context,
                                     std::string const& id);

/// Under which policy rows are counted. Numbers of rows that are not seen themselves
/// (Action::count) are asked of whole collections alone: by comparing two choices of rows one could
/// tell a single one.
struct Counting {
    geo::Policy const& policy;
    bool masks = false; ///< small groups are not to be told
};
[[nodiscard]] Counting counting_of(Question const& question, http::Context const& context);

/// A field that may be asked about, as `fits` has it; others are refused alike, whether they exist
/// or not. Throws Error{bad_input, "unanswerable-field"}.
[[nodiscard]] geo::Field const& read_field(domain::View const& view, geo::Policy const& policy,
                                           std::string_view name,
                                           std::function<bool(geo::Field const&)> const& fits);

/// Whether a field is of numbers.
[[nodiscard]] bool is_number(geo::Field const& field) noexcept;

/// What items take to choose rows, and what the question takes besides.
[[nodiscard]] std::vector<std::string>
question_parameters(std::initializer_list<std::string> besides);

} // namespace diaban::services::api
