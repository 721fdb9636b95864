#pragma once

#include "geo/route/components.hpp"
#include "geo/route/shelters.hpp"
#include "services/domain/road_net.hpp"
#include "services/domain/standing_water.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace diaban::services::domain {

/// How a place, or a component, stands to the main one.
enum class Access : std::uint8_t {
    joined,  ///< over open roads
    cut_off, ///< it would be, were no road closed
    apart,   ///< not even then: the collection knows no road
    far,     ///< a place that no road comes near
};

/// A net of which some edges are closed.
struct PartedRoads {
    std::vector<std::uint8_t> open;          ///< by edge
    geo::route::Components wet;              ///< over open edges
    std::vector<std::uint32_t> first_vertex; ///< by component
    std::vector<std::int64_t> people;        ///< by component
    std::uint32_t main = 0;                  ///< component
};

/// The way from a place to the shelter nearest to it.
struct NearestShelter {
    std::uint32_t shelter = geo::route::none;
    std::uint64_t cost = 0; ///< ms
    std::vector<std::uint32_t> edges;
};

/// Which places are cut off, and how shelters are reached.
struct CutOff {
    RoadNet net;
    std::vector<PeopledPlace> places;
    std::vector<Shelter> shelters;
    geo::route::RoadGraph graph;
    std::vector<std::uint32_t> place_vertex;   ///< none: far
    std::vector<double> place_off_road;        ///< m from the place to its vertex
    std::vector<std::uint32_t> shelter_vertex; ///< none: far
    std::vector<std::uint8_t> shelter_dry;

    std::vector<float> over; ///< by edge: m of water; empty: a polygon closes
    std::size_t outside = 0; ///< edges that the water's grid does not reach
    geo::route::Components dry;
    std::uint32_t main_vertex = geo::route::none; ///< that was asked for; none: most people
    PartedRoads parted;
    std::vector<geo::route::Reconnection> reconnections;
    std::vector<NearestShelter> nearest; ///< by place, whatever room there is
    geo::route::Sheltering sheltering;   ///< groups are places

    /// The same roads with others closed; where nobody lives the component with the longest open
    /// roads is the main one.
    [[nodiscard]] PartedRoads part(std::vector<std::uint8_t> open) const;
    [[nodiscard]] Access access(PartedRoads const& roads, std::uint32_t component) const;
    [[nodiscard]] Access access_of(PartedRoads const& roads, std::size_t place) const;
    [[nodiscard]] double metres(std::vector<std::uint32_t> const& edges) const;
};

/// Water over a shelter from which on it is not counted on (m).
inline constexpr float wet_floor = 0.1F;

/// `water` is null where a polygon closes roads.
/// Throws   Error{bad_input, "bad-parameter"} where there are no roads, or none near `main`.
[[nodiscard]] CutOff find_cut_off(Work& work, CutOffInputs const& inputs,
                                  StandingWater const* water, RoadNet net, std::int64_t now);

} // namespace diaban::services::domain
