#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "services/api/access_json.hpp"
#include "services/api/edit_request.hpp"
#include "services/api/json.hpp"
#include "services/api/parameters.hpp"
#include "services/api/work.hpp"
#include "services/api/work_edit.hpp"
#include "services/domain/work.hpp"
#include "services/http/representation.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace diaban::services::api {

namespace {

using domain::Task;

constexpr std::array<std::string_view, 6> kinds{"indicator", "place",   "report",
                                                "alert",     "dossier", "directive"};
constexpr std::array<std::string_view, 5> states{"open", "reported", "returned", "accepted",
                                                 "overdue"};
constexpr std::uint32_t usual_limit = 100;
constexpr std::uint32_t most_limit = 1000;

Json describe(Task const& task, geo::Instant at) {
    return {{"id", task.fid},
            {"title", task.title},
            {"subject", {{"kind", task.subject_kind}, {"id", task.subject}}},
            {"place", text_json(task.place_code)},
            {"office", task.office},
            {"deadline", instant_json(task.deadline)},
            {"state", task.state},
            {"overdue", is_overdue(task, at)},
            {"evidence", text_json(task.evidence)},
            {"reported_at", instant_json(task.reported_at)},
            {"reason", text_json(task.reason)},
            {"asked_by", text_json(task.asked_by)},
            {"closed_by", text_json(task.closed_by)}};
}

std::vector<Task> visible_tasks(Backing const& backing, http::Context const& context) {
    auto const& policy = context.policy("tasks");
    return domain::read_tasks(*backing.atlas.view("tasks"), policy);
}

Json by_office(std::span<Task const> tasks, geo::Instant at) {
    struct Count {
        int open = 0, reported = 0, returned = 0, accepted = 0, overdue = 0;
    };
    std::map<std::string, Count> offices;
    for (auto const& task : tasks) {
        auto& count = offices[task.office];
        count.open += task.state == "open";
        count.reported += task.state == "reported";
        count.returned += task.state == "returned";
        count.accepted += task.state == "accepted";
        count.overdue += is_overdue(task, at);
    }
    Json list = Json::array();
    for (auto const& [office, count] : offices)
        list.push_back({{"office", office},
                        {"open", count.open},
                        {"reported", count.reported},
                        {"returned", count.returned},
                        {"accepted", count.accepted},
                        {"overdue", count.overdue}});
    return list;
}

http::Response answer_list(Backing const& backing, http::Context const& context) {
    check_json_form(context);
    auto const& query = context.query;
    auto const state = query.find("state");
    if (state && std::ranges::find(states, *state) == states.end())
        refuse_parameter("state", *state, "open, reported, returned, accepted, overdue");
    auto const office = query.find("office");
    auto const place = query.find("place");
    auto const limit = read_limit(query, usual_limit, most_limit);
    auto const at = now();
    auto const all = visible_tasks(backing, context);
    Json list = Json::array();
    std::size_t matched = 0;
    for (auto const& task : all) {
        bool const wanted =
            !state || (*state == "overdue" ? is_overdue(task, at) : task.state == *state);
        if (!wanted || (office && task.office != *office) || (place && task.place_code != *place))
            continue;
        if (matched++ < limit) list.push_back(describe(task, at));
    }
    return http::represent(context, {"application/json", dump({{"tasks", std::move(list)},
                                                               {"matched", matched},
                                                               {"offices", by_office(all, at)}})});
}

/// The task as it now is; without its values where this node does not show it yet.
Json told(Backing const& backing, http::Context const& context, std::int64_t fid) {
    for (auto const& task : visible_tasks(backing, context))
        if (task.fid == fid) return describe(task, now());
    return {{"id", fid}};
}

geo::Instant deadline_in(nlohmann::json const& body) {
    auto const text = text_in(body, "deadline");
    if (auto const instant = geo::codec::read_instant(text)) return *instant;
    refuse_member("deadline", text, "2026-03-01T10:00:00Z");
}

geo::Value or_null(std::string text) {
    return text.empty() ? geo::Value{} : geo::Value{std::move(text)};
}

http::Response answer_new(Backing const& backing, http::Context const& context) {
    (void)context.edit_policy("tasks");
    auto const body = read_json_body(context, {"application/json"});
    if (!body.is_object() || !body.contains("subject") || !body["subject"].is_object())
        refuse_member("subject", "", "{kind, id}");
    auto const kind = text_in(body["subject"], "kind");
    if (std::ranges::find(kinds, kind) == kinds.end())
        refuse_member("subject", kind, "indicator, place, report, alert, dossier, directive");
    auto const subject = text_in(body["subject"], "id");
    auto const title = text_in(body, "title");
    auto const office = text_in(body, "office");
    for (auto const& [name, text] :
         {std::pair{"id", subject}, {"title", title}, {"office", office}})
        if (text.empty()) refuse_member(name, text, "a text");
    auto const view = backing.atlas.view("tasks");
    auto const fids =
        write_all(backing, context,
                  std::array{new_row(*view, {{"title", title},
                                             {"subject_kind", kind},
                                             {"subject", subject},
                                             {"place_code", or_null(text_in(body, "place", true))},
                                             {"office", office},
                                             {"deadline", deadline_in(body)},
                                             {"state", std::string{"open"}},
                                             {"asked_by", or_null(context.visitor.login)}})});
    return private_json(201, told(backing, context, fids.front()));
}

/// The task, if it stands at one of those steps.
StoredRow at_step(Backing const& backing, http::Context const& context, std::int64_t fid,
                  std::initializer_list<std::string_view> accepted) {
    auto row = stored_row(backing, context, "tasks", fid);
    auto const state = row.text("state");
    if (std::ranges::find(accepted, state) == accepted.end()) {
        std::string words;
        for (auto const one : accepted) words.append(words.empty() ? "" : ", ").append(one);
        throw geo::Error{
            geo::Code::conflict, "task-state", {{"value", state}, {"accepted", words}}};
    }
    return row;
}

http::Response answer_report(Backing const& backing, http::Context const& context,
                             std::int64_t fid) {
    auto const row = at_step(backing, context, fid, {"open", "returned"});
    auto const body = read_json_body(context, {"application/json"});
    auto const evidence = text_in(body, "evidence");
    if (evidence.empty()) refuse_member("evidence", evidence, "what shows that it is done");
    write_all(backing, context,
              std::array{change_of(row, {{"state", std::string{"reported"}},
                                         {"evidence", evidence},
                                         {"reported_at", now()},
                                         {"reason", geo::Value{}}})});
    return private_json(200, told(backing, context, fid));
}

http::Response answer_accept(Backing const& backing, http::Context const& context,
                             std::int64_t fid) {
    auto const row = at_step(backing, context, fid, {"reported"});
    write_all(backing, context,
              std::array{change_of(row, {{"state", std::string{"accepted"}},
                                         {"closed_by", or_null(context.visitor.login)}})});
    return private_json(200, told(backing, context, fid));
}

http::Response answer_return(Backing const& backing, http::Context const& context,
                             std::int64_t fid) {
    auto const row = at_step(backing, context, fid, {"reported"});
    auto const body = read_json_body(context, {"application/json"});
    auto const reason = text_in(body, "reason");
    if (reason.empty()) refuse_member("reason", reason, "what is missing");
    write_all(backing, context,
              std::array{change_of(row, {{"state", std::string{"returned"}},
                                         {"reason", reason},
                                         {"closed_by", or_null(context.visitor.login)}})});
    return private_json(200, told(backing, context, fid));
}

} // namespace

void add_tasks(http::Router& router, Backing const& backing, bool writable) {
    using access::Need;
    using http::Context;
    using http::Method;
    router.get(Need::read, "/tasks", {"state", "office", "place", "limit", "f"},
               [&backing](Context const& context) { return answer_list(backing, context); });
    if (!writable) return;
    router.add(Method::post, Need::edit, "/tasks", {},
               [&backing](Context const& context) { return answer_new(backing, context); });
    router.add(Method::post, Need::edit, "/tasks/{taskId}/report", {},
               [&backing](Context const& context, std::int64_t fid) {
                   return answer_report(backing, context, fid);
               });
    router.add(Method::post, Need::edit, "/tasks/{taskId}/accept", {},
               [&backing](Context const& context, std::int64_t fid) {
                   return answer_accept(backing, context, fid);
               });
    router.add(Method::post, Need::edit, "/tasks/{taskId}/return", {},
               [&backing](Context const& context, std::int64_t fid) {
                   return answer_return(backing, context, fid);
               });
}

} // namespace diaban::services::api
