#pragma once

#include "geo/feature.hpp"
#include "geo/synthetic/streets.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::geo::synthetic {

/// A public building. Invented, though communes do have such.
struct Facility {
    Position at; ///< EPSG:4326, inside a parcel
    std::uint32_t commune = 0;
    std::string name;
    std::string_view kind; ///< school, clinic, hospital, shelter, police, fire, office, market
    std::int64_t capacity = 0;
    std::string address;
};

/// A camera at a street, looking along it.
struct Camera {
    Position at; ///< EPSG:4326
    std::uint32_t commune = 0;
    std::string name;
    std::string_view kind;    ///< fixed, ptz, dome, thermal, traffic
    double azimuth = 0;       ///< degrees clockwise from north
    double field_of_view = 0; ///< degrees
    double range_m = 0;
    double height_m = 0;
    std::string_view status; ///< active, silent, maintenance, inactive
    std::string owner_unit;
};

/// What somebody who does not exist reported.
struct Report {
    Position at; ///< EPSG:4326
    std::uint32_t commune = 0;
    std::string code;
    std::string_view category;
    std::string title;
    std::string description;
    std::string_view status;
    Instant reported_at;
    Instant due_at;
    std::string agency;
    std::string reporter_name;
    std::string reporter_phone;
};

/// People of each commune, by the order of communes: a plausible density, not a census.
std::vector<std::int64_t> people(Landscape const& land, std::uint64_t seed);

/// Schools, clinics, shelters and so on of every commune that has parcels, by its people.
std::vector<Facility> make_facilities(ParcelMap const& map, std::vector<std::int64_t> const& people,
                                      std::uint64_t seed);

/// Cameras at town streets; none if there are no such.
std::vector<Camera> make_cameras(ParcelMap const& map, std::vector<Street> const& streets,
                                 std::uint64_t count, std::uint64_t seed);

/// Reports of the 90 days before `now`, more of them lately; older ones are closed.
std::vector<Report> make_reports(ParcelMap const& map, std::uint64_t count, Instant now,
                                 std::uint64_t seed);

} // namespace diaban::geo::synthetic
