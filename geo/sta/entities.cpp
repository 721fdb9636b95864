#include "geo/sta/entities.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace diaban::geo::sta {

namespace {

constexpr std::array<std::string_view, entity_count> sets{
    "Things",  "Locations",          "HistoricalLocations", "Datastreams",
    "Sensors", "ObservedProperties", "Observations",        "FeaturesOfInterest"};

/// Sorted by where they lead from.
constexpr Relation relations[] = {
    {Entity::thing, "Locations", Entity::location, true},
    {Entity::thing, "HistoricalLocations", Entity::historical_location, true},
    {Entity::thing, "Datastreams", Entity::datastream, true},
    {Entity::location, "Things", Entity::thing, true},
    {Entity::location, "HistoricalLocations", Entity::historical_location, true},
    {Entity::historical_location, "Thing", Entity::thing, false},
    {Entity::historical_location, "Locations", Entity::location, true},
    {Entity::datastream, "Thing", Entity::thing, false},
    {Entity::datastream, "Sensor", Entity::sensor, false},
    {Entity::datastream, "ObservedProperty", Entity::observed_property, false},
    {Entity::datastream, "Observations", Entity::observation, true},
    {Entity::sensor, "Datastreams", Entity::datastream, true},
    {Entity::observed_property, "Datastreams", Entity::datastream, true},
    {Entity::observation, "Datastream", Entity::datastream, false},
    {Entity::observation, "FeatureOfInterest", Entity::feature_of_interest, false},
    {Entity::feature_of_interest, "Observations", Entity::observation, true},
};
static_assert(std::ranges::is_sorted(relations, {}, &Relation::from));

} // namespace

std::string_view set_name(Entity entity) noexcept {
    return sets[static_cast<std::size_t>(entity)];
}

std::optional<Entity> entity_of_set(std::string_view name) noexcept {
    auto const* const found = std::ranges::find(sets, name);
    if (found == sets.end()) return std::nullopt;
    return static_cast<Entity>(found - sets.begin());
}

std::span<Relation const> relations_of(Entity entity) noexcept {
    auto const range = std::ranges::equal_range(relations, entity, {}, &Relation::from);
    return {range.begin(), range.end()};
}

Relation const* find_relation(Entity from, std::string_view name) noexcept {
    for (auto const& relation : relations_of(from))
        if (relation.name == name) return &relation;
    return nullptr;
}

} // namespace diaban::geo::sta
