#pragma once

#include "data/postgis/pull_store.hpp"
#include "geo/error.hpp"
#include "services/domain/rounds.hpp"

#include <cstdint>
#include <functional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::domain {

/// An address that is asked on a schedule.
struct PullSource {
    std::int64_t fid = 0;
    std::string url;
    std::int64_t every_minutes = 0;
};

/// Sources of one collection, and what becomes of their answers.
struct PullKind {
    std::string collection;
    std::function<std::vector<PullSource>()> sources;
    /// Stores what an answer says, and tells how many rows that brought or corrected.
    /// Throws   geo::Error; nlohmann::json::exception for what is no JSON where it should be.
    std::function<std::int64_t(PullSource const&, std::string const& body)> take;
};

using Hosts = std::set<std::string, std::less<>>;
/// Whether an address is of one of the hosts (`name` or `name:port`), by http or https, and names
/// no user.
[[nodiscard]] bool may_be_asked(std::string_view url, Hosts const& hosts);

/// A sentence of the catalogue, as faults of sources are told.
[[nodiscard]] std::string pull_sentence(std::string const& type,
                                        geo::Error::Parameters const& parameters);

/// Asks sources when they are due, and stores what they say: all of an answer, or where an item is
/// wrong, or none comes, nothing; then the last good values stand, and the fault is told.
///
/// Guard    only hosts that the record names are asked; no redirects, five seconds, a megabyte.
/// Rights   only sources that are not sensitive, of no unit of their own: what they bring is as
///          public as they are.
/// Threads  one of its own.
class Puller {
public:
    using Get = std::function<std::string(std::string const& url)>; ///< throws geo::Error

    Puller(data::postgis::PullStore const& store, std::vector<PullKind> kinds, Get get);

    void start();
    void stop() { m_rounds.stop(); }

private:
    void look(PullKind const& kind, std::stop_token const& stop);
    void ask(PullKind const& kind, PullSource const& source);

    data::postgis::PullStore const& m_store;
    std::vector<PullKind> m_kinds;
    Get m_get;
    Rounds m_rounds{"puller"}; ///< last: ends before what it uses
};

} // namespace diaban::services::domain
