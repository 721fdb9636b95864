#pragma once

#include "geo/feature.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace diaban::data::model {

/// How alerts of a kind and level are worded.
struct AlertTemplate {
    std::string kind;
    int level = 0; ///< 0: any
    std::string severity;
    std::string urgency;
    std::string certainty;
    std::string event;
    std::string event_en;
    std::string headline;
    std::string headline_en;
    std::string description;
    std::string description_en;
};

/// What a watch does about an alert of its source.
struct AlertAct {
    /// `raise` opens it, or where it is open says the new words; `renew` lets one that is open last
    /// longer; `end` closes it.
    enum class Kind : std::uint8_t { raise, renew, end };
    Kind act = Kind::raise;
    std::string kind; ///< level, fast, no_data
    int level = 0;
    geo::Instant at;
    geo::Instant expires;
    AlertTemplate words;       ///< filled in
    bool only_if_open = false; ///< `raise` opens none
};

/// A message of CAP, as it was said.
struct AlertMessage {
    std::string identifier;
    std::string type; ///< Alert, Update, Cancel
    geo::Instant sent;
    /// Those that it ends: identifier, and when that was sent.
    std::vector<std::pair<std::string, geo::Instant>> refers;
    std::string said;      ///< the alert's row then, JSON
    std::string area;      ///< GeoJSON of a polygon; empty: none
    std::string area_name; ///< the unit that it lies in; empty: not known
    std::string sender;
    std::string sender_name;
    std::string status;
};

} // namespace diaban::data::model
