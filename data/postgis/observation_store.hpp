#pragma once

#include "data/model/sensing.hpp"
#include "data/postgis/pool.hpp"
#include "geo/policy.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace diaban::data::postgis {

/// What stations observed.
///
/// Policy   of the collection `datastreams`, an argument of every write and read: a datastream it
///          does not see is as if it were not there.
/// Threads  any number.
/// Throws   Error{unavailable, …} if the database is busy, slow or gone.
class ObservationStore {
public:
    static constexpr std::size_t most_a_batch = 10'000;

    /// Pool of Role::edit to take, of any that reads to watch.
    explicit ObservationStore(Pool& pool) : m_pool{pool} {}

    /// Takes a batch whole, in one transaction and as one change of the feed, or not at all. What
    /// is there already (datastream, time and message are the same) stays as it is.
    ///
    /// Policy   under which datastreams are edited.
    /// Throws   Error{not_found, "unknown-datastream"} naming the first that is not there;
    ///          Error{bad_input, …}: "observation-time" for what is older than values are kept or
    ///          more than a day ahead, "bad-value" for what is no finite number or too long a name,
    ///          "too-many-observations".
    [[nodiscard]] model::TakenBatch take(std::span<model::Observation const> observations,
                                         geo::Policy const& policy) const;

    /// All datastreams with their last values, by number.
    [[nodiscard]] std::vector<model::WatchedStream> watched(geo::Policy const& policy) const;

    /// Opens months to come, and makes hours of one that is too old to be kept value by value; how
    /// many values went. To be called now and then.
    /// Pool     of Role::feed.
    std::uint64_t maintain() const;

private:
    Pool& m_pool;
};

} // namespace diaban::data::postgis
