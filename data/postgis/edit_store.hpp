#pragma once

#include "data/model/edit.hpp"
#include "data/postgis/pool.hpp"
#include "geo/policy.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace diaban::data::postgis {

/// Edits of rows, all of a request or none, in one transaction that checks their states, writes
/// them and keeps who did it and why.
///
/// Pool     of Role::edit.
/// Policy   an argument of every write: a row it does not see is as if it were not there, and only
///          fields it sees should be named.
/// Threads  any number.
/// Throws   Error{conflict, …}, Error{bad_input, …} where a rule of the record is broken;
///          Error{forbidden, "edit-scope"}; Error{unavailable, …} if the database is busy, slow or
///          gone: then nothing was done, but for "edit-in-doubt", where that cannot be known.
/// Faults   what fails because another transaction was at the same rows is tried again, four times
/// at
///          most; a connection lost before the commit, once.
class EditStore {
public:
    explicit EditStore(Pool& pool) : m_pool{pool} {}

    /// What a request wants.
    struct Request {
        std::span<model::Edit const> edits; ///< of different rows
        model::Author const& author;
        std::span<geo::Policy const* const> policies; ///< one an edit
        bool features = false; ///< answer the rows too, with the fields of `model::visible`
        std::optional<model::RequestKey> key;
        /// With a key: what the request is answered, to be kept. Called inside the transaction, and
        /// again if that is repeated.
        std::function<model::Answer(std::vector<model::Edited> const&)> describe;
    };

    struct Outcome {
        std::vector<model::Edited> edited;   ///< in the order of the edits; empty if refused
        std::vector<model::Refusal> refused; ///< if any, nothing was done
        std::optional<model::Answer> answer; ///< of the first request that had this key
        bool repeated = false;               ///< the answer was there: nothing was done this time
        std::int64_t seq = 0; ///< place in the feed of the last change; 0: nothing changed
    };
    /// Throws  Error{bad_input, "key-reused"} if the key belongs to another request.
    [[nodiscard]] Outcome apply(Request const& request) const;

private:
    Pool& m_pool;
};

} // namespace diaban::data::postgis
