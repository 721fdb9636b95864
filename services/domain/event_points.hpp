#pragma once

#include "geo/geometry.hpp"
#include "services/domain/extract.hpp"
#include "services/domain/process.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace diaban::services::domain {

/// The inputs by which processes choose events, as items and heat read them.
inline constexpr char const* event_parameters[] = {
    "bbox", "bbox-crs", "datetime", "filter", "filter-lang", "filter-crs", "hours", "weekdays"};

/// Names of the inputs of a process of events: the collection, what chooses, and its own.
[[nodiscard]] std::vector<std::string_view> event_inputs(std::span<std::string_view const> own);

/// Their descriptions.
[[nodiscard]] Json describe_event_inputs();

/// Points that a process works on, in the record's doubles.
struct Events {
    int srid = 0;                                    ///< of `metres`: the UTM zone of their middle
    std::vector<geo::Position> metres;               ///< along the plane: off by 0.1 % at most
    std::vector<std::optional<std::int64_t>> begins; ///< microseconds from 1970 in UTC
    std::vector<double> weights;                     ///< 1, or the field asked for
    std::uint64_t unlocated = 0;                     ///< rows without geometry
    std::uint64_t beyond = 0;     ///< rows more than 4° of longitude from the middle: left out
    std::uint64_t weightless = 0; ///< rows whose weight is not above 0, or none: left out
};

/// Throws   Error{too_large, "too-many-events"} beyond two million.
[[nodiscard]] Events read_events(Work& work, std::string const& collection,
                                 std::optional<std::string> const& weight);

/// Refuses inputs that choose no events, before there is a job: a collection that is none of
/// points, filters that cannot be read, a weight that is no number.
void check_events(Json const& inputs, Registries const& registries, Policies const& policies,
                  std::optional<std::string> const& weight);

/// What was read, for an answer's details.
[[nodiscard]] Json events_json(Events const& events, Json const& inputs);

} // namespace diaban::services::domain
