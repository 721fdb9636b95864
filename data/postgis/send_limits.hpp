#pragma once

#include <pqxx/pqxx>

#include <chrono>
#include <cstdint>
#include <span>
#include <string>

namespace diaban::data::postgis {

/// How often one thing may be sent.
struct SendLimit {
    std::string key; ///< what it is counted by, hashed
    std::chrono::seconds window{0};
    std::int32_t most = 0;
};

/// Counts one more of each, or none: on all nodes together, one sender after the other until the
/// transaction ends.
///
/// Throws   Error{unavailable, `refused`} with `accepted` and `seconds` of the limit that is
///          reached, and `retry_after`.
void count_sent(pqxx::transaction_base& sql, std::span<SendLimit const> limits,
                char const* refused);

} // namespace diaban::data::postgis
