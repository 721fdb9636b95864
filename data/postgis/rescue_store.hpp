#pragma once

#include "data/model/edit.hpp"
#include "data/model/rescue.hpp"
#include "data/postgis/pool.hpp"
#include "data/postgis/send_limits.hpp"
#include "geo/hazard/triage.hpp"
#include "geo/policy.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>

namespace diaban::data::postgis {

/// Calls for rescue: taken once by their key, merged with earlier ones, and given a team. What is
/// decided about one call is decided before the next is looked at, on whichever node.
///
/// Pool     of Role::edit.
/// Policy   of `rescue_calls`, and of `rescue_teams`: arguments of every write; a row that they do
///          not see is as if it were not there. A call has the scope of the commune that it lies
///          in.
/// Throws   Error{unavailable, …}: what is repeated with the same key is done once;
///          Error{bad_input, "key-reused"}, Error{not_found, "no-item"}, Error{conflict, …}.
class RescueStore {
public:
    explicit RescueStore(Pool& pool) : m_pool{pool} {}

    /// Calls of the same event that are not done and either near in place and time or of the same
    /// telephone, the first first.
    struct Verdict {
        int priority = geo::hazard::lowest_priority;
        std::optional<std::int64_t> merged_into;
    };
    using Judge = std::function<Verdict(std::span<geo::hazard::EarlierCall const>)>;
    /// What was taken before is given again, whatever the limits.
    /// Throws   Error{unavailable, "too-many-calls"} beyond one of the limits; nothing is kept
    /// then.
    [[nodiscard]] model::TakenCall take(model::RescueCall const& call, Judge const& judge,
                                        std::span<SendLimit const> limits,
                                        model::Author const& author,
                                        geo::Policy const& policy) const;

    struct Policies {
        geo::Policy const& calls;
        geo::Policy const& teams;
    };
    /// Sends the nearest free team, by the geodesic; the one that was sent before, if one was.
    [[nodiscard]] model::Dispatch assign(std::int64_t call, geo::Instant now,
                                         model::Author const& author,
                                         Policies const& policies) const;

    /// The team is free again; nothing where it was done before. Gives the instant it was done.
    [[nodiscard]] geo::Instant finish(std::int64_t call, geo::Instant now,
                                      model::Author const& author, Policies const& policies) const;

private:
    Pool& m_pool;
};

} // namespace diaban::data::postgis
