#include "services/domain/station_verdict.hpp"

#include "geo/error.hpp"
#include "services/domain/local_clock.hpp"
#include "services/http/messages.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace diaban::services::domain {

namespace {

using data::model::AlertAct;
using data::model::AlertTemplate;
using data::postgis::WatchTask;
using data::postgis::WatchVerdict;
using geo::watch::Reading;
using geo::watch::StationChange;
using geo::watch::StationEvent;
using geo::watch::StationRule;
using geo::watch::StationState;
using nlohmann::json;

constexpr std::int64_t hour = 3'600'000'000;
constexpr std::int64_t recent = 6 * hour;
constexpr std::int64_t lasts = 24 * hour;

/// What is kept between two looks.
struct Memory {
    StationState state;
    int alerted = 0; ///< the highest level that an alert was raised of since the level was left
};

json written(Reading const& reading) {
    return {reading.at.microseconds, reading.value};
}
Reading read(json const& reading) {
    return {{reading.at(0).get<std::int64_t>()}, reading.at(1).get<double>()};
}

Memory read_memory(std::string const& text) {
    auto const kept = json::parse(text);
    Memory memory;
    auto& state = memory.state;
    if (kept.contains("last")) state.last = read(kept["last"]);
    state.level = kept.value("level", 0);
    state.silent = kept.value("silent", false);
    state.fast = kept.value("fast", false);
    for (auto const& one : kept.value("calm", json::array())) state.calm.push_back(read(one));
    memory.alerted = kept.value("alerted", 0);
    return memory;
}

std::string write_memory(Memory const& memory) {
    auto const& state = memory.state;
    json kept{{"level", state.level},
              {"silent", state.silent},
              {"fast", state.fast},
              {"alerted", memory.alerted}};
    if (state.last) kept["last"] = written(*state.last);
    for (auto const& one : state.calm) kept["calm"].push_back(written(one));
    return kept.dump();
}

std::string value_text(WatchTask const& task, double value) {
    bool const has_levels = task.stream.rule.levels != geo::watch::AlertLevels{};
    return has_levels ? fmt::format("{:.2f}", value) : fmt::format("{}", value);
}

std::string reading_words(WatchTask const& task, double value) {
    auto words = geo::watch::gauge_words(task.stream.rule.levels, value);
    if (words.empty()) words = value_text(task, value) + " " + task.stream.unit;
    return words;
}

class Judge {
public:
    Judge(WatchTask const& task, std::span<AlertTemplate const> templates, geo::Instant now)
        : m_task{task}, m_templates{templates}, m_now{now}, m_rule{task.stream.rule},
          m_memory{read_memory(task.state)} {
        try {
            check(m_rule);
        } catch (geo::Error const&) {
            auto const silence = std::max<std::int64_t>(m_rule.silence, 0);
            m_rule = {};
            m_rule.silence = silence;
        }
    }

    WatchVerdict judge() {
        auto& state = m_memory.state;
        for (auto const& reading : m_task.readings) {
            std::vector<StationChange> changes;
            observe(m_rule, state, reading, changes);
            for (auto const& change : changes) take(change);
        }
        std::vector<StationChange> changes;
        wait(m_rule, state, m_now, m_task.since, changes);
        for (auto const& change : changes) take(change);
        stand();
        WatchVerdict verdict;
        verdict.silent = state.silent;
        if (!state.silent && state.last) {
            verdict.reading = reading_words(m_task, state.last->value);
            verdict.level = state.level;
        }
        verdict.acts = std::move(m_acts);
        verdict.state = write_memory(m_memory);
        return verdict;
    }

private:
    void take(StationChange const& change) {
        bool const is_recent = change.reading.at.microseconds >= m_now.microseconds - recent;
        switch (change.event) {
        case StationEvent::level_reached:
            if (is_recent && change.level > m_memory.alerted) raise_level(change.reading);
            break;
        case StationEvent::level_left:
            if (change.level == 0) {
                m_memory.alerted = 0;
                end("level", change.reading);
            } else if (is_recent) {
                word_anew(change.level, change.reading);
            }
            break;
        case StationEvent::fast_begun:
            if (is_recent) raise("fast", 0, change.reading);
            break;
        case StationEvent::fast_ended: end("fast", change.reading); break;
        case StationEvent::silent: raise("no_data", 0, change.reading); break;
        case StationEvent::heard: // what stands now is raised anew: meanwhile it may have expired
            m_memory.alerted = 0;
            end("no_data", change.reading);
            break;
        }
    }

    /// What stands at the end: it is raised if nothing that is recent raised it, and lasts.
    void stand() {
        auto const& state = m_memory.state;
        if (!state.last || state.silent) return;
        if (state.level > m_memory.alerted) raise_level(*state.last);
        if (m_task.readings.empty()) return;
        if (state.level > 0) renew("level");
        if (state.fast) renew("fast");
    }

    void raise_level(Reading const& reading) {
        m_memory.alerted = m_memory.state.level;
        raise("level", m_memory.state.level, reading);
    }

    /// Of an alert that a person closed there is nothing to be said anew.
    void word_anew(int level, Reading const& reading) { raise("level", level, reading, true); }

    void raise(char const* kind, int level, Reading const& reading, bool only_if_open = false) {
        auto act = act_of(AlertAct::Kind::raise, kind, reading.at);
        act.level = level;
        act.only_if_open = only_if_open;
        for (auto const& one : m_templates)
            if (one.kind == kind && (one.level == level || one.level == 0))
                act.words = filled(one, reading);
        m_acts.push_back(std::move(act));
    }
    void renew(char const* kind) { m_acts.push_back(act_of(AlertAct::Kind::renew, kind, m_now)); }
    void end(char const* kind, Reading const& reading) {
        m_acts.push_back(act_of(AlertAct::Kind::end, kind, reading.at));
    }

    AlertAct act_of(AlertAct::Kind act, char const* kind, geo::Instant at) const {
        AlertAct made;
        made.act = act;
        made.kind = kind;
        made.at = at;
        made.expires = {m_now.microseconds + lasts};
        return made;
    }

    AlertTemplate filled(AlertTemplate words, Reading const& reading) const {
        static constexpr std::array<std::string_view, 4> levels{"", "I", "II", "III"};
        geo::Error::Parameters const said{
            {"station", m_task.station},
            {"reading", reading_words(m_task, reading.value)},
            {"value", value_text(m_task, reading.value)},
            {"unit", m_task.stream.unit},
            {"level", std::string{levels[std::size_t(m_memory.state.level)]}},
            {"at", local_clock(reading.at)}};
        for (auto* const text :
             {&words.headline, &words.headline_en, &words.description, &words.description_en})
            *text = http::fill(*text, said);
        return words;
    }

    WatchTask const& m_task;
    std::span<AlertTemplate const> m_templates;
    geo::Instant m_now;
    StationRule m_rule;
    Memory m_memory;
    std::vector<AlertAct> m_acts;
};

} // namespace

WatchVerdict judge_station(WatchTask const& task, std::span<AlertTemplate const> templates,
                           geo::Instant now) {
    return Judge{task, templates, now}.judge();
}

} // namespace diaban::services::domain
