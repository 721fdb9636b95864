#pragma once

#include "data/postgis/collections.hpp"
#include "data/postgis/feed_reader.hpp"
#include "data/postgis/rule_store.hpp"
#include "services/domain/rounds.hpp"
#include "services/domain/watched_rule.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <vector>

namespace diaban::services::domain {

/// Judges the rules of `watch_rules`: follows the feed, moves what moves through the zones, opens
/// and ends alerts. Rules and zones that are edited are taken up as the feed tells them.
///
/// Nodes    any number: one judges, another succeeds it ten seconds after it was heard of last.
/// Once     every version of a row is judged in the feed's order; what follows from it, and how far
///          the feed is judged, are one transaction. Who begins anew goes on from there.
/// Threads  one of its own.
class FenceWatch {
public:
    /// `database`   URI of the record, which it enters on two connections of its own.
    explicit FenceWatch(std::string const& database);
    ~FenceWatch() { stop(); }
    FenceWatch(FenceWatch const&) = delete;
    FenceWatch& operator=(FenceWatch const&) = delete;

    void start();
    void stop();

    /// One look, as of `now`; whether there may be more at once. Not beside `start`.
    bool look(geo::Instant now);

private:
    using Work = data::postgis::RuleWork;
    using Version = std::pair<std::int64_t, std::int64_t>; ///< fid, version
    /// What was read of a collection when a rule began: versions up to these come once more.
    using Placed = std::unordered_map<std::int64_t, std::int64_t>;

    bool judge(geo::Instant now);
    /// Takes the seat, and begins where the last judge ended; false: another has it.
    bool begin(geo::Instant now);
    void take(std::vector<data::postgis::Change> const& changes, geo::Instant now, Work& work);
    void take_rows(geo::Instant now, Work& work);
    void take_zones(geo::Instant now, Work& work);
    /// `anew`: every rule is read again and judged as it stands.
    void take_rules(bool anew, geo::Instant now, Work& work);
    void take_rule(data::model::WatchRule const& rule, data::model::RuleState const* state,
                   bool anew, geo::Instant now, Work& work);
    template <class Take>
    void each_page(std::string const& id, Take const& take) const;
    [[nodiscard]] std::vector<data::model::WatchedRow> all_of(std::string const& id) const;
    [[nodiscard]] std::unique_ptr<WatchedRule> made(data::model::WatchRule const& rule) const;
    [[nodiscard]] data::model::Collection const& collection(std::string const& id) const;
    [[nodiscard]] bool write(Work const& work);
    void forget();

    data::postgis::Pool m_feed_pool;
    data::postgis::Pool m_edit_pool;
    data::postgis::RuleStore m_store;
    data::postgis::Collections m_collections;
    data::postgis::ChangeFeed m_feed;
    data::postgis::FeedReader m_reader;
    std::string m_node;

    std::optional<data::postgis::Cursor> m_cursor; ///< of a judge; nothing: it is none
    std::chrono::steady_clock::time_point m_written{};
    std::vector<data::model::Collection> m_registry;
    std::vector<data::model::AlertTemplate> m_templates;
    std::map<std::int64_t, std::unique_ptr<WatchedRule>> m_rules;
    std::map<std::string, Placed> m_placed;
    std::vector<data::postgis::Change> m_moved; ///< of one collection, not taken yet
    std::set<std::string> m_other_zones;
    bool m_other_rules = false;
    bool m_all_anew = false;

    Rounds m_rounds{"rules"}; ///< last: ends before what it uses
};

} // namespace diaban::services::domain
