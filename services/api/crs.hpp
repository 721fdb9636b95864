#pragma once

#include "geo/codec/coordinates.hpp"
#include "geo/feature.hpp"
#include "geo/geometry.hpp"
#include "services/api/json.hpp"
#include "services/http/uri.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::api {

/// Longitude, latitude on WGS 84: the CRS of everything that is answered unless another is asked.
constexpr std::string_view crs84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";

/// A CRS that clients may name (OGC API Features, Part 2).
///
/// Known     CRS84 (CRS84h and its heights are read as it), and every system that geo/crs pins:
///           WGS 84 (EPSG:4326), Web Mercator, UTM 48N and 49N, all VN-2000.
/// Axes      as EPSG has them: latitude first in EPSG:4326 and EPSG:4756, easting first in all
///           others; CRS84 has longitude first.
/// Names     URI, `EPSG:9209`, CURIE `[EPSG:9209]`, URN; letters compared without case.
struct NamedCrs {
    std::int32_t srid = 4326;
    bool y_first = false;

    [[nodiscard]] bool is_crs84() const noexcept { return srid == 4326 && !y_first; }
    /// Whether its coordinates are metres.
    [[nodiscard]] bool planar() const;
    [[nodiscard]] std::string uri() const;
    /// Record's doubles as they are in WGS 84; else a tenth of a millimetre: four decimals of a
    /// metre, nine of a degree.
    [[nodiscard]] geo::codec::CoordinateForm form() const;
    /// Brings positions in EPSG:4326, longitude first, into this CRS, easting or longitude first.
    /// Throws   Error{bad_input, "crs-area"} naming the CRS if one lies where it is not defined.
    void project(geo::Geometry& geometry) const;
    /// Brings positions as clients write them in this CRS into EPSG:4326, longitude first.
    /// Throws   "crs-area".
    void read(std::span<geo::Position> positions) const;

    friend bool operator==(NamedCrs const&, NamedCrs const&) = default;
};

/// Nothing if the name is not known.
[[nodiscard]] std::optional<NamedCrs> crs_named(std::string_view name);

/// URIs of all that can be asked for, CRS84 first.
[[nodiscard]] std::vector<std::string> const& served_crs();

/// The parameter `name` (`crs`, `filter-crs`); CRS84 if it was not sent.
/// Throws   "bad-parameter" with the list of what is accepted.
[[nodiscard]] NamedCrs read_crs(http::Query const& query, std::string_view name);

/// What `bbox` in `bbox-crs` means on the ground, in EPSG:4326.
///
/// `boxes`  a row meets any of them; none: everywhere.
/// `shape`  where the sides of the box do not follow meridians and parallels: what of the boxes is
///          meant. Its sides are straight in the CRS of the box, to a millimetre.
struct AskedWindow {
    std::vector<geo::Box> boxes;
    std::optional<geo::Geometry> shape;
};

/// Throws   "bad-parameter" for the CRS, "bad-bbox" for the box, "crs-area".
[[nodiscard]] AskedWindow read_window(http::Query const& query);

} // namespace diaban::services::api
