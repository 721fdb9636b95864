#pragma once

#include "geo/policy.hpp"
#include "geo/schema.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace diaban::data::postgis {

/// `name` as a quoted SQL identifier. The only way a name enters a statement; values are
/// parameters.
[[nodiscard]] std::string quoted(std::string_view name);

/// `record."id"`: the table of a collection.
[[nodiscard]] std::string table_of(std::string_view collection_id);

/// A PostgreSQL array literal, to be passed as a parameter.
[[nodiscard]] std::string array_text(std::span<std::int64_t const> numbers);
[[nodiscard]] std::string array_text(std::span<std::string const> words);

/// The condition of a policy on the row `alias`, reading the settings that `policy_settings`
/// makes: without them no row is seen. `true` for a policy that sees everything.
[[nodiscard]] std::string policy_condition(geo::Policy const& policy, std::string_view alias);

/// Whether a field is the row's validity rather than a column of its own.
[[nodiscard]] bool is_validity(geo::Field const& field) noexcept;

/// A field of the row `alias` as an expression of its own type: a date for a validity kept in days.
[[nodiscard]] std::string field_expression(geo::Field const& field, std::string_view alias);

} // namespace diaban::data::postgis
