#include "services/api/alerts.hpp"

#include "geo/error.hpp"
#include "services/api/access_json.hpp"
#include "services/api/cap_reader.hpp"
#include "services/api/cap_xml.hpp"
#include "services/api/edit_request.hpp"
#include "services/api/work_edit.hpp"
#include "services/http/representation.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace diaban::services::api {

namespace {

using data::postgis::AlertStore;

constexpr char collection[] = "alerts";

http::Response answer_feed(AlertStore const& alerts, http::Context const& context) {
    auto const& policy = context.policy(collection);
    auto const base = std::string{context.origin} + "/cap";
    auto const active = alerts.active(now(), policy);
    return http::represent(context, {"application/atom+xml",
                                     cap_feed(active, policy, base + "/feed", base + "/alerts")});
}

http::Response answer_message(AlertStore const& alerts, http::Context const& context,
                              std::string const& identifier) {
    auto const& policy = context.policy(collection);
    auto const message = alerts.message(identifier, policy);
    if (!message)
        throw geo::Error{geo::Code::not_found, "no-alert", {{"value", identifier.substr(0, 80)}}};
    return http::represent(context, {std::string{cap_type}, cap_document(*message, policy)});
}

StoredRow live_alert(Backing const& backing, http::Context const& context, std::int64_t fid,
                     bool may_be_acknowledged) {
    auto row = stored_row(backing, context, collection, fid);
    auto const state = row.text("state");
    if (state != "open" && !(may_be_acknowledged && state == "acknowledged"))
        throw geo::Error{
            geo::Code::conflict,
            "alert-state",
            {{"value", state}, {"accepted", may_be_acknowledged ? "open, acknowledged" : "open"}}};
    return row;
}

http::Response answer_acknowledge(Backing const& backing, http::Context const& context,
                                  std::int64_t fid) {
    auto const row = live_alert(backing, context, fid, false);
    auto const edit = change_of(row, {{"state", std::string{"acknowledged"}},
                                      {"acknowledged_at", now()},
                                      {"acknowledged_by", read_author(context).who}});
    write_all(backing, context, std::span{&edit, 1});
    return private_json(200, {{"id", fid}, {"state", "acknowledged"}});
}

http::Response answer_close(Backing const& backing, http::Context const& context,
                            std::int64_t fid) {
    auto const row = live_alert(backing, context, fid, true);
    auto const reason = text_in(read_json_body(context, {"application/json"}), "reason");
    auto const edit = change_of(row, {{"state", std::string{"closed"}},
                                      {"closed_at", now()},
                                      {"closed_by", read_author(context).who},
                                      {"close_reason", reason}});
    write_all(backing, context, std::span{&edit, 1});
    return private_json(200, {{"id", fid}, {"state", "closed"}});
}

std::string cap_body(http::Context const& context) {
    auto const& request = context.request;
    auto const type = request.header("content-type");
    auto const media = type.substr(0, std::min(type.find(';'), type.size()));
    if (media != cap_type && media != "application/xml" && media != "text/xml")
        throw geo::Error{geo::Code::unsupported,
                         "unknown-media-type",
                         {{"value", std::string{type.substr(0, 80)}},
                          {"accepted", "application/cap+xml, application/xml, text/xml"}}};
    return std::string{request.body};
}

data::model::Edit alert_of(CapMessage const& message, domain::View const& view) {
    auto const instant = [](std::optional<geo::Instant> const& at) {
        return at ? geo::Value{*at} : geo::Value{};
    };
    auto edit = new_row(view, {{"identifier", message.identity},
                               {"kind", std::string{"notice"}},
                               {"state", std::string{"open"}},
                               {"source_kind", std::string{"cap"}},
                               {"level", std::int64_t{0}},
                               {"event", message.event},
                               {"event_en", message.event_en},
                               {"headline", message.headline},
                               {"headline_en", message.headline_en},
                               {"description", message.description},
                               {"description_en", message.description_en},
                               {"severity", message.severity},
                               {"urgency", message.urgency},
                               {"certainty", message.certainty},
                               {"onset", instant(message.onset)},
                               {"expires", instant(message.expires)},
                               {"opened_at", now()}});
    if (!message.area.empty()) edit.geometry = message.area;
    return edit;
}

/// What it says and what it ends are one transaction. The same again changes nothing.
http::Response answer_cap(Backing const& backing, AlertStore const& alerts,
                          http::Context const& context) {
    auto const& policy = context.edit_policy(collection);
    auto const message = read_cap(cap_body(context));
    if (auto const known = alerts.foreign({message.identity}, policy); !known.empty())
        return private_json(200, {{"id", known.front().fid}, {"ended", Json::array()}});
    std::vector<data::model::Edit> edits;
    std::vector<StoredRow> ended; // which edits refer to
    auto ids = Json::array();
    for (auto const& one : alerts.foreign(message.refers, policy)) {
        if (!one.stands) continue;
        ended.push_back(stored_row(backing, context, collection, one.fid));
        ids.push_back(one.fid);
    }
    for (auto const& row : ended)
        edits.push_back(change_of(row, {{"state", std::string{"closed"}},
                                        {"closed_at", now()},
                                        {"closed_by", message.identity},
                                        {"close_reason", message.type}}));
    auto const view = backing.atlas.view(collection);
    bool const says_more = message.type != "Cancel";
    if (says_more) edits.push_back(alert_of(message, *view));
    if (edits.empty()) return private_json(200, {{"id", nullptr}, {"ended", std::move(ids)}});
    auto const written = write_all(backing, context, edits);
    Json id = nullptr;
    if (says_more) id = written.back();
    return private_json(says_more ? 201 : 200, {{"id", std::move(id)}, {"ended", std::move(ids)}});
}

} // namespace

void add_alerts(http::Router& router, Backing const& backing, AlertStore const& alerts,
                bool writable) {
    using access::Need;
    using http::Context;
    using http::Method;
    router.get(Need::read, "/cap/feed", {},
               [&alerts](Context const& context) { return answer_feed(alerts, context); });
    router.get(Need::read, "/cap/alerts/{messageId}.xml", {},
               [&alerts](Context const& context, std::string const& identifier) {
                   return answer_message(alerts, context, identifier);
               });
    if (!writable) return;
    router.add(Method::post, Need::edit, "/cap/messages", {},
               [&backing, &alerts](Context const& context) {
                   return answer_cap(backing, alerts, context);
               });
    router.add(Method::post, Need::edit, "/alerts/{alertId}/acknowledge", {},
               [&backing](Context const& context, std::int64_t fid) {
                   return answer_acknowledge(backing, context, fid);
               });
    router.add(Method::post, Need::edit, "/alerts/{alertId}/close", {},
               [&backing](Context const& context, std::int64_t fid) {
                   return answer_close(backing, context, fid);
               });
}

} // namespace diaban::services::api
