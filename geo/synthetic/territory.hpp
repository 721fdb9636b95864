#pragma once

#include "geo/geometry.hpp"
#include "geo/synthetic/landscape.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::geo::synthetic {

/// A unit of an official list, as its names are written there.
struct Unit {
    std::string code;
    std::string full_name; ///< Huyện Cẩm Xuyên
    std::vector<Unit> parts;
};

/// A unit with an invented outline.
struct TerritoryUnit {
    std::string code;
    std::string full_name;
    std::string name;       ///< Cẩm Xuyên
    std::string_view kind;  ///< tinh, thanh_pho, quan, huyen, thi_xa, xa, phuong, thi_tran, dac_khu
    std::string_view level; ///< province, district, commune
    std::string province_code;
    std::string district_code; ///< of communes
    Geometry outline;          ///< polygon, EPSG:4326, valid
};

/// A road, railway or highway through the territory.
struct Road {
    Geometry line; ///< EPSG:4326
    std::string name;
    std::string_view kind; ///< national, provincial, railway
};

/// A province made up along a real coast.
struct Territory {
    std::vector<TerritoryUnit> units; ///< the province, its districts, their communes
    std::vector<Road> roads;
};

/// Makes districts and communes for the units of `province` on the land west of `coast`.
///
/// Shape     a strip of 55 km along the coast inside `box`. Its eastern side is the coast itself,
///           vertex by vertex; all other borders are invented. Communes tile districts and
///           districts the province without gap or overlap: neighbours share their vertices
///           exactly.
/// Needs     a coast that runs from south to north with the land in the west.
/// Throws    Error{bad_input, "bad-coast"} where the coast does not cross the box, or is so jagged
///           that no valid unit could be made; Error{bad_input, "no-communes"}.
Territory make_territory(Geometry const& coast, Box const& box, Unit const& province,
                         std::uint64_t seed);

/// The kind and the bare name of a unit by its full one: {"huyen", "Cẩm Xuyên"}. The kind is empty
/// where no word for one begins the name.
struct NameParts {
    std::string_view kind;
    std::string_view name;
};
[[nodiscard]] NameParts parts_of_name(std::string_view full_name) noexcept;

} // namespace diaban::geo::synthetic
