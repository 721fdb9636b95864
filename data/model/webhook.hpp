#pragma once

#include "geo/feature.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace diaban::data::model {

/// Who is told of alerts, and of which.
struct Subscription {
    std::int64_t id = 0;
    std::string title;
    std::string url;
    std::string secret;                             ///< empty where it is not to be told
    std::vector<std::string> collections;           ///< what is watched; none: all
    std::vector<std::string> severities;            ///< none: all
    std::uint8_t level = 0;                         ///< up to which sensitivity
    std::optional<std::vector<std::string>> scopes; ///< of which units; nothing: everywhere
    bool enabled = true;
};

/// A message on its way to a subscription.
struct Delivery {
    std::int64_t id = 0;
    std::int64_t subscription = 0;
    std::string message; ///< identifier
    std::string state;   ///< waiting, delivered, dead
    geo::Instant created;
    int attempts = 0;
    std::optional<geo::Instant> last_at; ///< of the last attempt
    std::optional<int> last_status;
    std::string last_fault;
};

/// A delivery that is to be tried.
struct Posting {
    std::int64_t delivery = 0;
    std::string message;
    std::string url;
    std::string secret;
    int attempts = 0; ///< before this one
    geo::Instant since;
    std::string type; ///< Alert, Update, Cancel
    geo::Instant sent;
    std::vector<std::string> refers;
    std::string said; ///< the alert's row then, JSON
};

/// What came of an attempt.
struct Receipt {
    bool taken = false;
    std::optional<int> status; ///< of HTTP; nothing: there was no answer
    std::string fault;
    bool gives_up = false; ///< nothing more is tried
    std::int64_t rest = 0; ///< microseconds that the subscription is left in peace
};

} // namespace diaban::data::model
