#include "services/domain/event_record.hpp"

#include "data/model/collection.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <string_view>

namespace diaban::services::domain {

namespace {

constexpr std::uint32_t rows_a_page = 10'000;
constexpr std::uint32_t most_versions = 10'000;

/// Values of a row by name; of what is masked there is none.
class Row {
public:
    Row(geo::Feature const& feature, std::vector<geo::Field> const& fields)
        : m_feature{feature}, m_fields{fields} {}

    [[nodiscard]] std::int64_t fid() const noexcept { return m_feature.fid; }
    [[nodiscard]] std::optional<geo::Position> place() const {
        auto const& positions = m_feature.geometry.positions;
        return positions.empty() ? std::nullopt : std::optional{positions.front()};
    }
    [[nodiscard]] std::string text(std::string_view name) const {
        auto const* const held = as<std::string>(name);
        return held == nullptr ? std::string{} : *held;
    }
    [[nodiscard]] std::optional<std::int64_t> number(std::string_view name) const {
        auto const* const held = as<std::int64_t>(name);
        return held == nullptr ? std::nullopt : std::optional{*held};
    }
    [[nodiscard]] std::optional<geo::Instant> instant(std::string_view name) const {
        auto const* const held = as<geo::Instant>(name);
        return held == nullptr ? std::nullopt : std::optional{*held};
    }

private:
    template <class Kind>
    [[nodiscard]] Kind const* as(std::string_view name) const {
        auto const at =
            std::size_t(std::ranges::find(m_fields, name, &geo::Field::name) - m_fields.begin());
        if (at >= m_feature.values.size()) return nullptr;
        return std::get_if<Kind>(&m_feature.values[at]);
    }

    geo::Feature const& m_feature;
    std::vector<geo::Field> const& m_fields;
};

/// Where and when rows are read.
struct Reading {
    Atlas const& atlas;
    data::postgis::PastStore const& past;
    geo::Instant at;
};

template <class Made, class Make>
std::optional<std::vector<Made>> read_part(Reading const& reading, char const* id,
                                           geo::Policy const* policy, Make const& make) {
    if (policy == nullptr) return std::nullopt;
    auto const view = reading.atlas.view(id);
    auto const fields = data::model::visible(view->collection.schema, *policy).fields;
    std::vector<Made> made;
    std::int64_t after = 0;
    for (bool more = true; more;) {
        auto const page = reading.past.page(view->collection, {.recorded = reading.at, .valid = {}},
                                            {}, after, rows_a_page, *policy);
        for (auto const& feature : page.features)
            if (auto one = make(Row{feature, fields})) made.push_back(*std::move(one));
        more = page.more && !page.features.empty();
        if (more) after = page.features.back().fid;
    }
    return made;
}

std::optional<EventOrder> order_of(Row const& row, std::int64_t event) {
    if (row.number("event") != event) return std::nullopt;
    return EventOrder{row.fid(),
                      row.text("unit"),
                      row.text("to_whom"),
                      row.text("text"),
                      row.text("state"),
                      row.instant("issued_at"),
                      row.instant("acknowledged_at"),
                      row.text("acknowledged_by"),
                      row.instant("escalated_at"),
                      row.text("escalated_to")};
}

std::optional<EventCall> call_of(Row const& row, std::int64_t event) {
    if (row.number("event") != event) return std::nullopt;
    return EventCall{row.fid(),
                     row.text("state"),
                     row.number("priority").value_or(0),
                     row.number("people").value_or(0),
                     row.number("vulnerable").value_or(0),
                     row.place(),
                     row.number("merged_into"),
                     row.number("team"),
                     row.instant("received_at"),
                     row.instant("assigned_at"),
                     row.instant("done_at")};
}

/// Its newest version is the state at that instant; older ones tell of its phases.
std::optional<EventRecord> read_head(Reading const& reading, std::int64_t event,
                                     geo::Policy const& policy) {
    auto const view = reading.atlas.view("disaster_events");
    auto const fields = data::model::visible(view->collection.schema, policy).fields;
    geo::Instant const before{reading.at.microseconds + 1};
    auto const versions =
        reading.past.versions(view->collection, event, before, most_versions, policy);
    if (versions.empty()) return std::nullopt;
    auto const& newest = versions.front();
    bool const removed = newest.ended_at && *newest.ended_at <= reading.at &&
                         (newest.ended_by == "delete" || newest.ended_by == "truncate");
    if (removed) return std::nullopt;
    EventRecord record;
    record.event = event;
    record.at = reading.at;
    Row const row{newest.feature, fields};
    record.name = row.text("name");
    record.kind = row.text("kind");
    record.area = newest.feature.geometry;
    for (auto version = versions.rbegin(); version != versions.rend(); ++version) {
        auto phase = Row{version->feature, fields}.text("phase");
        if (phase.empty()) phase = "watch";
        if (record.phases.empty() || record.phases.back().phase != phase)
            record.phases.push_back({version->recorded_at, phase, version->made_by.who});
    }
    return record;
}

/// The latest of the instants, those that are known.
std::optional<geo::Instant> latest(std::initializer_list<std::optional<geo::Instant>> instants) {
    return std::max(instants); // nothing comes before everything
}

template <class Part, class Latest>
std::optional<geo::Instant> newest_of(std::vector<Part> const& rows, Latest const& of_row) {
    std::optional<geo::Instant> newest;
    for (auto const& one : rows) newest = std::max(newest, of_row(one));
    return newest;
}

/// Says of each part that is present where it comes from. Teams keep no instants of their own.
void add_sources(EventRecord& record, Reading const& reading, EventPolicies const& policies) {
    auto const add = [&](char const* id, std::optional<geo::Instant> const& newest) {
        auto const& collection = reading.atlas.view(id)->collection;
        record.sources[id] = {collection.title, collection.synthetic, newest};
    };
    add("disaster_events", record.phases.back().at);
    if (record.orders)
        add("event_orders", newest_of(*record.orders, [](EventOrder const& one) {
                return latest({one.issued_at, one.acknowledged_at, one.escalated_at});
            }));
    if (record.calls)
        add("rescue_calls", newest_of(*record.calls, [](EventCall const& one) {
                return latest({one.received_at, one.assigned_at, one.done_at});
            }));
    if (record.teams)
        add("rescue_teams",
            reading.past.newest(reading.atlas.view("rescue_teams")->collection,
                                {.recorded = reading.at, .valid = {}}, *policies.teams));
    if (record.bulletins)
        add("storm_bulletins", newest_of(*record.bulletins, [](EventBulletin const& one) {
                return one.confirmed_at;
            }));
}

} // namespace

std::optional<EventRecord> read_event(Atlas const& atlas, data::postgis::PastStore const& past,
                                      std::int64_t event, geo::Instant at,
                                      EventPolicies const& policies) {
    Reading const reading{atlas, past, at};
    auto record = read_head(reading, event, policies.events);
    if (!record) return std::nullopt;
    record->orders = read_part<EventOrder>(reading, "event_orders", policies.orders,
                                           [&](Row const& row) { return order_of(row, event); });
    record->calls = read_part<EventCall>(reading, "rescue_calls", policies.calls,
                                         [&](Row const& row) { return call_of(row, event); });
    record->teams = read_part<EventTeam>(
        reading, "rescue_teams", policies.teams, [](Row const& row) -> std::optional<EventTeam> {
            return EventTeam{row.fid(), row.text("name"), row.text("state"), row.place()};
        });
    record->bulletins = read_part<EventBulletin>(
        reading, "storm_bulletins", policies.bulletins,
        [&](Row const& row) -> std::optional<EventBulletin> {
            if (row.number("event") != event) return std::nullopt;
            return EventBulletin{row.text("key"), row.text("storm"), row.instant("confirmed_at")};
        });
    add_sources(*record, reading, policies);
    return record;
}

} // namespace diaban::services::domain
