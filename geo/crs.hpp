#pragma once

#include "geo/geometry.hpp"

#include <memory>
#include <span>

namespace diaban::geo {

/// Whether Transform can read and write coordinates of EPSG:`srid`: a horizontal system in degrees
/// or linear units. Asks PROJ's database for codes that are not pinned.
[[nodiscard]] bool known_srid(int srid);

/// The codes of which every parameter is pinned (see Transform), ascending.
[[nodiscard]] std::span<int const> pinned_srids() noexcept;

/// Whether the coordinates of EPSG:`srid` are longitudes and latitudes in degrees.
/// Throws    Error{bad_input, "unknown-crs"}.
[[nodiscard]] bool is_geographic(int srid);

/// A change of coordinates between two EPSG systems that gives the same numbers on every machine.
///
/// Axes      always x = easting or longitude, y = northing or latitude, whatever EPSG's order is.
/// Pinned    4326, 3857, 32648, 32649, and all VN-2000: 4756, TM-3 zones 5896–5899 and 9205–9218,
///           UTM 3405 and 3406. VN-2000 ↔ WGS 84 is EPSG:6960, whose own accuracy is about 1 m;
///           between two VN-2000 systems no datum step is made.
/// Others    through PROJ's database: of the operations between that system and WGS 84 that need no
///           grid file the first in PROJ's own order, for Vietnam if any reaches it, else for the
///           system's own area. Never a grid, never the network, so nothing that is installed or
///           downloaded changes an answer.
/// Accuracy  of the arithmetic: better than 0.1 mm within 4° of a zone's meridian. There and back
///           between the datums returns within 1.5 mm, no better: the operation is of three
///           dimensions and the height that it yields (some 30 m) is dropped each way, as EPSG
///           says.
/// Threads   any number may share one Transform; each thread keeps its own PROJ objects.
class Transform {
public:
    /// Throws    Error{bad_input, "unknown-crs"} for a code PROJ does not know or cannot join to
    ///           WGS 84 without a grid.
    static Transform between(int from_srid, int to_srid);

    /// Changes `positions` in place.
    /// Throws    Error{bad_input, "outside-crs"} if one lies where the systems are not defined, or
    ///           is not finite; the contents are unspecified then.
    void apply(std::span<Position> positions) const;

    /// Whether from and to are the same numbers: apply does nothing.
    [[nodiscard]] bool identity() const noexcept;

private:
    struct Steps;
    explicit Transform(std::shared_ptr<Steps const> steps);
    std::shared_ptr<Steps const> m_steps;
};

/// What holds the sides of a box after a change, each taken at `steps` places and its ends.
/// Throws    as Transform::apply.
[[nodiscard]] Box box_after(Transform const& change, Box const& box, int steps);

} // namespace diaban::geo
