#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace diaban::geo::sta {

/// The entities of OGC SensorThings 1.1, Part 1: Sensing (18-088, clause 8.2).
enum class Entity : std::uint8_t {
    thing,
    location,
    historical_location,
    datastream,
    sensor,
    observed_property,
    observation,
    feature_of_interest,
};
inline constexpr std::size_t entity_count = 8;

/// A way from an entity to others: `Datastreams` of a Thing, `Thing` of a Datastream.
struct Relation {
    Entity from;
    std::string_view name;
    Entity to;
    bool many;
};

/// `Things`, `FeaturesOfInterest`, …
[[nodiscard]] std::string_view set_name(Entity entity) noexcept;
[[nodiscard]] std::optional<Entity> entity_of_set(std::string_view name) noexcept;

/// Those that lead from an entity.
[[nodiscard]] std::span<Relation const> relations_of(Entity entity) noexcept;
/// Null if no relation from there is called so.
[[nodiscard]] Relation const* find_relation(Entity from, std::string_view name) noexcept;

} // namespace diaban::geo::sta
