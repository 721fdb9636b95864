#pragma once

#include "geo/feature.hpp"
#include "geo/policy.hpp"
#include "services/domain/picture.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::domain {

/// A field that rows are ordered by.
struct SortKey {
    std::string field; ///< of the mirror; empty: the fid
    bool descending = false;
    friend bool operator==(SortKey const&, SortKey const&) = default;
};

/// Keys that one question may have.
constexpr std::size_t most_sort_keys = 8;

/// Where a row stands in an order: the values of its keys, a fid's left out, and its fid.
struct SortPlace {
    std::vector<geo::Value> values;
    std::int64_t fid = -1;
};

/// What of a text counts for its place: its first 256 bytes, whole characters, so that a place fits
/// into a page's address.
[[nodiscard]] std::string_view sorted_part(std::string_view text) noexcept;

/// The distinct values of one column of a run in their order.
struct ValueOrder {
    static constexpr std::uint32_t null_rank = std::numeric_limits<std::uint32_t>::max();
    std::vector<std::uint32_t> ranks; ///< by code, from 0; equal values have one rank
    std::vector<std::uint32_t> codes; ///< by rank: a code that has it
};

/// The orders of columns that were asked for: made once a run and column, forgotten with the run.
///
/// Cost     to make: n log n in the column's distinct values; a million texts take seconds, a few
///          thousand milliseconds.
/// Memory   8 bytes a distinct value, for at most 64 columns.
/// Threads  any.
class SortOrders {
public:
    [[nodiscard]] std::shared_ptr<ValueOrder const>
    of(std::shared_ptr<tiles::mirror::Run const> const& run, std::string_view field);

private:
    struct Entry {
        std::weak_ptr<tiles::mirror::Run const> run;
        std::string field;
        std::shared_ptr<ValueOrder const> order;
    };
    std::mutex m_mutex;
    std::vector<Entry> m_entries; // oldest first
};

/// Rows in order, from some place on.
struct SortedRows {
    std::vector<std::int64_t> fids;
    std::uint64_t matched = 0; ///< rows before that place too
    bool more = false;
    SortPlace last; ///< of the last of `fids`
};

/// At most `limit` rows that the policy may see, in the order of `keys` and then of their fids.
///
/// Order    numbers and times as they are, false before true, texts as geo/alphabet has them; rows
///          without a value (or with NaN) come last, whichever way the key goes.
/// `among`  if given, only these fids, ascending.
/// `after`  if given, only rows behind that place, whether or not a row stands there any more.
/// Cost     the rows asked about, some 20 ns each, and the orders of the columns where they are not
///          made yet.
[[nodiscard]] SortedRows sorted_rows(View const& view, SortOrders& orders,
                                     std::vector<SortKey> const& keys,
                                     std::optional<SortPlace> const& after,
                                     std::optional<std::vector<std::int64_t>> const& among,
                                     std::size_t limit, geo::Policy const& policy);

} // namespace diaban::services::domain
