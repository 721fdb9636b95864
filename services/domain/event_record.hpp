#pragma once

#include "data/postgis/past_store.hpp"
#include "geo/geometry.hpp"
#include "geo/policy.hpp"
#include "geo/schema.hpp"
#include "services/domain/atlas.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace diaban::services::domain {

/// From when on an event was in a phase.
struct EventPhase {
    geo::Instant at;
    std::string phase;
    std::string by;
};

struct EventOrder {
    std::int64_t fid = 0;
    std::string unit;
    std::string to;
    std::string text;
    std::string state; ///< issued, acknowledged, escalated
    std::optional<geo::Instant> issued_at;
    std::optional<geo::Instant> acknowledged_at;
    std::string acknowledged_by;
    std::optional<geo::Instant> escalated_at;
    std::string escalated_to;
};

struct EventCall {
    std::int64_t fid = 0;
    std::string state; ///< new, merged, assigned, done
    std::int64_t priority = 0;
    std::int64_t people = 0;
    std::int64_t vulnerable = 0;
    std::optional<geo::Position> place; ///< EPSG:4326
    std::optional<std::int64_t> merged_into;
    std::optional<std::int64_t> team;
    std::optional<geo::Instant> received_at;
    std::optional<geo::Instant> assigned_at;
    std::optional<geo::Instant> done_at;
};

struct EventTeam {
    std::int64_t fid = 0;
    std::string name;
    std::string state;                  ///< free, busy, off
    std::optional<geo::Position> place; ///< EPSG:4326
};

struct EventBulletin {
    std::string key;
    std::string storm;
    std::optional<geo::Instant> confirmed_at;
};

/// Where the figures of a part come from.
struct EventSource {
    geo::Title title; ///< of the collection
    bool synthetic = false;
    std::optional<geo::Instant> newest; ///< when the latest of them was recorded
};

/// What was known of a disaster event at an instant. A part that the visitor may not see is absent;
/// what is masked is empty.
struct EventRecord {
    std::int64_t event = 0;
    geo::Instant at;
    std::string name;
    std::string kind;
    geo::Geometry area;             ///< EPSG:4326; empty where none is recorded
    std::vector<EventPhase> phases; ///< in order of time, at least one
    std::optional<std::vector<EventOrder>> orders;
    std::optional<std::vector<EventCall>> calls;
    std::optional<std::vector<EventTeam>> teams; ///< of the whole centre
    std::optional<std::vector<EventBulletin>> bulletins;
    std::map<std::string, EventSource, std::less<>> sources; ///< by collection, of what is present
};

/// Under which policy each part is read; null: not at all.
struct EventPolicies {
    geo::Policy const& events;
    geo::Policy const* orders = nullptr;
    geo::Policy const* calls = nullptr;
    geo::Policy const* teams = nullptr;
    geo::Policy const* bulletins = nullptr;
};

/// The event as it was recorded at `at`, read from the tables and their history: asked again of
/// the same instant it is the same. Nothing where no such event was known.
/// Cost     every row of the parts at that instant.
/// Throws   as PastStore.
[[nodiscard]] std::optional<EventRecord> read_event(Atlas const& atlas,
                                                    data::postgis::PastStore const& past,
                                                    std::int64_t event, geo::Instant at,
                                                    EventPolicies const& policies);

} // namespace diaban::services::domain
