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
    std::optional<geo::Date> valid_from; ///< earliest day it is known to exist
    std::optional<geo::Date> valid_to;   ///< first day it no longer exists; absent: it exists
    std::optional<geo::Position> centre; ///< EPSG:4326, inside the unit; absent without geometry
    geo::Box box;                        ///< EPSG:4326; empty without geometry
};

/// How much of an old unit went into a new one. No share in between is published.
enum class Share : std::uint8_t { whole, part, unknown };

/// One line of the official crosswalk: on `effective`, (some of) `old_code` became `new_code`.
/// The old unit is the one of that code that ended on that day, the new one began on it.
struct Succession {
    geo::Date effective;
    std::string old_code;
    std::string new_code;
    Share share = Share::unknown;
    std::string note; ///< as published
};

} // namespace diaban::data::model
