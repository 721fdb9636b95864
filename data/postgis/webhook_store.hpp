#pragma once

#include "data/model/webhook.hpp"
#include "data/postgis/pool.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace diaban::data::postgis {

/// Subscriptions to alerts, and what is on its way to them.
///
/// Pool     of Role::edit.
/// Rights   whoever calls has checked that the visitor administers.
/// Throws   Error{unavailable, …}; Error{not_found, "no-webhook"} for what is not there.
class WebhookStore {
public:
    explicit WebhookStore(Pool& pool) : m_pool{pool} {}

    /// Without their secrets, by number.
    [[nodiscard]] std::vector<model::Subscription> list() const;
    /// Its number.
    std::int64_t add(model::Subscription const& subscription, std::string const& who) const;
    /// Replaces all but an empty secret.
    void set(model::Subscription const& subscription) const;
    void remove(std::int64_t id) const;

    /// The latest first, a thousand at most; `state`: empty for all.
    [[nodiscard]] std::vector<model::Delivery> deliveries(std::int64_t subscription,
                                                          std::string const& state) const;
    /// Puts one that is dead or was delivered among those waiting, to be tried at once.
    void retry(std::int64_t delivery) const;

    /// Tries the first delivery of a subscription that has one and does not rest; false: there is
    /// none, or others are at them. While `attempt` runs, nobody else tries that subscription; if
    /// the process dies meanwhile, the delivery still waits.
    bool deliver(std::function<model::Receipt(model::Posting const&)> const& attempt) const;

    /// Forgets what was delivered 30 days ago.
    void tidy() const;

private:
    Pool& m_pool;
};

} // namespace diaban::data::postgis
