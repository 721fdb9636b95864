#pragma once

#include "data/model/collection.hpp"
#include "data/postgis/rule_store.hpp"
#include "geo/filter/filter.hpp"
#include "geo/watch/fences.hpp"
#include "geo/watch/station.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace diaban::services::domain {

/// A rule in force: what it makes of rows that come, go and move, and of zones that change.
///
/// Alerts    one for each object and zone. `enter` and `dwell` end when the zone is left by more
///           than the margin, `exit` when it is entered again, `above`, `below` and `changed` with
///           their condition; `cross` lasts an hour. All end with the object, the zone or the rule.
/// Who sees  whoever sees the zone's unit, at the highest sensitivity of object, zone and rule; of
///           a rule about values, the object's unit. An object of another unit is not named.
/// When      what the source's time field says, but no later than it was recorded.
/// Threads   one.
class WatchedRule {
public:
    using Work = data::postgis::RuleWork;
    using Rows = std::span<data::model::WatchedRow const>;

    /// `zones` of a rule about movements; `words` is the template of its kind.
    /// Throws   geo::Error{bad_input} for filters and fields that mean nothing.
    WatchedRule(data::model::WatchRule rule, data::model::Collection source,
                std::optional<data::model::Collection> zones, data::model::AlertTemplate words);

    [[nodiscard]] data::model::WatchRule const& rule() const noexcept { return m_rule; }

    /// The zones as they are from `at` on. Who is in none of them any more has left.
    void set_zones(Rows rows, geo::Instant at, Work& work);
    /// Where rows were when nobody looked: nothing is judged.
    void place(Rows rows);
    /// Stays that were begun before; what has neither object nor zone any more ends.
    void resume(std::span<data::model::RuleStay const> stays, geo::Instant at, Work& work);
    /// Judges every row where it is placed.
    void look(geo::Instant at, Work& work);
    /// Rows in the order in which they became so.
    void move(Rows rows, Work& work);
    void remove(std::int64_t object, geo::Instant at, Work& work);
    /// Lets time pass.
    void wait(geo::Instant now, Work& work);

private:
    /// What is said of a row.
    struct Named {
        std::string name;
        std::string scope;
        std::uint8_t sensitivity = 0;
    };
    /// A filter, and what it is asked of.
    struct Side {
        data::model::Collection collection;
        std::vector<geo::Field> fields;
        std::optional<std::size_t> label;
        std::optional<std::size_t> time;
        std::optional<geo::filter::Filter> filter;

        Side(data::model::Collection given, std::string const& text);
        [[nodiscard]] std::vector<bool> passing(Rows rows) const;
        [[nodiscard]] Named named(data::model::WatchedRow const& row) const;
        [[nodiscard]] geo::Instant when(data::model::WatchedRow const& row) const;
    };
    using Key = std::pair<std::int64_t, std::int64_t>;

    [[nodiscard]] bool of_values() const noexcept { return !m_zones; }
    [[nodiscard]] std::optional<double> value_of(data::model::WatchedRow const& row) const;
    void take(std::vector<geo::watch::Movement> const& done, Work& work);
    void take(geo::watch::Movement const& one, Work& work);
    void observe(std::int64_t object, geo::watch::Reading reading, Work& work);
    void judge_values(std::int64_t object, std::vector<geo::watch::StationChange> const& changes,
                      Work& work);
    void keep(std::int64_t object, std::int64_t zone, std::optional<data::model::RuleStay> stay,
              Work& work);
    void open(std::int64_t object, std::int64_t zone, geo::Instant at, Work& work,
              std::optional<double> value = std::nullopt);
    void close(data::model::RuleAct::Kind act, std::int64_t object, std::int64_t zone,
               Work& work) const;
    [[nodiscard]] data::model::AlertTemplate filled(Named const& object, Named const& zone,
                                                    std::int64_t number, geo::Instant at,
                                                    std::optional<double> value) const;

    data::model::WatchRule m_rule;
    Side m_source;
    std::optional<Side> m_zones;
    data::model::AlertTemplate m_words;
    geo::watch::Fences m_fences;
    std::optional<std::size_t> m_field;
    geo::watch::StationRule m_values;
    std::unordered_map<std::int64_t, geo::watch::StationState> m_states;
    std::unordered_map<std::int64_t, Named> m_objects;
    std::unordered_map<std::int64_t, Named> m_named_zones;
    std::map<Key, data::model::RuleStay> m_stays;
};

} // namespace diaban::services::domain
