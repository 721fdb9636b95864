#pragma once

#include "geo/feature.hpp"
#include "geo/geometry.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace diaban::data::model {

/// Something that is to be looked at on the ground.
struct NewInspection {
    std::string key; ///< the sender's; a case is opened once by it. Empty of a suspicion
    std::string origin;
    std::string reference; ///< of a suspicion: what is suspected, `departs/built`
    std::optional<std::int64_t> parcel;
    geo::Position at; ///< EPSG:4326; of a parcel a position in it
    std::string reason;
    std::optional<geo::Date> due_on; ///< absent: by the rule `inspection-days`
};

struct OpenedInspection {
    std::int64_t fid = 0;
    bool repeated = false; ///< it was there: nothing was done this time
};

/// Who inspects somewhere; empty where nobody does.
struct Inspector {
    std::string office;
    std::string login;
    std::int64_t open = 0; ///< cases of theirs that are not closed
};

/// Which cases are asked for.
struct InspectionQuestion {
    std::string state;    ///< one of them, `open` (not closed), `overdue`; empty: any
    std::string assignee; ///< empty: anybody's
    std::uint32_t limit = 0;
};

/// How many cases there are; `mine` are those that are open and given to who asks.
struct InspectionCounts {
    std::int64_t all = 0;
    std::int64_t open = 0;
    std::int64_t overdue = 0;
    std::int64_t mine = 0;
};

struct InspectionList {
    std::vector<std::int64_t> fids; ///< what is due first, first
    std::int64_t matched = 0;       ///< beyond the limit, too
};

/// A step that a case may take.
struct InspectionMove {
    std::string move;
    std::string from;
    std::string to;
};

/// A step that a case took.
struct InspectionStep {
    std::string move;
    std::string state; ///< after it
    std::string assignee;
    std::string who;
    std::string why; ///< may be empty
    geo::Instant at;
};

/// A photo on its way.
struct PhotoUpload {
    std::int64_t id = 0;
    std::int64_t inspection = 0;
    std::int64_t length = 0;   ///< bytes
    std::int64_t received = 0; ///< bytes
    std::optional<std::int64_t> photo;
    std::string sha256;    ///< as its sender says it; may be empty
    bool repeated = false; ///< it was begun before
};

/// What a whole photo is, and what it says of itself.
struct PhotoFacts {
    std::string sha256;
    std::string media_type;
    std::int64_t size = 0;                 ///< bytes
    std::optional<geo::Position> position; ///< EPSG:4326
    std::optional<geo::Instant> taken_at;
};

} // namespace diaban::data::model
