#pragma once

#include "geo/feature.hpp"
#include "geo/geometry.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace diaban::data::model {

/// A cadastral sheet as the register keeps it. The number is unique in the commune as it was.
struct Sheet {
    std::string commune_code;
    geo::Date commune_from{}; ///< first day of that commune
    std::int64_t number = 0;
    std::int32_t srid = 0; ///< of the source coordinates: a projected system of VN-2000
    bool axes_swapped = false;
    bool datum_proved = false;
    std::int32_t scale = 0; ///< 1 : scale
    geo::Date drawn_on{};
    std::string file;     ///< its name, never a path of the machine
    std::string encoding; ///< of its texts: unicode, tcvn3, vni
};

/// A parcel of a sheet. Three areas, never mixed: what the papers say, what the corners give on the
/// plane of the sheet's projection, what they give on the ellipsoid.
struct SheetParcel {
    std::int64_t number = 0;
    std::string land_use; ///< empty: not said
    std::optional<double> legal_area_m2;
    double projected_area_m2 = 0;
    double ellipsoidal_area_m2 = 0;
    std::string holder;                 ///< about a person
    std::string certificate;            ///< serial
    std::string address;                ///< where it is, as people say it
    std::string identifier;             ///< geohash of 12 characters
    geo::Geometry source;               ///< in the sheet's CRS, easting first, as delivered
    geo::Geometry place;                ///< EPSG:4326
    std::optional<geo::Position> label; ///< where its number is written, in the sheet's CRS
};

/// The document by which a corrected sheet replaces an earlier delivery.
struct Correction {
    std::string document; ///< its number
    geo::Date issued_on{};
};

} // namespace diaban::data::model
