#include "services/domain/watched_rule.hpp"

#include "geo/error.hpp"
#include "geo/filter/cql2_text.hpp"
#include "services/domain/local_clock.hpp"
#include "services/domain/row_columns.hpp"
#include "services/domain/time_fields.hpp"
#include "services/http/messages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace diaban::services::domain {

namespace {

using data::model::RuleAct;
using data::model::RuleStay;
using data::model::WatchedRow;
using data::model::WatchRule;
using geo::watch::FenceRule;
using geo::watch::Movement;
using geo::watch::Passage;
using geo::watch::StationChange;
using geo::watch::StationEvent;
using geo::watch::StationRule;

constexpr std::int64_t hour = 3'600'000'000;
constexpr double usual_margin = 25; // metres, as receivers err

FenceRule fences_of(WatchRule const& rule) {
    FenceRule fences;
    fences.margin = rule.margin > 0 ? rule.margin : usual_margin;
    fences.dwell = rule.kind == "dwell" ? rule.dwell : 0;
    fences.crossings = rule.kind == "cross";
    return fences;
}

/// The threshold is a level, or what is a fast change.
StationRule values_of(WatchRule const& rule) {
    StationRule values;
    values.hysteresis = rule.margin;
    if (rule.kind == "changed") {
        values.change = rule.threshold;
        values.window = rule.dwell;
    } else {
        values.levels[0] = rule.threshold;
        values.falling = rule.kind == "below";
    }
    return values;
}

std::optional<std::size_t> place_of(std::vector<geo::Field> const& fields, std::string_view name) {
    auto const found = std::ranges::find(fields, name, &geo::Field::name);
    if (name.empty() || found == fields.end()) return std::nullopt;
    return std::size_t(found - fields.begin());
}

} // namespace

WatchedRule::Side::Side(data::model::Collection given, std::string const& text)
    : collection{std::move(given)},
      fields{data::model::visible(collection.schema, geo::Policy::everything()).fields},
      label{place_of(fields, collection.schema.label_field)} {
    for (std::size_t i = 0; i < fields.size(); ++i)
        if (is_time_field(collection.schema, fields[i])) time = i;
    if (!text.empty())
        filter = geo::filter::Filter::make(geo::filter::read_text(text), collection.schema,
                                           geo::Policy::everything());
}

std::vector<bool> WatchedRule::Side::passing(Rows rows) const {
    if (!filter) return std::vector<bool>(rows.size(), true);
    std::vector<TimedFeature> timed;
    timed.reserve(rows.size());
    for (auto const& row : rows) {
        auto const& held = row.feature.values;
        auto const period =
            time ? period_of(
                       std::visit([](auto const& v) -> geo::ValueView { return v; }, held[*time]))
                 : row.valid;
        timed.push_back({row.feature, period});
    }
    RowColumns const columns{timed, fields};
    std::vector<geo::filter::Answer> answers(rows.size());
    geo::filter::Evaluation{*filter, columns, rows.size()}.range(0, answers);
    std::vector<bool> passing;
    for (auto const answer : answers) passing.push_back(answer == geo::filter::Answer::yes);
    return passing;
}

WatchedRule::Named WatchedRule::Side::named(WatchedRow const& row) const {
    Named said{{}, row.scope, row.sensitivity};
    if (label)
        if (auto const* const text = std::get_if<std::string>(&row.feature.values[*label]))
            said.name = *text;
    if (said.name.empty()) said.name = fmt::format("{} {}", collection.title.vi, row.feature.fid);
    return said;
}

geo::Instant WatchedRule::Side::when(WatchedRow const& row) const {
    if (!time) return row.recorded;
    auto const* const said = std::get_if<geo::Instant>(&row.feature.values[*time]);
    return said == nullptr ? row.recorded : std::min(*said, row.recorded);
}

WatchedRule::WatchedRule(WatchRule rule, data::model::Collection source,
                         std::optional<data::model::Collection> zones,
                         data::model::AlertTemplate words)
    : m_rule{std::move(rule)}, m_source{std::move(source), m_rule.source_filter},
      m_words{std::move(words)}, m_fences{{}, fences_of(m_rule)}, m_values{values_of(m_rule)} {
    if (zones) {
        m_zones.emplace(*std::move(zones), m_rule.zone_filter);
        return;
    }
    geo::watch::check(m_values);
    m_field = place_of(m_source.fields, m_rule.field);
    bool const counts = m_field && (m_source.fields[*m_field].type == geo::FieldType::number ||
                                    m_source.fields[*m_field].type == geo::FieldType::integer);
    if (!counts) throw geo::Error{geo::Code::bad_input, "rule-field", {{"value", m_rule.field}}};
}

void WatchedRule::set_zones(Rows rows, geo::Instant at, Work& work) {
    auto const passing = m_zones->passing(rows);
    auto before = std::exchange(m_named_zones, {});
    std::vector<geo::watch::Zone> zones;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (!passing[i]) continue;
        auto const fid = rows[i].feature.fid;
        zones.push_back({fid, rows[i].feature.geometry});
        m_named_zones.emplace(fid, m_zones->named(rows[i]));
        before.erase(fid);
    }
    std::vector<Movement> done;
    m_fences.replace(std::move(zones), at, done);
    take(done, work);
    for (auto const& [zone, named] : before) close(RuleAct::Kind::close_zone, 0, zone, work);
}

void WatchedRule::place(Rows rows) {
    auto const passing = m_source.passing(rows);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (!passing[i]) continue;
        auto const& feature = rows[i].feature;
        if (of_values()) {
            auto const value = value_of(rows[i]);
            if (!value) continue;
            auto& state = m_states[feature.fid];
            state.last = {m_source.when(rows[i]), *value};
            state.calm = {*state.last};
        } else {
            if (feature.geometry.empty()) continue;
            m_fences.place(feature.fid, feature.geometry.positions.front(), m_source.when(rows[i]));
        }
        m_objects[feature.fid] = m_source.named(rows[i]);
    }
}

void WatchedRule::resume(std::span<RuleStay const> stays, geo::Instant at, Work& work) {
    for (auto const& stay : stays) {
        bool goes_on = false;
        if (of_values()) {
            if (auto const found = m_states.find(stay.object); found != m_states.end()) {
                goes_on = true;
                found->second.level = m_rule.kind == "changed" ? 0 : 1;
                found->second.fast = m_rule.kind == "changed";
            }
        } else {
            goes_on = m_fences.resume(stay.object, stay.zone, stay.since, stay.told);
        }
        if (goes_on)
            m_stays[{stay.object, stay.zone}] = stay;
        else
            take({stay.object, stay.zone, Passage::ended, at}, work);
    }
}

void WatchedRule::look(geo::Instant at, Work& work) {
    std::vector<Movement> done;
    m_fences.look(at, done);
    take(done, work);
    for (auto& [object, state] : m_states) {
        if (!state.last) continue;
        auto const reading = *std::exchange(state.last, std::nullopt);
        observe(object, reading, work);
    }
}

void WatchedRule::move(Rows rows, Work& work) {
    auto const passing = m_source.passing(rows);
    std::vector<Movement> done;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        auto const& feature = rows[i].feature;
        auto const at = m_source.when(rows[i]);
        auto const value = of_values() ? value_of(rows[i]) : std::nullopt;
        if (!passing[i] || (of_values() ? !value : feature.geometry.empty())) {
            remove(feature.fid, at, work);
            continue;
        }
        m_objects[feature.fid] = m_source.named(rows[i]);
        if (of_values()) {
            observe(feature.fid, {at, *value}, work);
            continue;
        }
        done.clear();
        m_fences.move(feature.fid, feature.geometry.positions.front(), at, done);
        take(done, work);
    }
}

void WatchedRule::remove(std::int64_t object, geo::Instant at, Work& work) {
    if (m_objects.erase(object) == 0) return;
    std::vector<Movement> done;
    m_fences.remove(object, at, done);
    take(done, work);
    if (m_states.erase(object) > 0) keep(object, 0, std::nullopt, work);
    close(RuleAct::Kind::close_object, object, 0, work);
}

void WatchedRule::wait(geo::Instant now, Work& work) {
    std::vector<Movement> done;
    m_fences.wait(now, done);
    take(done, work);
}

std::optional<double> WatchedRule::value_of(WatchedRow const& row) const {
    auto const& value = row.feature.values[*m_field];
    if (auto const* const number = std::get_if<double>(&value)) return *number;
    if (auto const* const whole = std::get_if<std::int64_t>(&value)) return double(*whole);
    return std::nullopt;
}

void WatchedRule::take(std::vector<Movement> const& done, Work& work) {
    for (auto const& one : done) take(one, work);
}

void WatchedRule::take(Movement const& one, Work& work) {
    bool const tells_exits = m_rule.kind == "exit";
    switch (one.passage) {
    case Passage::enter:
        keep(one.vehicle, one.zone, RuleStay{one.vehicle, one.zone, one.at, false}, work);
        if (m_rule.kind == "enter") open(one.vehicle, one.zone, one.at, work);
        if (tells_exits) close(RuleAct::Kind::close, one.vehicle, one.zone, work);
        break;
    case Passage::exit:
        keep(one.vehicle, one.zone, std::nullopt, work);
        if (tells_exits)
            open(one.vehicle, one.zone, one.at, work);
        else
            close(RuleAct::Kind::close, one.vehicle, one.zone, work);
        break;
    case Passage::dwell: {
        auto stay = m_stays[{one.vehicle, one.zone}];
        stay.told = true;
        keep(one.vehicle, one.zone, stay, work);
        open(one.vehicle, one.zone, one.at, work);
        break;
    }
    case Passage::cross: open(one.vehicle, one.zone, one.at, work); break;
    case Passage::ended:
        keep(one.vehicle, one.zone, std::nullopt, work);
        close(RuleAct::Kind::close, one.vehicle, one.zone, work);
        break;
    }
}

void WatchedRule::observe(std::int64_t object, geo::watch::Reading reading, Work& work) {
    std::vector<StationChange> changes;
    geo::watch::observe(m_values, m_states[object], reading, changes);
    judge_values(object, changes, work);
}

void WatchedRule::judge_values(std::int64_t object, std::vector<StationChange> const& changes,
                               Work& work) {
    for (auto const& change : changes) {
        auto const at = change.reading.at;
        bool const begun =
            change.event == StationEvent::level_reached || change.event == StationEvent::fast_begun;
        bool const ended =
            change.event == StationEvent::level_left || change.event == StationEvent::fast_ended;
        if (begun) {
            keep(object, 0, RuleStay{object, 0, at, true}, work);
            open(object, 0, at, work, change.reading.value);
        }
        if (ended) {
            keep(object, 0, std::nullopt, work);
            close(RuleAct::Kind::close, object, 0, work);
        }
    }
}

void WatchedRule::keep(std::int64_t object, std::int64_t zone, std::optional<RuleStay> stay,
                       Work& work) {
    if (stay)
        m_stays[{object, zone}] = *stay;
    else
        m_stays.erase({object, zone});
    work.stays[{m_rule.fid, object, zone}] = stay;
}

void WatchedRule::open(std::int64_t object, std::int64_t zone, geo::Instant at, Work& work,
                       std::optional<double> value) {
    auto const& moved = m_objects[object];
    auto const& area = of_values() ? moved : m_named_zones[zone];
    RuleAct act;
    act.act = RuleAct::Kind::open;
    act.rule = m_rule.fid;
    act.object = object;
    act.zone = zone;
    act.kind = m_rule.kind;
    act.source = m_rule.source;
    act.zones = m_rule.zones;
    act.at = at;
    if (m_rule.kind == "cross") act.expires = geo::Instant{at.microseconds + hour};
    act.scope = area.scope;
    act.sensitivity = std::max({moved.sensitivity, area.sensitivity, m_rule.sensitivity});
    act.words = filled(moved, area, object, at, value);
    work.acts.push_back(std::move(act));
}

void WatchedRule::close(RuleAct::Kind kind, std::int64_t object, std::int64_t zone,
                        Work& work) const {
    RuleAct act;
    act.act = kind;
    act.rule = m_rule.fid;
    act.object = object;
    act.zone = zone;
    work.acts.push_back(std::move(act));
}

data::model::AlertTemplate WatchedRule::filled(Named const& object, Named const& zone,
                                               std::int64_t number, geo::Instant at,
                                               std::optional<double> value) const {
    bool const may_be_named = object.scope.empty() || object.scope == zone.scope;
    auto const& title = m_source.collection.title;
    auto const said = [&](std::string const& kind_of_thing) -> geo::Error::Parameters {
        return {
            {"rule", m_rule.name},
            {"object", may_be_named ? object.name : fmt::format("{} {}", kind_of_thing, number)},
            {"zone", zone.name},
            {"at", local_clock(at)},
            {"value", value ? fmt::format("{}", *value) : std::string{}},
            {"unit", m_field ? m_source.fields[*m_field].unit : std::string{}},
            {"threshold", fmt::format("{}", m_rule.threshold)}};
    };
    auto const vietnamese = said(title.vi);
    auto const english = said(title.en);
    auto words = m_words;
    words.severity = m_rule.severity;
    auto const put = [](std::string& into, std::string const& own,
                        geo::Error::Parameters const& parameters) {
        into = http::fill(own.empty() ? into : own, parameters);
    };
    put(words.headline, m_rule.headline, vietnamese);
    put(words.headline_en, m_rule.headline_en, english);
    put(words.description, m_rule.description, vietnamese);
    put(words.description_en, m_rule.description_en, english);
    return words;
}

} // namespace diaban::services::domain
