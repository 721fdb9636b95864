#pragma once

#include "geo/feature.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace diaban::data::model {

/// A call for rescue as it comes in.
struct RescueCall {
    std::int64_t event = 0;
    std::string key; ///< the sender's; a call is taken once by it
    std::string source;
    std::string text;
    std::int64_t people = 1;
    std::int64_t vulnerable = 0;
    std::optional<double> depth; ///< m
    geo::Position at;            ///< EPSG:4326
    std::string caller;          ///< may be empty, as may the telephone: digits alone
    std::string phone;
    geo::Instant received_at;
};

/// How a call stands.
struct TakenCall {
    std::int64_t fid = 0;
    std::string state;
    std::optional<std::int64_t> merged_into;
    int priority = 0;
    geo::Instant received_at;
    bool repeated = false; ///< it was there: nothing was done this time
};

/// Who was sent to a call.
struct Dispatch {
    std::int64_t call = 0;
    std::int64_t team = 0;
    std::string name;
    std::optional<std::int64_t> capacity;
    std::int64_t people = 0;
    double metres = 0; ///< along the ellipsoid
    geo::Instant assigned_at;
    bool repeated = false;
};

} // namespace diaban::data::model
