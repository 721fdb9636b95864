#include "data/gdal/vertical_crs.hpp"

#include "data/gdal/session.hpp"

#include <ogr_spatialref.h>

#include <vector>

namespace diaban::data::gdal {

std::optional<std::string> vertical_crs_name(int srid) {
    std::vector<std::string> remarks;
    Session const session{remarks};
    OGRSpatialReference crs;
    if (srid <= 0 || crs.importFromEPSG(srid) != OGRERR_NONE || crs.IsVertical() == FALSE ||
        crs.IsCompound() != FALSE)
        return std::nullopt;
    OGRAxisOrientation upwards = OAO_Other;
    crs.GetAxis(nullptr, 0, &upwards);
    if (upwards != OAO_Up || crs.GetTargetLinearUnits("VERT_CS") != 1.0) return std::nullopt;
    char const* const name = crs.GetName();
    return name == nullptr ? std::string{} : std::string{name};
}

} // namespace diaban::data::gdal
