#pragma once

#include "data/model/alert.hpp"
#include "geo/feature.hpp"
#include "geo/period.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace diaban::data::model {

/// What of the rows of a collection alarms somebody: a row of `watch_rules`.
struct WatchRule {
    std::int64_t fid = 0;
    std::int64_t version = 0;
    std::string name;
    std::string kind; ///< enter, exit, dwell, cross; above, below, changed
    std::string source;
    std::string source_filter; ///< CQL2 text; empty: all
    std::string zones;         ///< empty: a rule about values
    std::string zone_filter;
    std::string field;
    double threshold = 0;
    double margin = 0;      ///< metres; of a rule about values, in the unit of its field
    std::int64_t dwell = 0; ///< microseconds
    std::string severity;
    /// Words of its own, in place of the template's; empty: none.
    std::string headline, headline_en, description, description_en;
    std::uint8_t sensitivity = 0;
};

/// Which version of a rule is in force, and of what it was.
struct RuleState {
    std::int64_t rule = 0;
    std::int64_t version = 0;
    std::string kind;
    std::string source;
    std::string zones;
    std::string fault; ///< why it is not judged; empty: it is
};

/// An object in a zone; of a rule about values (zone 0), one beyond its threshold.
struct RuleStay {
    std::int64_t object = 0;
    std::int64_t zone = 0;
    geo::Instant since;
    bool told = false; ///< of its lasting
};

/// A row as a watch reads it: one version, whoever may see it.
struct WatchedRow {
    geo::Feature feature; ///< without personal fields
    std::int64_t version = 0;
    geo::Instant recorded;
    std::string scope;
    std::uint8_t sensitivity = 0;
    geo::Period valid;
};

/// What becomes of the alerts of a rule.
struct RuleAct {
    /// `open` opens one of an object and a zone unless it stands; `close` closes that; `close_zone`
    /// those of a zone, `close_object` those of an object, `close_rule` all of the rule.
    enum class Kind : std::uint8_t { open, close, close_zone, close_object, close_rule };
    Kind act = Kind::open;
    std::int64_t rule = 0;
    std::int64_t object = 0;
    std::int64_t zone = 0;
    std::string kind;
    std::string source; ///< the object's collection
    std::string zones;  ///< the zone's; empty: none
    geo::Instant at;
    std::optional<geo::Instant> expires;
    AlertTemplate words; ///< filled in
    std::string scope;
    std::uint8_t sensitivity = 0;
};

} // namespace diaban::data::model
