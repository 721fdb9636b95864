#pragma once

#include "data/gdal/crs_extent.hpp"
#include "geo/crs.hpp"
#include "geo/geometry.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::domain {

/// Makes the geometry of a file's row into what the record keeps: EPSG:4326, of the collection's
/// kind, split at 180°, valid.
class ShapeReader {
public:
    /// Throws    Error{bad_input, "unknown-crs"}.
    ShapeReader(geo::GeometryKind kind, int srid, bool keeps_source);

    struct Outcome {
        std::string_view fault; ///< why there is none: bad-wkb, wrong-kind, self-intersection, …
        bool located = false;   ///< there is one
        bool repaired = false;
        bool split = false;
    };

    /// Reads `wkb`; what it gives stays in `ewkb()` and `source_ewkb()` until the next call.
    ///
    /// `row`     names the feature in messages.
    /// Repair    what is not valid is repaired where that changes the area by 0.01 % at most.
    /// Throws    Error{bad_input, "outside-crs"} if the coordinates cannot be in the CRS: degrees
    ///           beyond ±90 or ±540, or a place more than 6° outside the area the CRS is made for
    ///           (data in the next zone is common, on another continent it is in another CRS).
    Outcome read(std::span<std::byte const> wkb, std::int64_t row);

    [[nodiscard]] std::span<std::byte const> ewkb() const noexcept { return m_ewkb; }
    [[nodiscard]] std::span<std::byte const> source_ewkb() const noexcept { return m_source_ewkb; }

private:
    bool mend(Outcome& outcome);
    void change_crs(std::int64_t row);
    void check_degrees(std::int64_t row) const;
    void check_extent(std::int64_t row, geo::Box const& source) const;
    [[noreturn]] void outside(std::int64_t row, geo::Position at, std::string detail) const;

    geo::GeometryKind m_kind;
    int m_srid;
    bool m_keeps_source;
    bool m_geographic;
    std::string m_crs_name;
    std::optional<geo::Box> m_extent; // the area of the CRS and its margin; none: everywhere
    geo::Transform m_transform;
    geo::Geometry m_geometry;
    std::vector<std::byte> m_ewkb;
    std::vector<std::byte> m_source_ewkb;
    std::string m_reason;
};

} // namespace diaban::services::domain
