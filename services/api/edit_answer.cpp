#include "services/api/edit_answer.hpp"

#include <algorithm>
#include <string_view>

namespace diaban::services::api {

http::Response refuse_faults(http::Context const& context,
                             std::span<http::PartProblem const> faults) {
    geo::Error const error{
        geo::Code::bad_input, "invalid-feature", {{"value", std::to_string(faults.size())}}};
    return http::problem(error, 422, context.language, context.request.path, faults);
}

http::Response respond(data::model::Answer const& answer, domain::Editing::Outcome const& outcome) {
    // A response's names are literals; those that were kept come from the record.
    static constexpr std::string_view names[] = {"Content-Type",     "Location",
                                                 "Content-Location", "ETag",
                                                 "Content-Crs",      "Preference-Applied"};
    http::Response response{.status = answer.status, .headers = {}, .body = answer.body};
    for (auto const& [name, value] : answer.headers)
        if (auto const* const known = std::ranges::find(names, name); known != std::end(names))
            response.with(*known, value);
    response.with("Cache-Control", "no-store");
    if (outcome.repeated) response.with("Idempotency-Replayed", "true");
    if (!outcome.shown) response.with("Diaban-Mirror", "behind");
    return response;
}

} // namespace diaban::services::api
