#include "services/domain/fence_watch.hpp"

#include "geo/error.hpp"
#include "services/access/secret.hpp"
#include "services/domain/puller.hpp"
#include "services/domain/standing.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

namespace diaban::services::domain {

namespace {

using data::model::RuleAct;
using data::model::RuleState;
using data::model::WatchedRow;
using data::model::WatchRule;
using data::postgis::Change;
using data::postgis::Operation;

constexpr std::chrono::milliseconds between_looks{200};
constexpr std::chrono::seconds between_writes{2}; // the seat is kept for ten
constexpr std::uint32_t changes_a_look = 1000;
constexpr std::uint32_t rows_a_page = 5000;
constexpr char rules_collection[] = "watch_rules";

data::postgis::PoolOptions own_connection(std::string const& database, data::postgis::Role role) {
    data::postgis::PoolOptions options;
    options.uri = database;
    options.role = role;
    options.size = 1;
    options.wait = options.statement_timeout = std::chrono::seconds{30};
    return options;
}

RuleAct end_of(std::int64_t rule) {
    RuleAct act;
    act.act = RuleAct::Kind::close_rule;
    act.rule = rule;
    return act;
}

} // namespace

FenceWatch::FenceWatch(std::string const& database)
    : m_feed_pool{own_connection(database, data::postgis::Role::feed)},
      m_edit_pool{own_connection(database, data::postgis::Role::edit)},
      m_store{m_feed_pool, m_edit_pool}, m_collections{m_feed_pool}, m_feed{m_feed_pool},
      m_reader{m_feed_pool}, m_node{access::random_secret()} {}

void FenceWatch::start() {
    m_rounds.start({between_looks}, [this](std::stop_token const& stop) {
        while (!stop.stop_requested() && look({now_microseconds()})) {
        }
    });
}

void FenceWatch::stop() {
    m_rounds.stop();
    if (!m_cursor) return;
    try {
        forget();
        m_store.leave_seat(m_node);
    } catch (geo::Error const& error) {
        spdlog::debug("rules: {}", error.what());
    }
}

bool FenceWatch::look(geo::Instant at) {
    try {
        return judge(at);
    } catch (...) { // what is held may be ahead of the record
        forget();
        throw;
    }
}

bool FenceWatch::judge(geo::Instant at) {
    if (!m_cursor && !begin(at)) return false;
    Work work;
    bool more = false;
    if (auto reading = m_reader.read(*m_cursor, changes_a_look)) {
        take(reading->settled, at, work);
        more = reading->settled.size() == changes_a_look;
    } else {
        spdlog::warn("rules: the change feed does not go on from here");
        m_cursor = m_feed.head();
        m_all_anew = true;
    }
    for (auto const& [fid, rule] : m_rules) rule->wait(at, work);
    if (!write(work)) return false;
    if (!m_other_rules && !m_all_anew) return more;
    work = {};
    m_other_rules = false;
    take_rules(std::exchange(m_all_anew, false), at, work);
    return write(work);
}

bool FenceWatch::begin(geo::Instant at) {
    auto const seat = m_store.take_seat(m_node);
    if (!seat) return false;
    m_cursor = seat->cursor;
    if (!m_cursor) m_cursor = m_feed.head();
    Work work;
    take_rules(false, at, work);
    return write(work);
}

bool FenceWatch::write(Work const& work) {
    auto const at = std::chrono::steady_clock::now();
    if (work.empty() && at - m_written < between_writes) return true;
    if (!m_store.write(m_node, *m_cursor, work)) {
        forget();
        return false;
    }
    m_written = at;
    return true;
}

void FenceWatch::forget() {
    m_cursor.reset();
    m_written = {};
    m_rules.clear();
    m_placed.clear();
    m_moved.clear();
    m_other_zones.clear();
    m_other_rules = m_all_anew = false;
}

void FenceWatch::take(std::vector<Change> const& changes, geo::Instant at, Work& work) {
    std::set<std::string, std::less<>> sources;
    std::set<std::string, std::less<>> zones;
    for (auto const& [fid, rule] : m_rules) {
        sources.insert(rule->rule().source);
        zones.insert(rule->rule().zones);
    }
    for (auto const& change : changes) {
        auto const& id = change.collection;
        m_cursor->seq = std::max(m_cursor->seq, change.seq);
        m_other_rules |= id == rules_collection;
        bool const moved = sources.contains(id);
        if (moved && change.operation == Operation::import) {
            m_all_anew = true;
        } else if (moved) {
            if (!m_moved.empty() && m_moved.back().collection != id) take_rows(at, work);
            take_zones(at, work);
            m_moved.push_back(change);
        }
        if (zones.contains(id)) {
            take_rows(at, work);
            m_other_zones.insert(id);
        }
    }
    take_rows(at, work);
    take_zones(at, work);
}

/// Each version in its turn, whatever has become of the row since. Where a rule began with a later
/// one, it is first put back to the one before.
void FenceWatch::take_rows(geo::Instant at, Work& work) {
    if (m_moved.empty()) return;
    auto const changes = std::exchange(m_moved, {});
    auto const& id = changes.front().collection;
    auto& placed = m_placed[id];
    std::vector<Version> wanted;
    auto const comes_again = [&](Change const& change) {
        auto const read = placed.find(change.fid);
        return read != placed.end() && change.after && change.after->version <= read->second;
    };
    for (auto const& change : changes) {
        if (change.after) wanted.emplace_back(change.fid, change.after->version);
        if (comes_again(change) && change.before)
            wanted.emplace_back(change.fid, change.before->version);
    }
    std::map<Version, WatchedRow> rows;
    for (auto& row : m_store.versions(collection(id), wanted)) {
        Version const key{row.feature.fid, row.version};
        rows.insert_or_assign(key, std::move(row));
    }
    auto const row_of = [&](std::int64_t fid, std::optional<data::postgis::Side> const& side) {
        auto const found = side ? rows.find({fid, side->version}) : rows.end();
        return found == rows.end() ? std::span<WatchedRow const>{}
                                   : std::span<WatchedRow const>{&found->second, 1};
    };
    for (auto const& change : changes) {
        bool const again = comes_again(change);
        for (auto const& [fid, rule] : m_rules) {
            if (rule->rule().source != id) continue;
            if (again) rule->place(row_of(change.fid, change.before));
            if (change.operation == Operation::remove)
                rule->remove(change.fid, at, work);
            else
                rule->move(row_of(change.fid, change.after), work);
        }
        if (!again) placed.erase(change.fid);
    }
}

/// All rows of a collection, by fid, a page at a time.
template <class Take>
void FenceWatch::each_page(std::string const& id, Take const& take) const {
    for (std::int64_t after = 0;;) {
        auto page = m_store.rows(collection(id), after, rows_a_page);
        bool const last = page.size() < rows_a_page;
        if (!page.empty()) after = page.back().feature.fid;
        take(std::move(page));
        if (last) return;
    }
}

std::vector<WatchedRow> FenceWatch::all_of(std::string const& id) const {
    std::vector<WatchedRow> rows;
    each_page(id, [&](std::vector<WatchedRow> page) {
        std::ranges::move(page, std::back_inserter(rows));
    });
    return rows;
}

void FenceWatch::take_zones(geo::Instant at, Work& work) {
    for (auto const& id : std::exchange(m_other_zones, {})) {
        auto const rows = all_of(id);
        for (auto const& [fid, rule] : m_rules) {
            if (rule->rule().zones != id) continue;
            rule->set_zones(rows, at, work);
            rule->look(at, work);
        }
    }
}

void FenceWatch::take_rules(bool anew, geo::Instant at, Work& work) {
    m_registry = m_collections.list();
    m_templates = m_store.templates();
    auto const rules = m_store.rules();
    auto const states = m_store.states();
    for (auto const& state : states) {
        if (std::ranges::find(rules, state.rule, &WatchRule::fid) != rules.end()) continue;
        m_rules.erase(state.rule);
        work.dropped.push_back(state.rule);
        work.acts.push_back(end_of(state.rule));
    }
    for (auto const& rule : rules) {
        auto const state = std::ranges::find(states, rule.fid, &RuleState::rule);
        take_rule(rule, state == states.end() ? nullptr : &*state, anew, at, work);
    }
}

void FenceWatch::take_rule(WatchRule const& rule, RuleState const* state, bool anew,
                           geo::Instant at, Work& work) {
    auto const held = m_rules.find(rule.fid);
    if (!anew && held != m_rules.end() && held->second->rule().version == rule.version) return;
    m_rules.erase(rule.fid);
    bool const same = state != nullptr && state->kind == rule.kind &&
                      state->source == rule.source && state->zones == rule.zones;
    if (state != nullptr && !same) {
        work.dropped.push_back(rule.fid);
        work.acts.push_back(end_of(rule.fid));
    }
    RuleState now{rule.fid, rule.version, rule.kind, rule.source, rule.zones, {}};
    try {
        auto watched = made(rule);
        auto& placed = m_placed[rule.source];
        if (!rule.zones.empty()) watched->set_zones(all_of(rule.zones), at, work);
        each_page(rule.source, [&](std::vector<WatchedRow> const& page) {
            watched->place(page);
            for (auto const& row : page) placed[row.feature.fid] = row.version;
        });
        if (same) watched->resume(m_store.stays(rule.fid), at, work);
        if (anew || state == nullptr || state->version != rule.version) watched->look(at, work);
        m_rules.emplace(rule.fid, std::move(watched));
    } catch (geo::Error const& error) {
        if (error.code() != geo::Code::bad_input) throw;
        now.fault = pull_sentence(error.type(), error.parameters());
        if (same && state->fault == now.fault && state->version == now.version) return;
        if (same) work.dropped.push_back(rule.fid);
        work.acts.push_back(end_of(rule.fid));
    }
    if (anew || state == nullptr || state->version != rule.version || state->fault != now.fault)
        work.states.push_back(std::move(now));
}

std::unique_ptr<WatchedRule> FenceWatch::made(WatchRule const& rule) const {
    std::optional<data::model::Collection> zones;
    if (!rule.zones.empty()) zones = collection(rule.zones);
    data::model::AlertTemplate words;
    for (auto const& one : m_templates)
        if (one.kind == rule.kind) words = one;
    return std::make_unique<WatchedRule>(rule, collection(rule.source), std::move(zones),
                                         std::move(words));
}

data::model::Collection const& FenceWatch::collection(std::string const& id) const {
    auto const found =
        std::ranges::find_if(m_registry, [&](auto const& one) { return one.schema.id == id; });
    if (found == m_registry.end())
        throw geo::Error{geo::Code::bad_input, "unknown-collection", {{"collection", id}}};
    return *found;
}

} // namespace diaban::services::domain
