#pragma once

#include "services/domain/process.hpp"
#include "services/http/uri.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace diaban::services::domain {

/// Readers of a process's inputs. Each throws Error{bad_input, "bad-parameter"} naming the input,
/// what was sent and what is accepted.

[[noreturn]] void refuse_input(std::string_view name, std::string value, std::string accepted);

/// Throws "unknown-parameter" where `inputs` has a member that is none of `known`.
void check_input_names(Json const& inputs, std::span<std::string_view const> known);

/// A text that must be there.
[[nodiscard]] std::string text_input(Json const& inputs, std::string_view name,
                                     std::string_view accepted);
/// A finite number of [least, most]; `otherwise` where it is not there.
[[nodiscard]] double number_input(Json const& inputs, std::string_view name, double otherwise,
                                  double least, double most);
/// The same without a value to fall back on.
[[nodiscard]] std::optional<double> number_input(Json const& inputs, std::string_view name,
                                                 double least, double most);
[[nodiscard]] bool flag_input(Json const& inputs, std::string_view name, bool otherwise);

/// Those of the inputs `names` that there are, as the query of a request has them: lists with
/// commas, a filter that is an object in its language.
[[nodiscard]] http::Query query_input(Json const& inputs, std::span<char const* const> names);

/// Description of an input.
[[nodiscard]] Json described_input(std::string_view title, Json schema, bool required = false);

} // namespace diaban::services::domain
