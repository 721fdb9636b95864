#include "data/gdal/crs_extent.hpp"

#include "data/gdal/session.hpp"
#include "geo/error.hpp"

#include <ogr_spatialref.h>

#include <charconv>
#include <string_view>
#include <vector>

namespace diaban::data::gdal {

CrsExtent crs_extent(int srid) {
    std::vector<std::string> remarks;
    Session const session{remarks};
    OGRSpatialReference crs;
    if (srid <= 0 || crs.importFromEPSG(srid) != OGRERR_NONE)
        throw geo::Error{geo::Code::bad_input,
                         "unknown-crs",
                         {{"crs", "EPSG:" + std::to_string(srid)}},
                         session.failure()};
    CrsExtent result{.name = crs.GetName(),
                     .degrees = {.min_x = -180, .min_y = -90, .max_x = 180, .max_y = 90}};
    geo::Box box;
    if (crs.GetAreaOfUse(&box.min_x, &box.min_y, &box.max_x, &box.max_y, nullptr) &&
        box.min_x >= -180)
        result.degrees = box;
    return result;
}

int read_srid(std::string const& text) {
    std::string_view digits = text;
    if (digits.starts_with("EPSG:") || digits.starts_with("epsg:")) digits.remove_prefix(5);
    int srid = 0;
    auto const [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), srid);
    if (fault != std::errc{} || end != digits.data() + digits.size() || srid <= 0)
        throw geo::Error{
            geo::Code::bad_input, "unknown-crs", {{"crs", text}, {"accepted", "EPSG:n"}}};
    return srid;
}

} // namespace diaban::data::gdal
