#include "geo/error.hpp"
#include "services/api/access_json.hpp"
#include "services/api/edit_request.hpp"
#include "services/api/json.hpp"
#include "services/api/response.hpp"
#include "services/api/work_edit.hpp"
#include "services/domain/column_values.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

namespace diaban::services::api {

namespace {

constexpr char events_id[] = "disaster_events";
constexpr char orders_id[] = "event_orders";
constexpr char roster_id[] = "duty_roster";
constexpr std::array<std::string_view, 5> phases{"watch", "prepare", "respond", "recover",
                                                 "closed"};
constexpr std::size_t most_units = 500;
constexpr std::int64_t usual_minutes = 10;
constexpr std::int64_t most_minutes = 1440;

/// An event that is not closed.
StoredRow open_event(Backing const& backing, http::Context const& context, std::int64_t fid) {
    auto row = stored_row(backing, context, events_id, fid);
    if (row.text("phase") == "closed")
        throw geo::Error{geo::Code::conflict, "event-closed", {{"value", std::to_string(fid)}}};
    return row;
}

http::Response answer_phase(Backing const& backing, http::Context const& context,
                            std::int64_t fid) {
    auto const row = open_event(backing, context, fid);
    auto const phase = text_in(read_json_body(context, {"application/json"}), "phase");
    if (std::ranges::find(phases, phase) == phases.end())
        refuse_member("phase", phase, "watch, prepare, respond, recover, closed");
    auto edit = phase == "closed" ? change_of(row, {{"phase", phase}, {"ends_at", now()}})
                                  : change_of(row, {{"phase", phase}});
    write_all(backing, context, std::array{std::move(edit)});
    return private_json(200, {{"id", fid}, {"phase", phase}});
}

/// Who is on duty in a unit, and under whom.
struct Duty {
    std::string name;
    std::string superior;
};

std::map<std::string, Duty> read_roster(Backing const& backing, http::Context const& context) {
    static constexpr std::array<std::string_view, 3> names{"unit", "name", "superior"};
    std::map<std::string, Duty> roster;
    auto const view = backing.atlas.view(roster_id);
    domain::for_each_row(*view, context.policy(roster_id), names,
                         [&](std::int64_t, auto const& at, std::size_t row) {
                             roster[at[0].text(row)] = {at[1].text(row), at[2].text(row)};
                         });
    return roster;
}

struct NewOrder {
    std::string text;
    std::vector<std::string> units;
    std::int64_t due_minutes = usual_minutes;
};

NewOrder read_order(http::Context const& context) {
    auto const body = read_json_body(context, {"application/json"});
    NewOrder order;
    order.text = text_in(body, "text");
    if (order.text.empty()) refuse_member("text", "", "what is ordered");
    order.units = words_in(body, "units");
    std::ranges::sort(order.units);
    auto const twice = std::ranges::adjacent_find(order.units);
    if (twice != order.units.end()) refuse_member("units", *twice, "each unit once");
    if (order.units.empty() || order.units.size() > most_units)
        refuse_member("units", std::to_string(order.units.size()),
                      "1 to " + std::to_string(most_units) + " codes of units");
    if (auto const minutes = body.find("due_minutes"); minutes != body.end()) {
        bool const whole = minutes->is_number_integer();
        order.due_minutes = whole ? minutes->get<std::int64_t>() : 0;
        if (order.due_minutes < 1 || order.due_minutes > most_minutes)
            refuse_member("due_minutes", minutes->dump(),
                          "1 to " + std::to_string(most_minutes) + " minutes");
    }
    return order;
}

/// One row a unit, in the unit's scope: its command sees its own orders.
http::Response answer_new(Backing const& backing, http::Context const& context,
                          std::int64_t event) {
    auto const& policy = context.edit_policy(orders_id);
    (void)open_event(backing, context, event);
    auto const order = read_order(context);
    auto const roster = read_roster(backing, context);
    auto const view = backing.atlas.view(orders_id);
    auto const author = read_author(context);
    auto const at = now();
    std::vector<data::model::Edit> edits;
    std::vector<geo::Policy> scopes;
    for (auto const& unit : order.units) {
        if (!policy.sees_scope(unit)) throw geo::Error{geo::Code::forbidden, "edit-scope"};
        auto const duty = roster.find(unit);
        if (duty == roster.end())
            refuse_member("units", unit, "units with somebody on the duty roster");
        edits.push_back(new_row(*view, {{"event", event},
                                        {"unit", unit},
                                        {"to_whom", duty->second.name},
                                        {"superior", duty->second.superior},
                                        {"text", order.text},
                                        {"issued_at", at},
                                        {"issued_by", author.who},
                                        {"due_minutes", order.due_minutes},
                                        {"state", std::string{"issued"}}}));
        scopes.push_back(geo::Policy::limited({unit}, policy.level()));
    }
    std::vector<geo::Policy const*> policies;
    for (auto const& one : scopes) policies.push_back(&one);
    auto const fids = backing.editing.write_all(edits, author, policies);
    Json list = Json::array();
    for (std::size_t i = 0; i < fids.size(); ++i)
        list.push_back(
            {{"id", fids[i]}, {"unit", order.units[i]}, {"to", roster.at(order.units[i]).name}});
    return private_json(201, {{"issued_at", instant_json(at)},
                              {"due_minutes", order.due_minutes},
                              {"orders", std::move(list)}});
}

/// A receipt counts after its minutes, too: the superior is told, and the order is acknowledged.
http::Response answer_acknowledge(Backing const& backing, http::Context const& context,
                                  std::int64_t fid) {
    auto const row = stored_row(backing, context, orders_id, fid);
    auto const state = row.text("state");
    if (state == "acknowledged")
        throw geo::Error{geo::Code::conflict,
                         "order-state",
                         {{"value", state}, {"accepted", "issued, escalated"}}};
    auto const at = now();
    auto const who = read_author(context).who;
    write_all(backing, context,
              std::array{change_of(row, {{"state", std::string{"acknowledged"}},
                                         {"acknowledged_at", at},
                                         {"acknowledged_by", who}})});
    return private_json(200, {{"id", fid},
                              {"state", "acknowledged"},
                              {"acknowledged_at", instant_json(at)},
                              {"acknowledged_by", who}});
}

} // namespace

void add_orders(http::Router& router, Backing const& backing) {
    using access::Need;
    using http::Context;
    using http::Method;
    router.add(Method::post, Need::edit, "/events/{eventId}/phase", {},
               [&backing](Context const& context, std::int64_t fid) {
                   return answer_phase(backing, context, fid);
               });
    router.add(Method::post, Need::edit, "/events/{eventId}/orders", {},
               [&backing](Context const& context, std::int64_t fid) {
                   return answer_new(backing, context, fid);
               });
    router.add(Method::post, Need::edit, "/orders/{orderId}/acknowledge", {},
               [&backing](Context const& context, std::int64_t fid) {
                   return answer_acknowledge(backing, context, fid);
               });
}

} // namespace diaban::services::api
