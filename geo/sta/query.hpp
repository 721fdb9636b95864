#pragma once

#include "geo/sta/entities.hpp"
#include "geo/sta/expression.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace diaban::geo::sta {

struct Expansion;

/// What is asked of a set of entities (18-088, clause 9.3.3).
struct Query {
    std::optional<Expression> filter;
    std::vector<Ordering> order;
    std::optional<std::uint32_t> top;
    std::uint32_t skip = 0;
    bool count = false;
    std::vector<std::string> select; ///< names of properties and relations; empty: all
    std::vector<Expansion> expand;   ///< each relation once
    std::vector<std::pair<std::string, std::string>> given; ///< the options as they were written
};

struct Expansion {
    Relation const* relation = nullptr;
    Query query;
};

using Option = std::pair<std::string_view, std::string_view>;

/// Options by name (`$filter`, `$expand`, …) of a set of such entities; those with other names are
/// not looked at.
///
/// Bounds    5 expansions deep, 20 in all; `$skip` up to a million.
/// Throws    Error{bad_input}: "sta-syntax" with what cannot be read, "sta-option" with what an
///           option may hold, "sta-relation" for a relation that is none of the entity's.
[[nodiscard]] Query read_query(Entity of, std::span<Option const> options);

/// A path below the root of the service.
///
/// `Things`, `Things(1)`, `Things(1)/Datastreams(2)/Observations`, then perhaps a property, that
/// with `$value`, or `$ref`.
struct Step {
    Entity entity;
    Relation const* relation = nullptr; ///< that leads here; null: the set at the root
    std::optional<std::int64_t> id;
};
struct Path {
    std::vector<Step> steps; ///< never empty
    std::string property;    ///< empty: none
    bool raw = false;        ///< `$value`
    bool references = false; ///< `$ref`

    /// Whether it names one entity rather than a set.
    [[nodiscard]] bool is_one() const noexcept {
        auto const& last = steps.back();
        return last.id.has_value() || (last.relation != nullptr && !last.relation->many);
    }
};
/// Bounds    6 steps. Nothing where the path means nothing.
[[nodiscard]] std::optional<Path> read_path(std::string_view text);

} // namespace diaban::geo::sta
