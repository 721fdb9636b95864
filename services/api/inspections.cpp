#include "services/api/inspections.hpp"

#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "services/api/access_json.hpp"
#include "services/api/edit_request.hpp"
#include "services/api/json.hpp"
#include "services/api/parameters.hpp"
#include "services/api/sender_key.hpp"
#include "services/api/work_edit.hpp"
#include "services/domain/time_fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>
#include <vector>

namespace diaban::services::api {

namespace {

using data::model::InspectionMove;
using data::model::NewInspection;
using data::postgis::InspectionStore;

constexpr char inspectors_id[] = "land_inspectors";
constexpr char indicators_id[] = "indicators";
constexpr std::size_t longest_login = 100;
constexpr double most_m2 = 1e9;
constexpr std::array<std::string_view, 7> states{"new",    "assigned", "inspected", "decided",
                                                 "closed", "open",     "overdue"};

InspectionStore::Policies policies_of(http::Context const& context) {
    return {context.edit_policy(inspection_cases_id), context.policy("parcels"),
            context.policy(inspectors_id)};
}

double number_in(nlohmann::json const& body, char const* name, double least, double most) {
    auto const found = body.find(name);
    if (found != body.end() && found->is_number()) {
        auto const number = found->get<double>();
        if (std::isfinite(number) && number >= least && number <= most) return number;
    }
    refuse_member(name, found == body.end() ? "" : found->dump().substr(0, 40),
                  fmt::format("{}..{}", least, most));
}

std::int64_t fid_in(nlohmann::json const& body, char const* name) {
    auto const found = body.find(name);
    if (found != body.end() && found->is_number_integer())
        if (auto const fid = found->get<std::int64_t>(); fid > 0) return fid;
    refuse_member(name, found == body.end() ? "" : found->dump().substr(0, 40),
                  "the number of a parcel");
}

std::string needed_text(nlohmann::json const& body, char const* name, char const* accepted) {
    auto text = text_in(body, name);
    if (text.empty()) refuse_member(name, "", accepted);
    return text;
}

std::optional<geo::Date> day_in(nlohmann::json const& body, char const* name) {
    auto const text = text_in(body, name, true);
    if (text.empty()) return std::nullopt;
    auto const day = geo::codec::read_date(text);
    if (!day) refuse_member(name, text.substr(0, 40), "2026-12-01");
    return day;
}

/// What the process says, in words of a record.
std::string in_words(std::string const& code) {
    static std::map<std::string, std::string> const words{
        {"built", "công trình"}, {"crop", "cây trồng"},    {"forest", "rừng"},
        {"grass", "cỏ"},         {"water", "mặt nước"},    {"bare", "đất trống"},
        {"high", "cao"},         {"medium", "trung bình"}, {"low", "thấp"}};
    auto const found = words.find(code);
    return found == words.end() ? code : found->second;
}

/// A suspect as the process `land-use-suspects` tells it: what is suspected names the case.
void read_suspect(nlohmann::json const& suspect, NewInspection& asked) {
    if (!suspect.is_object())
        refuse_member("suspect", suspect.dump().substr(0, 40), "properties of a suspect");
    auto const reason = text_in(suspect, "reason");
    if (reason != "departs" && reason != "change-record-missing")
        refuse_member("reason", reason, "departs, change-record-missing");
    auto const seen = needed_text(suspect, "seen", "a kind of cover");
    auto const registered = needed_text(suspect, "registered", "a land-use code");
    auto const told = [&](char const* name) {
        auto const found = suspect.find(name);
        return found == suspect.end() || found->is_null() ? std::string{} : text_in(suspect, name);
    };
    auto const planned = told("planned");
    asked.origin = "suspicion";
    asked.parcel = fid_in(suspect, "parcel");
    asked.reference = reason + "/" + seen;
    asked.reason = fmt::format(
        "{}: ghi trong sổ {}, quy hoạch {}; ảnh cho thấy {} {:.0f} m² trên thửa {:.0f} m² "
        "(mức chắc chắn: {})",
        reason == "departs" ? "Nghi sai mục đích" : "Chưa ghi biến động", registered,
        planned.empty() ? "không rõ" : planned, in_words(seen),
        number_in(suspect, "seen_m2", 0, most_m2), number_in(suspect, "parcel_m2", 0, most_m2),
        in_words(needed_text(suspect, "certainty", "low, medium, high")));
}

NewInspection read_new(http::Context const& context) {
    auto const body = read_json_body(context, {"application/json"});
    if (!body.is_object()) refuse_member("key", "", "an object with the sender's key");
    NewInspection asked;
    asked.due_on = day_in(body, "due_on");
    if (auto const suspect = body.find("suspect"); suspect != body.end()) {
        read_suspect(*suspect, asked);
        return asked;
    }
    asked.key = sender_key(body);
    asked.origin = text_in(body, "origin");
    if (asked.origin != "report" && asked.origin != "plan" && asked.origin != "hand")
        refuse_member("origin", asked.origin, "report, plan, hand, or a suspect");
    asked.reference = text_in(body, "reference", true);
    asked.reason = needed_text(body, "reason", "why it is to be looked at");
    if (body.contains("parcel"))
        asked.parcel = fid_in(body, "parcel");
    else
        asked.at = {number_in(body, "lon", -180, 180), number_in(body, "lat", -90, 90)};
    return asked;
}

Json describe_row(geo::Feature const& feature, std::vector<geo::Field> const& fields) {
    std::string text;
    append_properties(text, feature, fields);
    Json told{{"id", feature.fid}};
    told.update(Json::parse(text));
    if (auto const answers = told.find("answers"); answers != told.end() && answers->is_string())
        *answers = Json::parse(answers->get<std::string>());
    if (!feature.geometry.positions.empty()) {
        auto const& at = feature.geometry.positions.front();
        told["lon"] = at.x;
        told["lat"] = at.y;
    }
    return told;
}

/// Rows of a collection as objects, in the order of `fids`.
Json describe_rows(Backing const& backing, char const* collection,
                   std::vector<std::int64_t> const& fids, geo::Policy const& policy) {
    auto const view = backing.atlas.view(collection);
    auto const fields = data::model::visible(view->collection.schema, policy).fields;
    std::map<std::int64_t, Json> rows;
    for (auto const& feature : backing.store.by_fids(view->collection, fids, policy))
        rows.emplace(feature.fid, describe_row(feature, fields));
    auto list = Json::array();
    for (auto const fid : fids)
        if (auto const found = rows.find(fid); found != rows.end())
            list.push_back(std::move(found->second));
    return list;
}

Json describe_steps(std::vector<data::model::InspectionStep> const& steps) {
    auto list = Json::array();
    for (auto const& step : steps)
        list.push_back({{"move", step.move},
                        {"state", step.state},
                        {"assignee", text_json(step.assignee)},
                        {"who", step.who},
                        {"why", text_json(step.why)},
                        {"at", instant_json(step.at)}});
    return list;
}

http::Response answer_list(Backing const& backing, InspectionBacking const& inspections,
                           http::Context const& context) {
    auto const& policy = context.policy(inspection_cases_id);
    data::model::InspectionQuestion asked;
    asked.state = context.query.find("state").value_or("");
    if (!asked.state.empty() && std::ranges::find(states, asked.state) == states.end())
        refuse_parameter("state", asked.state, fmt::format("{}", fmt::join(states, ", ")));
    asked.assignee = context.query.find("assignee").value_or("");
    if (asked.assignee.size() > longest_login)
        refuse_parameter("assignee", asked.assignee.substr(0, 40), "me, or an account");
    auto const me = read_author(context).who;
    if (asked.assignee == "me") asked.assignee = me;
    asked.limit = read_limit(context.query, 50, 200);
    auto const at = now();
    auto const list = inspections.cases.cases(asked, at, policy);
    auto const counts = inspections.cases.counts(me, at, policy);
    auto response = private_json(
        200, {{"cases", describe_rows(backing, inspection_cases_id, list.fids, policy)},
              {"matched", list.matched},
              {"counts",
               {{"all", counts.all},
                {"open", counts.open},
                {"overdue", counts.overdue},
                {"mine", counts.mine}}}});
    response.nothing = counts.all == 0;
    return response;
}

/// Who inspects where the case lies, for those who may know them.
Json inspectors_of(InspectionBacking const& inspections, http::Context const& context,
                   std::int64_t fid) {
    auto list = Json::array();
    if (!context.sees(inspectors_id)) return list;
    auto const& policy = context.policy(inspection_cases_id);
    for (auto const& one :
         inspections.cases.inspectors(fid, {policy, policy, context.policy(inspectors_id)}))
        list.push_back({{"office", one.office}, {"login", one.login}, {"open", one.open}});
    return list;
}

/// The values of indicators that the case's decision counts towards, for those who may know them.
Json counted_of(Backing const& backing, InspectionBacking const& inspections,
                http::Context const& context, std::int64_t fid) {
    if (!context.sees(indicators_id)) return Json::array();
    auto const& policy = context.policy(indicators_id);
    return describe_rows(
        backing, indicators_id,
        inspections.cases.counted(fid, context.policy(inspection_cases_id), policy), policy);
}

template <class T>
std::optional<T> value_of(StoredRow const& row, std::string_view name) {
    for (std::size_t i = 0; i < row.shown.fields.size(); ++i)
        if (row.shown.fields[i].name == name)
            if (auto const* const value = std::get_if<T>(&row.item.feature.values[i]))
                return *value;
    return std::nullopt;
}

http::Response answer_case(Backing const& backing, InspectionBacking const& inspections,
                           http::Context const& context, std::int64_t fid) {
    auto const& policy = context.policy(inspection_cases_id);
    auto list = describe_rows(backing, inspection_cases_id, {fid}, policy);
    if (list.empty())
        throw geo::Error{geo::Code::not_found,
                         "no-item",
                         {{"collection", inspection_cases_id}, {"value", std::to_string(fid)}}};
    auto told = std::move(list.front());
    auto const since = geo::codec::read_date(told.value("checklist", std::string{}));
    told["items"] = Json::parse(inspections.cases.checklist(since.value_or(geo::Date{})));
    auto moves = Json::array();
    for (auto const& move : inspections.cases.moves())
        if (move.from == told.value("state", std::string{})) moves.push_back(move.move);
    told["moves"] = std::move(moves);
    auto photos = Json::array();
    if (context.sees(case_photos_id)) {
        auto const& of = context.policy(case_photos_id);
        photos = describe_rows(backing, case_photos_id, inspections.photos.photos(fid, of), of);
    }
    told["photos"] = std::move(photos);
    told["steps"] = describe_steps(inspections.cases.steps(fid, policy));
    told["inspectors"] = inspectors_of(inspections, context, fid);
    told["counted"] = counted_of(backing, inspections, context, fid);
    return private_json(200, told);
}

http::Response answer_open(Backing const& backing, InspectionBacking const& inspections,
                           http::Context const& context) {
    auto const policies = policies_of(context);
    auto const opened =
        inspections.cases.open(read_new(context), now(), read_author(context), policies);
    auto list = describe_rows(backing, inspection_cases_id, {opened.fid}, policies.cases);
    return private_json(opened.repeated ? 200 : 201, list.empty() ? Json::object() : list.front());
}

/// The step that is asked for, as the table allows it in that state.
InspectionMove allowed_move(std::vector<InspectionMove> const& moves, std::string const& name,
                            std::string const& state) {
    std::string known;
    std::string accepted;
    for (auto const& move : moves) {
        if (move.move == name && move.from == state) return move;
        if (move.move == name) accepted += (accepted.empty() ? "" : ", ") + move.from;
        if (known.find(move.move) == std::string::npos)
            known += (known.empty() ? "" : ", ") + move.move;
    }
    if (accepted.empty()) refuse_member("move", name, known);
    throw geo::Error{geo::Code::conflict,
                     "case-state",
                     {{"value", state}, {"move", name}, {"accepted", accepted}}};
}

/// Every item of the checklist with one of its answers, and nothing else.
std::string answers_in(nlohmann::json const& body, std::string const& items) {
    auto const found = body.find("answers");
    if (found == body.end() || !found->is_object())
        refuse_member("answers", "", "an answer to every item of the checklist");
    auto const listed = nlohmann::json::parse(items);
    for (auto const& item : listed) {
        auto const key = item["key"].get<std::string>();
        auto const& accepted = item["accepted"];
        auto const answer = found->find(key);
        if (answer == found->end() || std::ranges::find(accepted, *answer) == accepted.end())
            refuse_member("answers",
                          key + (answer == found->end() ? "" : ": " + answer->dump().substr(0, 40)),
                          accepted.dump());
    }
    if (found->size() != listed.size())
        refuse_member("answers", found->dump().substr(0, 40), "items of the checklist alone");
    return found->dump();
}

data::model::Edit inspected(InspectionBacking const& inspections, StoredRow const& row,
                            nlohmann::json const& body, InspectionMove const& move) {
    auto const answers = answers_in(
        body,
        inspections.cases.checklist(value_of<geo::Date>(row, "checklist").value_or(geo::Date{})));
    auto const finding = needed_text(body, "finding", "what was found");
    geo::Value area;
    geo::Value error;
    if (body.contains("measured_m2") || body.contains("error_m2")) {
        area = number_in(body, "measured_m2", 0, most_m2);
        error = number_in(body, "error_m2", 0, most_m2);
    }
    return change_of(row, {{"state", move.to},
                           {"move", move.move},
                           {"answers", answers},
                           {"finding", finding},
                           {"measured_m2", area},
                           {"error_m2", error}});
}

data::model::Edit assigned(InspectionBacking const& inspections, http::Context const& context,
                           StoredRow const& row, nlohmann::json const& body,
                           InspectionMove const& move) {
    auto const login = text_in(body, "assignee", true);
    auto const inspector =
        inspections.cases.lightest(row.item.feature.fid, login, policies_of(context));
    if (inspector.login.empty())
        refuse_member("assignee", login.substr(0, 40), "who inspects in this unit");
    return change_of(row, {{"state", move.to},
                           {"move", move.move},
                           {"office", inspector.office},
                           {"assignee", inspector.login}});
}

/// What a decision says of agricultural land, and of how much of it: as it was measured, unless it
/// says another area. Empty where it says nothing.
std::pair<geo::Value, geo::Value> effect_in(InspectionBacking const& inspections,
                                            http::Context const& context, StoredRow const& row,
                                            nlohmann::json const& body) {
    auto const effect = text_in(body, "effect", true);
    if (effect.empty()) return {};
    if (effect == "none") return {effect, {}};
    if (effect != "lost" && effect != "restored")
        refuse_member("effect", effect.substr(0, 40), "lost, restored, none");
    auto area = value_of<double>(row, "measured_m2");
    if (body.contains("effect_m2")) area = number_in(body, "effect_m2", 0, most_m2);
    if (!area || *area <= 0)
        refuse_member("effect_m2", "", "how much, in m², where no area was measured");
    auto const parcel = value_of<std::int64_t>(row, "parcel");
    if (parcel &&
        inspections.cases.is_no_farmland(*parcel, domain::local_today(), context.policy("parcels")))
        refuse_member("effect", effect, "none: the parcel is not agricultural land");
    return {effect, *area};
}

data::model::Edit decided(InspectionBacking const& inspections, http::Context const& context,
                          StoredRow const& row, nlohmann::json const& body,
                          InspectionMove const& move) {
    auto const decision = needed_text(body, "decision", "what is decided");
    auto const [effect, area] = effect_in(inspections, context, row, body);
    geo::Value follow_up;
    if (auto const day = day_in(body, "follow_up_on")) follow_up = *day;
    return change_of(row, {{"state", move.to},
                           {"move", move.move},
                           {"decision", decision},
                           {"effect", effect},
                           {"effect_m2", area},
                           {"follow_up_on", follow_up}});
}

http::Response answer_move(Backing const& backing, InspectionBacking const& inspections,
                           http::Context const& context, std::int64_t fid) {
    auto const row = stored_row(backing, context, inspection_cases_id, fid);
    auto const body = read_json_body(context, {"application/json"});
    if (!body.is_object()) refuse_member("move", "", "assign, inspect, decide, close");
    auto const move =
        allowed_move(inspections.cases.moves(), text_in(body, "move"), row.text("state"));
    data::model::Edit edit;
    if (move.move == "assign")
        edit = assigned(inspections, context, row, body, move);
    else if (move.move == "inspect")
        edit = inspected(inspections, row, body, move);
    else if (move.move == "decide")
        edit = decided(inspections, context, row, body, move);
    else
        edit = change_of(row, {{"state", move.to}, {"move", move.move}});
    write_all(backing, context, std::array{std::move(edit)});
    auto list =
        describe_rows(backing, inspection_cases_id, {fid}, context.policy(inspection_cases_id));
    return private_json(200, list.empty() ? Json::object() : list.front());
}

} // namespace

void add_inspections(http::Router& router, Backing const& backing,
                     InspectionBacking const& inspections, bool writable) {
    using access::Need;
    using http::Context;
    using http::Method;
    router.get(Need::read, "/land/cases", {"state", "assignee", "limit"},
               [&backing, inspections](Context const& context) {
                   return answer_list(backing, inspections, context);
               });
    router.get(Need::read, "/land/cases/{caseId}", {},
               [&backing, inspections](Context const& context, std::int64_t fid) {
                   return answer_case(backing, inspections, context, fid);
               });
    if (!writable) return;
    router.add(Method::post, Need::edit, "/land/cases", {},
               [&backing, inspections](Context const& context) {
                   return answer_open(backing, inspections, context);
               });
    router.add(Method::post, Need::edit, "/land/cases/{caseId}/moves", {},
               [&backing, inspections](Context const& context, std::int64_t fid) {
                   return answer_move(backing, inspections, context, fid);
               });
}

} // namespace diaban::services::api
