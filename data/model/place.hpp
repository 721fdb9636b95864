#pragma once

#include "geo/feature.hpp"
#include "geo/geometry.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace diaban::data::model {

/// An administrative unit as it was or is: keyed by (code, valid from), for codes are used again
/// for other units.
struct Place {
    std::int64_t fid = 0;
    std::string code;
    std::string level; ///< province, district, commune
    std::string kind;  ///< tinh, thanh_pho, quan, huyen, thi_xa, xa, phuong, thi_tran, dac_khu
    std::string name;
    std::string full_name;
    std::string full_name_en;
    std::string province_code;
    std::string province_name;
    std::string district_code;           ///< of a commune before July 2025; else empty
    std::optional<double> area_km2;      ///< as published
    std::optional<geo::Date> valid_from; ///< earliest day it is known to exist
    std::optional<geo::Date> valid_to;   ///< last day it existed; absent: it exists
    std::optional<geo::Position> centre; ///< EPSG:4326, inside the unit; absent without geometry
    geo::Box box;                        ///< EPSG:4326; empty without geometry
};

/// How much of an old unit went into a new one. No number for a part is published.
enum class Share : std::uint8_t {
    whole,   ///< all of it was merged
    same,    ///< all of it went on by itself: kept, renamed, or of another kind
    part,    ///< some of it
    unknown, ///< the note does not say
};

/// One line of the official crosswalk: on `effective`, (some of) `old_code` became `new_code`.
/// The old unit is the one of that code whose last day was the day before, the new one began on it.
struct Succession {
    geo::Date effective;
    std::string old_code; ///< a commune's, or a district's that had no communes; may be empty: land
                          ///< that belonged to no unit of its own
    std::string old_name;
    std::string new_code;
    Share share = Share::unknown;
    std::string note; ///< as published
};

} // namespace diaban::data::model
