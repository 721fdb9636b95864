#pragma once

#include "data/postgis/pool.hpp"
#include "geo/feature.hpp"
#include "geo/geometry.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace diaban::data::postgis {

/// A place in the change feed. `seq` is commit order within a generation: of two commits one of
/// which began after the other had ended, that one has the higher. A restored database starts a new
/// generation, whose numbers say nothing about the old one's.
struct Cursor {
    std::int64_t generation = 0;
    std::int64_t seq = 0;

    friend bool operator==(Cursor const&, Cursor const&) = default;
};

enum class Operation : std::uint8_t { insert, update, remove, import };

/// One side of a change: a row as it was before, or is after.
struct Side {
    std::int64_t version = 0;
    geo::Box box; ///< EPSG:4326; empty without geometry
    std::string scope;
    std::uint8_t sensitivity = 0;
};

/// What one transaction did to one row; or, for an import, to a whole collection at once.
struct Change {
    std::int64_t seq = 0;
    geo::Instant at;
    std::string collection;
    Operation operation = Operation::insert;
    std::int64_t fid = 0;       ///< 0 for an import
    std::int64_t import_id = 0; ///< 0 but for an import
    std::optional<Side> before; ///< absent for insert and import
    std::optional<Side> after;  ///< absent for remove and import
};

/// The record's change feed, as its readers follow it. Role feed.
class ChangeFeed {
public:
    explicit ChangeFeed(Pool& pool) : m_pool{pool} {}

    /// Where the feed ends now: every change up to there can be seen. Waits for commits under way;
    /// Error{unavailable, "database-busy"} if one takes over 200 ms.
    [[nodiscard]] Cursor head() const;

    /// Which database this is: of its cluster, and in it. A copy of the cluster's files is the
    /// same.
    [[nodiscard]] std::uint64_t record_identity() const;

    /// At most `limit` changes after `cursor`, in commit order, none of which an earlier one could
    /// still follow; nullopt if its holder must load
    /// anew: the cursor belongs to another generation, changes after it were trimmed, or it lies
    /// beyond the feed (a standby that lagged took over).
    [[nodiscard]] std::optional<std::vector<Change>> after(Cursor cursor,
                                                           std::uint32_t limit) const;

    /// The same of those up to `to`, which is settled: `after` or `head` once gave it. Waits for
    /// nobody.
    [[nodiscard]] std::optional<std::vector<Change>> between(Cursor cursor, std::int64_t to,
                                                             std::uint32_t limit) const;

    /// Forgets at most `most` changes that are older than the feed is kept or more than it keeps
    /// (diaban.instance: feed_keep_age, feed_keep_rows); how many. To be called now and then, by
    /// every follower: of those that call at once one trims. No writer waits for it.
    std::uint64_t trim(std::uint32_t most = 10'000) const;

private:
    Pool& m_pool;
};

} // namespace diaban::data::postgis
