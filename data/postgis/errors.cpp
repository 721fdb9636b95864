#include "data/postgis/errors.hpp"

namespace diaban::data::postgis {

using geo::Code;
using geo::Error;

bool means_lost(std::string_view state) noexcept {
    constexpr std::string_view read_only = "25006"; // where a primary was, a standby is now
    constexpr std::string_view left_lying =
        "25P03"; // the server ended a session with a transaction open
    return state.starts_with("08") || state.starts_with("57P") || state == read_only ||
           state == left_lying;
}

Error database_down(std::string detail) {
    return {Code::unavailable, "database-down", {}, std::move(detail)};
}

Error error_of(SqlFailure const& failure) {
    auto const& state = failure.state;
    std::string log =
        "SQLSTATE " + (state.empty() ? std::string{"none"} : state) + ": " + failure.message;
    if (!failure.detail.empty()) log += " | " + failure.detail;

    if (means_lost(state)) return database_down(std::move(log));
    if (state == "57014") return {Code::unavailable, "database-timeout", {}, std::move(log)};
    if (state == "55P03") return {Code::unavailable, "database-busy", {}, std::move(log)};
    if (state == "53100") return {Code::unavailable, "disk-full", {}, std::move(log)};
    if (state.starts_with("53")) return {Code::unavailable, "database-busy", {}, std::move(log)};
    if (state == "40001" || state == "40P01")
        return {Code::conflict, "concurrent-change", {}, std::move(log)};
    if (state == "23001") // raised by diaban.refuse_copy()
        return {Code::conflict, "row-of-another-server", {}, std::move(log)};
    if (state == "23505")
        return {Code::conflict, "duplicate-key", {{"key", failure.detail}}, std::move(log)};
    if (state == "23514" && failure.constraint.starts_with("geometry_"))
        return {Code::bad_input, "bad-geometry", {{"reason", failure.constraint}}, std::move(log)};
    if (state.starts_with("23"))
        return {Code::bad_input, "bad-value", {{"rule", failure.constraint}}, std::move(log)};
    if (state.starts_with("22")) return {Code::bad_input, "bad-value", {}, std::move(log)};
    return {Code::internal, "database", {}, std::move(log)};
}

} // namespace diaban::data::postgis
