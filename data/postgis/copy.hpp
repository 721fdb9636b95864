#pragma once

#include "data/model/collection.hpp"
#include "data/postgis/copy_rows.hpp"
#include "geo/policy.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace diaban::data::postgis {

/// One consistent picture of a collection, read in parallel by binary COPY: every part sees the
/// same snapshot, and `cursor_…` is the place in the change feed that belongs to it.
///
/// Threads  `read` may run at once for different parts; each opens a connection of its own.
/// Role     diaban_feed.
/// Cost     a million parcels of 17 vertices in about a second a core.
class CopyOut {
public:
    CopyOut(std::string uri, model::Collection const& collection, Fields fields = Fields::tile,
            geo::Policy const& policy = geo::Policy::everything());
    ~CopyOut();
    CopyOut(CopyOut const&) = delete;
    CopyOut& operator=(CopyOut const&) = delete;

    /// The fields that `RowView::values` follow.
    [[nodiscard]] std::vector<geo::Field> const& fields() const noexcept;
    [[nodiscard]] std::int64_t cursor_generation() const noexcept;
    [[nodiscard]] std::int64_t cursor_seq() const noexcept;
    /// Rows as the planner estimates them, for progress and for reserving memory.
    [[nodiscard]] std::uint64_t estimated_rows() const noexcept;

    /// Hands every row of part `part` of `parts` to `sink`, in storage order, rows without geometry
    /// too. What the view borrows is valid during the call only.
    void read(unsigned part, unsigned parts, RowSink const& sink) const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace diaban::data::postgis
