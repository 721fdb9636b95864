#include "geo/error.hpp"
#include "services/api/access_json.hpp"
#include "services/api/json.hpp"
#include "services/api/parameters.hpp"
#include "services/api/response.hpp"
#include "services/api/work_edit.hpp"
#include "services/domain/event_map.hpp"
#include "services/domain/event_record.hpp"
#include "services/domain/event_report.hpp"
#include "services/domain/local_clock.hpp"
#include "services/print/document_markdown.hpp"
#include "services/print/document_pdf.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <vector>

namespace diaban::services::api {

namespace {

using domain::EventRecord;
using domain::local_clock;

constexpr char events_id[] = "disaster_events";
constexpr std::uint32_t usual_limit = 1000;
constexpr std::uint32_t most_limit = 10'000;

/// Null where the visitor may not see the collection, or not what it is counted by.
geo::Policy const* part_policy(http::Context const& context, std::string_view id,
                               std::initializer_list<std::string_view> counted_by) {
    if (!context.sees(id)) return nullptr;
    auto const& policy = context.policy(id);
    bool const whole = std::ranges::all_of(
        counted_by, [&](std::string_view field) { return policy.sees_field(field); });
    return whole ? &policy : nullptr;
}

/// The instant that is meant: the end of `datetime`, or now, whichever is earlier.
geo::Instant until(std::optional<geo::Period> const& period) {
    auto const at = now();
    return period ? geo::Instant{std::min(period->end, at.microseconds)} : at;
}

EventRecord read(Backing const& backing, http::Context const& context, std::int64_t event,
                 geo::Instant at) {
    auto record = domain::read_event(
        backing.atlas, backing.past, event, at,
        {context.policy(events_id), part_policy(context, "event_orders", {"event", "state"}),
         part_policy(context, "rescue_calls", {"event", "state", "priority", "people"}),
         part_policy(context, "rescue_teams", {"state"}),
         part_policy(context, "storm_bulletins", {"event"})});
    if (!record)
        throw geo::Error{geo::Code::not_found,
                         "no-item",
                         {{"collection", events_id}, {"value", std::to_string(event)}}};
    return *std::move(record);
}

/// What happened, and when.
struct Entry {
    geo::Instant at;
    Json told;
};

class Timeline {
public:
    void add(std::optional<geo::Instant> const& at, char const* kind, Json told) {
        if (!at) return;
        Json entry{{"at", instant_json(at)}, {"kind", kind}};
        entry.update(told);
        m_entries.push_back({*at, std::move(entry)});
    }
    [[nodiscard]] std::vector<Entry> in_order() && {
        std::ranges::stable_sort(m_entries, {}, &Entry::at);
        return std::move(m_entries);
    }

private:
    std::vector<Entry> m_entries;
};

void add_orders_to(Timeline& timeline, std::vector<domain::EventOrder> const& orders) {
    for (auto const& one : orders) {
        Json const about{{"order", one.fid}, {"unit", text_json(one.unit)}};
        auto issued = about;
        issued["to"] = text_json(one.to);
        issued["text"] = text_json(one.text);
        timeline.add(one.issued_at, "order_issued", std::move(issued));
        auto receipt = about;
        receipt["by"] = text_json(one.acknowledged_by);
        timeline.add(one.acknowledged_at, "order_acknowledged", std::move(receipt));
        auto superior = about;
        superior["to"] = text_json(one.escalated_to);
        timeline.add(one.escalated_at, "order_escalated", std::move(superior));
    }
}

Json number_json(std::optional<std::int64_t> const& number) {
    return number ? Json(*number) : Json{};
}

void add_calls_to(Timeline& timeline, std::vector<domain::EventCall> const& calls) {
    for (auto const& one : calls) {
        timeline.add(one.received_at, "call_received",
                     {{"call", one.fid},
                      {"priority", one.priority},
                      {"people", one.people},
                      {"merged_into", number_json(one.merged_into)}});
        timeline.add(one.assigned_at, "call_assigned",
                     {{"call", one.fid}, {"team", number_json(one.team)}});
        timeline.add(one.done_at, "call_done", {{"call", one.fid}});
    }
}

std::vector<Entry> entries_of(EventRecord const& record) {
    Timeline timeline;
    for (auto const& one : record.phases)
        timeline.add(one.at, "phase", {{"phase", one.phase}, {"by", text_json(one.by)}});
    if (record.bulletins)
        for (auto const& one : *record.bulletins)
            timeline.add(one.confirmed_at, "bulletin",
                         {{"bulletin", text_json(one.key)}, {"storm", text_json(one.storm)}});
    if (record.orders) add_orders_to(timeline, *record.orders);
    if (record.calls) add_calls_to(timeline, *record.calls);
    return std::move(timeline).in_order();
}

http::Response answer_timeline(Backing const& backing, http::Context const& context,
                               std::int64_t event) {
    check_json_form(context);
    auto const period = read_datetime(context.query);
    auto const limit = read_limit(context.query, usual_limit, most_limit);
    auto const at = until(period);
    auto const record = read(backing, context, event, at);
    Json list = Json::array();
    std::size_t matched = 0;
    for (auto& entry : entries_of(record)) {
        bool const meant = entry.at <= at && (!period || entry.at.microseconds >= period->begin);
        if (meant && matched++ < limit) list.push_back(std::move(entry.told));
    }
    return private_json(200, {{"event", event},
                              {"name", text_json(record.name)},
                              {"at", instant_json(at)},
                              {"matched", matched},
                              {"entries", std::move(list)}});
}

http::Response answer_report(Backing const& backing, http::Context const& context,
                             std::int64_t event) {
    auto const at = until(read_datetime(context.query));
    auto const record = read(backing, context, event, at);
    auto const report = domain::event_report(record, context.language == http::Language::en);
    auto response =
        http::answer(200, "text/markdown; charset=utf-8", print::document_markdown(report));
    response.with("Cache-Control", "no-store");
    return response;
}

print::Letterhead letterhead(EventRecord const& record, bool english) {
    if (english)
        return {"CIVIL-DEFENCE COMMAND",
                {"SOCIALIST REPUBLIC OF VIET NAM", "Independence - Freedom - Happiness"},
                fmt::format("Situation report, as recorded until {}", local_clock(record.at)),
                "Page"};
    return {"BAN CHỈ HUY PHÒNG THỦ DÂN SỰ",
            {"CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"},
            fmt::format("Báo cáo nhanh, số liệu ghi nhận đến {}", local_clock(record.at)),
            "Trang"};
}

/// The same report as a paper, with a map of what the visitor may see.
http::Response answer_paper(Backing const& backing, http::Context const& context,
                            std::int64_t event) {
    bool const english = context.language == http::Language::en;
    auto const at = until(read_datetime(context.query));
    auto const record = read(backing, context, event, at);
    auto const map = domain::event_map(
        backing.atlas, backing.past, record,
        {part_policy(context, "places", {}), part_policy(context, "facilities", {"kind"})},
        english);
    auto response = http::answer(200, "application/pdf",
                                 print::document_pdf(domain::event_report(record, english),
                                                     letterhead(record, english), map));
    response.with("Cache-Control", "no-store")
        .with("Content-Disposition",
              fmt::format("inline; filename=\"bao-cao-nhanh-{}.pdf\"", event));
    return response;
}

} // namespace

void add_event_reports(http::Router& router, Backing const& backing) {
    router.get(access::Need::read, "/events/{eventId}/timeline", {"datetime", "limit", "f"},
               [&backing](http::Context const& context, std::int64_t event) {
                   return answer_timeline(backing, context, event);
               });
    router.get(access::Need::read, "/events/{eventId}/report", {"datetime"},
               [&backing](http::Context const& context, std::int64_t event) {
                   return answer_report(backing, context, event);
               });
    router.get(access::Need::read, "/events/{eventId}/report.pdf", {"datetime"},
               [&backing](http::Context const& context, std::int64_t event) {
                   return answer_paper(backing, context, event);
               });
}

} // namespace diaban::services::api
