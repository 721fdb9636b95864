#pragma once

#include "geo/error.hpp"

#include <string>
#include <string_view>

namespace diaban::data::postgis {

/// What PostgreSQL said of a statement that failed.
struct SqlFailure {
    std::string state; ///< SQLSTATE, five characters; empty if the server said nothing
    std::string message;
    std::string detail;     ///< PostgreSQL's own DETAIL, may hold data of the row
    std::string constraint; ///< the constraint that was broken, if any
};

/// The error that a failed statement becomes. All of what PostgreSQL said goes to `detail`, for the
/// log; of the row's data only the value of a duplicate key is shown.
geo::Error error_of(SqlFailure const& failure);

/// Whether the state means that the connection is gone: class 08, or the server is shutting down
/// or ended this backend (57P…).
[[nodiscard]] bool means_lost(std::string_view state) noexcept;

/// Error{unavailable, "database-down"}.
geo::Error database_down(std::string detail);

} // namespace diaban::data::postgis
