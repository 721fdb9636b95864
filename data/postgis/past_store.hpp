#pragma once

#include "data/model/collection.hpp"
#include "data/model/edit.hpp"
#include "data/model/moment.hpp"
#include "data/postgis/copy_rows.hpp"
#include "data/postgis/pool.hpp"
#include "geo/feature.hpp"
#include "geo/policy.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace diaban::data::postgis {

/// One version of one row, as it was known for a time.
struct Version {
    std::int64_t number = 0;
    geo::Instant recorded_at;
    std::optional<geo::Instant> ended_at; ///< absent: it is what is known now
    std::string ended_by;                 ///< update, delete, truncate; empty: not ended
    model::Author made_by;    ///< nobody's name: an import made it, or it is older than authorship
    model::Author removed_by; ///< of a deletion
    geo::Feature feature;
};

/// The record as it was: the rows of a collection at a moment, from the table and its history.
///
/// Policy   judged on each version as it stands there: its scope and its sensitivity then.
/// Moment   a transaction's rows count from its beginning, so what was asked of an instant since
///          the oldest transaction under way began may still change.
/// Cost     grows with what lies in the window at that moment, not with how often it was edited.
/// Throws   Error{too_large, "past-too-large"} beyond `most_rows` rows in a window;
///          Error{unavailable, …} if the database is busy, slow or gone.
class PastStore {
public:
    /// Rows that a window may hold at a moment: what a small mirror is made of in a request.
    static constexpr std::uint32_t most_rows = 50'000;

    /// `streams`: connections besides the pool's, for `rows`; the next one waits as the pool says.
    explicit PastStore(Pool& pool, unsigned streams = 2);
    ~PastStore();
    PastStore(PastStore const&) = delete;
    PastStore& operator=(PastStore const&) = delete;

    /// Hands every row whose box meets `window` (EPSG:4326) to `sink`, in no order. `values` follow
    /// the fields that a mirror holds, masked ones too: masking is the mirror's own.
    void rows(model::Collection const& collection, model::Moment const& moment,
              geo::Box const& window, geo::Policy const& policy, RowSink const& sink) const;

    struct Page {
        std::vector<geo::Feature> features;   ///< by ascending fid
        std::optional<std::uint64_t> matched; ///< rows on all pages together; absent without boxes
        bool more = false;
    };
    /// At most `limit` rows with fid > `after_fid` that meet any of `boxes` (EPSG:4326, closed, by
    /// the doubles; none: everywhere), with the fields of `model::visible`.
    /// Cost  without boxes, what lies between the first and the last row of the page, known at that
    ///       moment or not.
    [[nodiscard]] Page page(model::Collection const& collection, model::Moment const& moment,
                            std::vector<geo::Box> const& boxes, std::int64_t after_fid,
                            std::uint32_t limit, geo::Policy const& policy) const;

    /// When the newest of the rows known at that moment was recorded; nothing where there is none.
    [[nodiscard]] std::optional<geo::Instant> newest(model::Collection const& collection,
                                                     model::Moment const& moment,
                                                     geo::Policy const& policy) const;

    /// At most `limit` versions of one row, newest first, of those recorded before `before` if it
    /// is given. A version that was replaced within its own transaction was never known and is not
    /// one of them.
    [[nodiscard]] std::vector<Version> versions(model::Collection const& collection,
                                                std::int64_t fid,
                                                std::optional<geo::Instant> before,
                                                std::uint32_t limit,
                                                geo::Policy const& policy) const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace diaban::data::postgis
