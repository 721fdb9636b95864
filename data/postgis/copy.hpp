#pragma once

#include "data/model/collection.hpp"
#include "data/postgis/copy_rows.hpp"
#include "geo/policy.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace diaban::data::postgis {

class Wire;

/// Lends one connection to pictures that are taken one after another: opening one, and making it
/// know the tables, costs many times what a small collection costs.
///
/// Threads  any number; who comes while it is lent opens another.
class CopyLine {
public:
    explicit CopyLine(std::string uri);
    ~CopyLine();
    CopyLine(CopyLine const&) = delete;
    CopyLine& operator=(CopyLine const&) = delete;

    [[nodiscard]] std::string const& uri() const noexcept { return m_uri; }
    /// Closes what is not lent.
    void close();

private:
    friend class CopyOut;
    /// Null: nothing waits.
    [[nodiscard]] std::unique_ptr<Wire> take();
    void give_back(std::unique_ptr<Wire> wire);

    std::string m_uri;
    std::mutex m_mutex;
    std::unique_ptr<Wire> m_waiting;
};

/// One consistent picture of a collection, read in parallel by binary COPY: every part sees the
/// same snapshot, and `cursor_…` is the place in the change feed that belongs to it.
///
/// Threads  `read` may run at once for different parts; each of several opens a connection of its
///          own, a single one takes the picture's.
/// Throws   Error{unavailable, …}; "database-busy" where somebody who waits for the table alone
///          would wait for us, and we for them.
/// Role     diaban_feed.
/// Cost     a million parcels of 17 vertices in about a second a core.
class CopyOut {
public:
    CopyOut(std::string uri, model::Collection const& collection, Fields fields = Fields::tile,
            geo::Policy const& policy = geo::Policy::everything());
    /// On a connection of `line`, which outlives it.
    CopyOut(CopyLine& line, model::Collection const& collection, Fields fields);
    ~CopyOut();
    CopyOut(CopyOut const&) = delete;
    CopyOut& operator=(CopyOut const&) = delete;

    /// The fields that `RowView::values` follow.
    [[nodiscard]] std::vector<geo::Field> const& fields() const noexcept;
    [[nodiscard]] std::int64_t cursor_generation() const noexcept;
    [[nodiscard]] std::int64_t cursor_seq() const noexcept;
    /// Rows as the planner estimates them, for progress and for reserving memory.
    [[nodiscard]] std::uint64_t estimated_rows() const noexcept;
    /// Blocks of the table, of 8 KiB unless the database was built otherwise.
    [[nodiscard]] std::uint64_t blocks() const noexcept;

    /// Hands every row of part `part` of `parts` to `sink`, in storage order, rows without geometry
    /// too; part follows part. What the view borrows is valid during the call only.
    void read(unsigned part, unsigned parts, RowSink const& sink) const;

private:
    friend class CopyReader;
    struct State;
    std::unique_ptr<State> m_state;
};

/// A connection that reads one part after another. For one thread at a time.
class CopyReader {
public:
    /// `picture` outlives it.
    explicit CopyReader(CopyOut const& picture);
    ~CopyReader();
    CopyReader(CopyReader const&) = delete;
    CopyReader& operator=(CopyReader const&) = delete;

    /// As CopyOut::read.
    void read(unsigned part, unsigned parts, RowSink const& sink);

private:
    CopyOut::State const& m_picture;
    std::unique_ptr<Wire> m_wire;
};

} // namespace diaban::data::postgis
