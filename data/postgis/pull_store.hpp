#pragma once

#include "data/postgis/pool.hpp"
#include "geo/feature.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace diaban::data::postgis {

/// How the last asking of a source went.
struct PullState {
    geo::Instant next_at;
    geo::Instant asked_at;
    std::optional<geo::Instant> good_at; ///< when it last answered as it should
    std::int64_t stored = 0;             ///< rows that this brought or corrected
    std::string fault;                   ///< empty: none
};

/// When sources are asked: of several nodes one asks, each time. A source is a row of a collection.
///
/// Pool     of Role::edit to claim and to tell; any that reads for `states`.
/// Throws   Error{unavailable, …} if the database is busy or gone.
class PullStore {
public:
    explicit PullStore(Pool& pool) : m_pool{pool} {}

    /// Whether it is this node's to ask the source now. It is due again after `minutes`.
    [[nodiscard]] bool claim(std::string const& collection, std::int64_t source,
                             std::int64_t minutes) const;
    void tell_good(std::string const& collection, std::int64_t source, std::int64_t stored) const;
    void tell_fault(std::string const& collection, std::int64_t source,
                    std::string const& fault) const;
    [[nodiscard]] std::map<std::int64_t, PullState> states(std::string const& collection) const;
    /// Hosts that may be asked, as the server's owner has them.
    [[nodiscard]] std::set<std::string, std::less<>> hosts() const;

private:
    Pool& m_pool;
};

} // namespace diaban::data::postgis
