#pragma once

#include "data/postgis/sta_schema.hpp"
#include "geo/policy.hpp"
#include "geo/sta/expression.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace diaban::data::postgis {

// From expressions of SensorThings to SQL. For the sources of this room.

/// A policy by collection; null: whoever asks may not know of it.
using StaPolicies = std::function<geo::Policy const*(std::string_view collection)>;

/// Statements under way: a place for each value, in order.
class StaParameters {
public:
    /// `$1`, …
    std::string add(std::string text) {
        m_texts.push_back(std::move(text));
        return "$" + std::to_string(m_texts.size());
    }
    [[nodiscard]] std::vector<std::string> const& texts() const noexcept { return m_texts; }

private:
    std::vector<std::string> m_texts;
};

/// Ids of entities that satisfy a condition: of those that a relation leads to (`many` false), or
/// of those that it leads from.
using StaSearch = std::function<std::vector<std::int64_t>(geo::sta::Relation const& relation,
                                                          geo::sta::Expression const& condition)>;

/// A condition on the row `t` of an entity, in parentheses.
///
/// `search`  is asked where a comparison goes by relations: each comparison by one way.
/// Throws    Error{bad_input}: "sta-property", "sta-type", "sta-function", "sta-path" with the
/// offending part.
[[nodiscard]] std::string sta_condition(geo::sta::Entity entity,
                                        geo::sta::Expression const& expression,
                                        StaPolicies const& policies, StaParameters& parameters,
                                        StaSearch const& search);

/// What an ordering is by: an expression of the entity's own properties. Throws as `sta_condition`.
[[nodiscard]] std::string sta_ordering(geo::sta::Entity entity,
                                       geo::sta::Expression const& expression,
                                       StaPolicies const& policies, StaParameters& parameters);

/// The property of that name, in its parts with slashes; null if there is none, or none to be seen.
[[nodiscard]] StaColumn const* find_sta_column(geo::sta::Entity entity, std::string_view property,
                                               StaPolicies const& policies);

} // namespace diaban::data::postgis
