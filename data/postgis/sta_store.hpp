#pragma once

#include "data/postgis/pool.hpp"
#include "geo/policy.hpp"
#include "geo/sta/query.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace diaban::data::postgis {

/// Which entities are meant: all of a kind, those of these ids, or those that a relation to many
/// leads to from these.
struct StaSource {
    geo::sta::Entity entity = geo::sta::Entity::thing;
    std::optional<std::vector<std::int64_t>> ids{};
    geo::sta::Relation const* relation = nullptr;
    std::vector<std::int64_t> parents{}; ///< with a relation
};

struct StaRow {
    std::int64_t id = 0;
    std::int64_t parent = 0;                        ///< with a relation
    std::vector<std::optional<std::string>> values; ///< JSON, in the order of the page's properties
    std::vector<std::optional<std::int64_t>>
        links; ///< where the relations to one lead that were asked
};

struct StaPage {
    struct Property {
        std::string_view name; ///< in its parts: `unitOfMeasurement/name`
        bool said_if_null = false;
    };
    std::vector<Property> properties;
    std::vector<StaRow> rows; ///< with a relation by parent, in its order
    std::vector<std::pair<std::int64_t, std::uint64_t>> counts; ///< by parent; parent 0 without one
};

/// Stations and what they observe, as SensorThings asks for them.
///
/// Policy   by collection, an argument of every read; where it is null, or masks what a relation
///          rests on, there is nothing. A condition that goes to other entities sees them as their
///          own policy does.
/// Throws   Error{bad_input, "sta-…"} for what cannot be asked; Error{unavailable, …}.
class StaStore {
public:
    using Policies = std::function<geo::Policy const*(std::string_view collection)>;

    /// Pool of Role::serve.
    explicit StaStore(Pool& pool) : m_pool{pool} {}

    /// At most `most` rows, of each parent where there are any.
    [[nodiscard]] StaPage read(StaSource const& source, geo::sta::Query const& query,
                               std::uint32_t most, std::span<geo::sta::Relation const* const> links,
                               Policies const& policies) const;

private:
    std::vector<std::int64_t> search(geo::sta::Relation const& relation,
                                     geo::sta::Expression const& condition,
                                     Policies const& policies) const;
    Pool& m_pool;
};

} // namespace diaban::data::postgis
