#pragma once

#include "services/api/indicator_question.hpp"

namespace diaban::services::api {

enum class IndicatorForm { json, csv, json_stat };

/// `f`: json, csv, jsonstat. Throws Error{bad_input, "bad-parameter"}.
[[nodiscard]] IndicatorForm read_indicator_form(http::Context const& context);

/// RFC 4180, UTF-8, a line a unit; texts that a spreadsheet would take for a formula come behind
/// an apostrophe.
[[nodiscard]] http::Response answer_csv(http::Context const& context,
                                        IndicatorQuestion const& question,
                                        std::string const& period,
                                        domain::CarriedValues const& carried);

/// JSON-stat 2.0, class `dataset`: the dimensions are indicator, period and unit; `status` says
/// how each value was come by.
[[nodiscard]] http::Response answer_json_stat(http::Context const& context,
                                              IndicatorQuestion const& question,
                                              std::string const& period,
                                              domain::CarriedValues const& carried);

} // namespace diaban::services::api
