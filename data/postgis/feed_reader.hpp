#pragma once

#include "data/postgis/change_feed.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace diaban::data::postgis {

/// What stands in the feed behind a cursor.
struct FeedReading {
    std::vector<Change> settled; ///< in commit order; no earlier one can still follow
    /// Committed, while an earlier number is missing: rolled back, or still being committed. Of any
    /// two changes of one row the later has the higher number here too.
    std::vector<Change> ahead;
};

/// Follows the feed without waiting for a commit and without holding one up. Where numbers are
/// missing it remembers who was committing; when they have all ended, what is missing is missing
/// for good.
///
/// Threads  one.
/// Throws   as ChangeFeed.
class FeedReader {
public:
    explicit FeedReader(Pool& pool) : m_pool{pool}, m_feed{pool} {}

    /// At most `limit` changes after `cursor`; nullopt as ChangeFeed::after.
    [[nodiscard]] std::optional<FeedReading> read(Cursor cursor, std::uint32_t limit);

private:
    [[nodiscard]] std::vector<std::string> commits() const;

    Pool& m_pool;
    ChangeFeed m_feed;
    Cursor m_watched;                   ///< numbers missing up to here are waited for
    std::vector<std::string> m_commits; ///< by whom they may still come; sorted
};

} // namespace diaban::data::postgis
