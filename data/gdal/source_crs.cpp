#include "data/gdal/source_crs.hpp"

#include <ogr_spatialref.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <string_view>

namespace diaban::data::gdal {
namespace {

/// EPSG codes of the VN-2000 TM-3 zones by central meridian.
struct Zone {
    double meridian;
    int srid;
};
constexpr std::array<Zone, 18> tm3_zones = {{{103.0, 9205},
                                             {104.0, 9206},
                                             {104.5, 9207},
                                             {104.75, 9208},
                                             {105.5, 9209},
                                             {105.75, 9210},
                                             {106.0, 9211},
                                             {106.25, 9212},
                                             {106.5, 9213},
                                             {107.0, 9214},
                                             {107.25, 9215},
                                             {107.5, 9216},
                                             {108.25, 9217},
                                             {108.5, 9218},
                                             {102.0, 5896},
                                             {105.0, 5897},
                                             {108.0, 5898},
                                             {107.75, 5899}}};

int authority_code(OGRSpatialReference const& crs) {
    char const* authority = crs.GetAuthorityName(nullptr);
    char const* code = crs.GetAuthorityCode(nullptr);
    if (authority == nullptr || code == nullptr) return 0;
    if (std::string_view{authority} == "OGC" && std::string_view{code} == "CRS84") return 4326;
    return std::string_view{authority} == "EPSG" ? std::atoi(code) : 0;
}

int vn2000_zone(OGRSpatialReference const& crs) {
    char const* datum = crs.GetAttrValue("DATUM");
    char const* method = crs.GetAttrValue("PROJECTION");
    if (datum == nullptr || method == nullptr) return 0;
    std::string_view const name{datum};
    bool const vietnam = name.find("2000") != std::string_view::npos &&
                         (name.find("VN") != std::string_view::npos ||
                          name.find("Vietnam") != std::string_view::npos);
    if (!vietnam || std::string_view{method} != SRS_PT_TRANSVERSE_MERCATOR ||
        std::abs(crs.GetNormProjParm(SRS_PP_SCALE_FACTOR) - 0.9999) > 1e-9 ||
        std::abs(crs.GetNormProjParm(SRS_PP_FALSE_EASTING) - 500'000.0) > 1e-6 ||
        std::abs(crs.GetNormProjParm(SRS_PP_FALSE_NORTHING)) > 1e-6)
        return 0;
    double const meridian = crs.GetNormProjParm(SRS_PP_CENTRAL_MERIDIAN);
    for (auto const& zone : tm3_zones)
        if (std::abs(zone.meridian - meridian) < 1e-6) return zone.srid;
    return 0;
}

int best_match(OGRSpatialReference const& crs) {
    constexpr int confidence = 70; // PROJ: the same by definition, whatever its name
    std::unique_ptr<OGRSpatialReference> const match{
        crs.FindBestMatch(confidence, "EPSG", nullptr)};
    return match ? authority_code(*match) : 0;
}

} // namespace

SourceCrs source_crs(OGRSpatialReference const* crs) {
    SourceCrs result;
    // A local system has numbers but no place on the Earth: as good as none.
    if (crs == nullptr || crs->IsEmpty() || crs->IsLocal()) return result;
    std::unique_ptr<OGRSpatialReference> const own{crs->Clone()};
    if (char const* name = own->GetName()) result.name = name;
    auto const& mapping = own->GetDataAxisToSRSAxisMapping();
    bool const axes_as_defined = mapping.size() >= 2 && mapping[0] == 1 && mapping[1] == 2;
    result.swap_axes = axes_as_defined && (own->EPSGTreatsAsLatLong() != FALSE ||
                                           own->EPSGTreatsAsNorthingEasting() != FALSE);
    if (own->IsCompound()) own->StripVertical();
    result.srid = authority_code(*own);
    if (result.srid == 0) result.srid = vn2000_zone(*own);
    if (result.srid == 0) result.srid = best_match(*own);
    if (result.srid == 0) result.srid = -1;
    return result;
}

} // namespace diaban::data::gdal
