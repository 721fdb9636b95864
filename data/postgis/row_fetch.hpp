#pragma once

#include "data/model/collection.hpp"
#include "data/postgis/change_feed.hpp"
#include "data/postgis/copy_rows.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace diaban::data::postgis {

/// Rows by fid for a mirror that follows the feed, on one connection that stays open.
///
/// Threads  one at a time.
/// Role     diaban_feed.
/// Throws   Error{unavailable, …} if the database is gone, or busy for more than 30 s; the next
///          `read` connects anew.
class RowFetch {
public:
    explicit RowFetch(std::string uri);
    ~RowFetch();
    RowFetch(RowFetch const&) = delete;
    RowFetch& operator=(RowFetch const&) = delete;

    /// The fields that `RowView::values` of `read` follow.
    [[nodiscard]] static std::vector<geo::Field> fields(model::Collection const& collection,
                                                        Fields fields);

    /// Hands those of the rows that exist to `sink`, each once, in no order. All are of one moment,
    /// which is after every change that the feed has shown.
    void read(model::Collection const& collection, Fields fields,
              std::span<std::int64_t const> fids, RowSink const& sink);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace diaban::data::postgis
