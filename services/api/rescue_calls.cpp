#include "geo/error.hpp"
#include "services/access/secret.hpp"
#include "services/api/access_json.hpp"
#include "services/api/edit_request.hpp"
#include "services/api/json.hpp"
#include "services/api/response.hpp"
#include "services/api/sender_key.hpp"
#include "services/api/work_edit.hpp"
#include "services/domain/time_fields.hpp"
#include "services/domain/triage_record.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::api {

namespace {

using data::model::RescueCall;
using data::postgis::RescueStore;

constexpr char calls_id[] = "rescue_calls";
constexpr char teams_id[] = "rescue_teams";
constexpr char events_id[] = "disaster_events";
constexpr std::int64_t most_people = 10'000;
constexpr double deepest = 20;

std::int64_t count_in(nlohmann::json const& body, char const* name, std::int64_t least,
                      std::int64_t most, std::int64_t otherwise) {
    auto const found = body.find(name);
    if (found == body.end()) return otherwise;
    if (found->is_number_integer())
        if (auto const number = found->get<std::int64_t>(); number >= least && number <= most)
            return number;
    refuse_member(name, found->dump(), std::to_string(least) + " to " + std::to_string(most));
}

double number_in(nlohmann::json const& body, char const* name, double most, double least) {
    auto const found = body.find(name);
    if (found != body.end() && found->is_number()) {
        auto const number = found->get<double>();
        if (std::isfinite(number) && number >= least && number <= most) return number;
    }
    refuse_member(name, found == body.end() ? "" : found->dump(),
                  std::to_string(int(least)) + " to " + std::to_string(int(most)));
}

/// Digits alone, as they are dialled in the country.
std::string phone_in(nlohmann::json const& body) {
    std::string digits;
    for (char const c : text_in(body, "phone", true))
        if (c >= '0' && c <= '9') digits += c;
    if (digits.size() > 20) refuse_member("phone", digits, "20 digits");
    if (digits.starts_with("84")) digits.replace(0, 2, "0");
    return digits;
}

RescueCall read_call(http::Context const& context) {
    auto const body = read_json_body(context, {"application/json"});
    if (!body.is_object()) refuse_member("key", "", "an object with the sender's key");
    RescueCall call;
    call.key = sender_key(body);
    call.event = count_in(body, "event", 1, (std::int64_t{1} << 53) - 1, 0);
    if (call.event == 0) refuse_member("event", "", "the id of a disaster event");
    call.source = text_in(body, "source");
    if (call.source != "112" && call.source != "web")
        refuse_member("source", call.source, "112, web");
    call.text = text_in(body, "text");
    if (call.text.empty()) refuse_member("text", "", "what the caller says");
    call.people = count_in(body, "people", 1, most_people, 1);
    call.vulnerable = count_in(body, "vulnerable", 0, call.people, 0);
    if (body.contains("depth_m")) call.depth = number_in(body, "depth_m", deepest, 0);
    call.at = {number_in(body, "lon", 180, -180), number_in(body, "lat", 90, -90)};
    call.caller = text_in(body, "caller", true);
    call.phone = phone_in(body);
    call.received_at = now();
    return call;
}

/// Calls of the web come from anybody: of one telephone, or of one place where none is given, and
/// in all. Three times what is to be expected of a province in its worst hour; 112 has no limit.
std::vector<data::postgis::SendLimit> limits_of(RescueCall const& call) {
    if (call.source != "web") return {};
    constexpr std::chrono::seconds hour{3600};
    constexpr std::int32_t most_of_one = 20;
    constexpr std::int32_t most_of_all = 3'000;
    auto const client =
        call.phone.empty() ? fmt::format("{:.3f}|{:.3f}", call.at.x, call.at.y) : call.phone;
    return {{access::sha256_of("rescue|" + client), hour, most_of_one},
            {access::sha256_of("rescue"), hour, most_of_all}};
}

/// The event is one that the visitor may know of, and is not over.
void check_event(Backing const& backing, http::Context const& context, std::int64_t event) {
    auto const& policy = context.policy(events_id);
    auto const view = backing.atlas.view(events_id);
    auto const item = backing.store.item(view->collection, event, policy);
    if (!item) refuse_member("event", std::to_string(event), "the id of a disaster event");
    auto const fields = data::model::visible(view->collection.schema, policy).fields;
    for (std::size_t i = 0; i < fields.size(); ++i)
        if (fields[i].name == "phase" &&
            item->feature.values[i] == geo::Value{std::string{"closed"}})
            throw geo::Error{
                geo::Code::conflict, "event-closed", {{"value", std::to_string(event)}}};
}

http::Response answer_call(Backing const& backing, RescueStore const& store,
                           http::Context const& context) {
    auto const& policy = context.edit_policy(calls_id);
    auto const call = read_call(context);
    check_event(backing, context, call.event);
    auto const rules = domain::read_triage_rules(
        *backing.atlas.view("triage_rules"), context.policy("triage_rules"), domain::local_today());
    auto const priority = geo::hazard::triage(rules, {call.people, call.vulnerable, call.depth});
    auto const taken = store.take(
        call,
        [&](std::span<geo::hazard::EarlierCall const> earlier) {
            return RescueStore::Verdict{priority, geo::hazard::merged_into(earlier, call.text)};
        },
        limits_of(call), read_author(context), policy);
    return private_json(taken.repeated ? 200 : 201,
                        {{"id", taken.fid},
                         {"state", taken.state},
                         {"merged_into", taken.merged_into ? Json(*taken.merged_into) : Json{}},
                         {"priority", taken.priority},
                         {"received_at", instant_json(taken.received_at)}});
}

RescueStore::Policies policies_of(http::Context const& context) {
    return {context.edit_policy(calls_id), context.edit_policy(teams_id)};
}

http::Response answer_assign(RescueStore const& store, http::Context const& context,
                             std::int64_t fid) {
    auto const policies = policies_of(context);
    auto const sent = store.assign(fid, now(), read_author(context), policies);
    bool const named = policies.teams.sees_field("name");
    return private_json(200, {{"id", fid},
                              {"state", "assigned"},
                              {"team", sent.team},
                              {"team_name", named ? text_json(sent.name) : Json{}},
                              {"capacity", sent.capacity ? Json(*sent.capacity) : Json{}},
                              {"people", sent.people},
                              {"distance_m", std::round(sent.metres * 10) / 10},
                              {"assigned_at", instant_json(sent.assigned_at)},
                              {"method", "nearest free team by the geodesic of WGS 84"}});
}

http::Response answer_done(RescueStore const& store, http::Context const& context,
                           std::int64_t fid) {
    auto const at = store.finish(fid, now(), read_author(context), policies_of(context));
    return private_json(200, {{"id", fid}, {"state", "done"}, {"done_at", instant_json(at)}});
}

} // namespace

void add_rescue_calls(http::Router& router, Backing const& backing, RescueStore const& store) {
    using access::Need;
    using http::Context;
    using http::Method;
    router.add(Method::post, Need::edit, "/rescue-calls", {},
               [&backing, &store](Context const& context) {
                   return answer_call(backing, store, context);
               });
    router.add(Method::post, Need::edit, "/rescue-calls/{callId}/assign", {},
               [&store](Context const& context, std::int64_t fid) {
                   return answer_assign(store, context, fid);
               });
    router.add(Method::post, Need::edit, "/rescue-calls/{callId}/done", {},
               [&store](Context const& context, std::int64_t fid) {
                   return answer_done(store, context, fid);
               });
}

} // namespace diaban::services::api
