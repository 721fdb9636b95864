#pragma once

#include "geo/cadastre/parcel_set.hpp"
#include "geo/geometry.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace diaban::geo::cadastre {

/// What can be wrong with a coverage of parcels.
enum class TopologyFault : std::uint8_t {
    overlap,          ///< two parcels cover the same ground; size in m²
    gap,              ///< ground between parcels that none covers; m²
    sliver,           ///< an overlap or a gap narrower than can be drawn; m²
    edge_mismatch,    ///< parcels of two sheets do not meet along their common edge; m², or m
    self_touch,       ///< a ring touches or crosses itself, or is no ring; positions
    duplicate_number, ///< several parcels of a sheet have one number; how many
    missing_number,   ///< a sheet has later numbers but not this one; the number
    label_outside,    ///< the number is written outside its parcel; m
};

[[nodiscard]] std::string_view name_of(TopologyFault fault) noexcept;

/// One fault, where it is, and whose.
struct TopologyFinding {
    TopologyFault fault = TopologyFault::overlap;
    double size = 0; ///< in the unit of its kind
    std::uint32_t sheet = 0;
    std::vector<std::uint32_t> parcels; ///< ascending
    Geometry place;                     ///< polygon or point, in the parcels' CRS
};

/// What is no fault.
struct TopologyTolerance {
    double least_area = 0.001; ///< m²; what is smaller is arithmetic
    double sliver_width = 0.1; ///< m; twice the area by the perimeter
    double largest_gap = 500;  ///< m²; larger ground without parcels is not surveyed, no gap
};

/// Tolerances that go with a map scale 1:`scale`: what is narrower than 0.2 mm on the sheet is a
/// sliver (the thinnest line a cadastral sheet is drawn with), and a gap is ground of less than
/// 2 cm² of it.
[[nodiscard]] TopologyTolerance tolerance_at(double scale) noexcept;

struct TopologyOptions {
    TopologyTolerance tolerance{};
    unsigned threads = 2;
    /// Only faults that meet this box are told, gaps only if they lie in it, and no missing
    /// numbers: to look again after an edit, at all parcels that meet the box.
    std::optional<Box> window{};
    /// Numbers that were given up in law and are not missed.
    std::function<bool(std::uint32_t sheet, std::int64_t number)> retired{};
};

/// Every fault of a coverage, by kind, parcels and place.
///
/// Method    areas by loose edges (see there): noded by GEOS's overlay, polygonised in clusters,
/// and
///           each face asked which parcels cover it. Nothing is compared pair by pair that fits.
///           Rings as ops::validate; labels by exact predicates.
/// Slivers   along the common edge of two sheets are edge mismatches.
/// Cost      a million parcels of 17 positions in some 3 s on two cores, 1 GB; memory does not grow
///           with the faults' parcels.
/// Limit     2^31 positions.
[[nodiscard]] std::vector<TopologyFinding> check_topology(ParcelSet const& parcels,
                                                          TopologyOptions const& options);

} // namespace diaban::geo::cadastre
