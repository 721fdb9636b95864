#pragma once

#include "data/model/collection.hpp"
#include "data/model/watch_rule.hpp"
#include "data/postgis/change_feed.hpp"
#include "data/postgis/pool.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace diaban::data::postgis {

/// What a judge of rules has found, to be written as one.
struct RuleWork {
    std::vector<model::RuleAct> acts; ///< in their order
    /// By rule, object and zone: the stay as it is now; nothing: it ended.
    std::map<std::tuple<std::int64_t, std::int64_t, std::int64_t>, std::optional<model::RuleStay>>
        stays;
    std::vector<model::RuleState> states;
    std::vector<std::int64_t> dropped; ///< rules that are no more: their stays and states go first

    [[nodiscard]] bool empty() const noexcept {
        return acts.empty() && stays.empty() && states.empty() && dropped.empty();
    }
};

/// Rules, the rows that they watch, and what was made of them: the place in the feed up to which
/// everything is judged, stays and alerts are one transaction.
///
/// Pools    of Role::feed to read, of Role::edit to write. Sees everything: who may see an alert is
///          decided by its own scope and sensitivity.
/// Threads  one.
/// Throws   Error{unavailable, …}.
class RuleStore {
public:
    RuleStore(Pool& feed, Pool& edit) : m_feed{feed}, m_edit{edit} {}

    /// A judge's place in the feed; without a cursor nothing was ever judged.
    struct Seat {
        std::optional<Cursor> cursor;
    };
    /// Makes `node` the judge for ten seconds if there is none, or it is; else nothing.
    [[nodiscard]] std::optional<Seat> take_seat(std::string const& node) const;
    void leave_seat(std::string const& node) const;

    /// Rules that are enabled, by number.
    [[nodiscard]] std::vector<model::WatchRule> rules() const;
    [[nodiscard]] std::vector<model::RuleState> states() const;
    [[nodiscard]] std::vector<model::RuleStay> stays(std::int64_t rule) const;
    [[nodiscard]] std::vector<model::AlertTemplate> templates() const;

    /// Rows of a collection after a fid, by fid. Values follow the visible schema's fields.
    [[nodiscard]] std::vector<model::WatchedRow>
    rows(model::Collection const& collection, std::int64_t after, std::uint32_t limit) const;
    /// Versions of rows (fid, version), in no order; what is not known is left out.
    [[nodiscard]] std::vector<model::WatchedRow>
    versions(model::Collection const& collection,
             std::span<std::pair<std::int64_t, std::int64_t> const> wanted) const;

    /// Writes what was found up to `cursor`; false if `node` is the judge no more: then nothing.
    [[nodiscard]] bool write(std::string const& node, Cursor cursor, RuleWork const& work) const;

private:
    Pool& m_feed;
    Pool& m_edit;
};

} // namespace diaban::data::postgis
