#include "services/api/packs.hpp"

#include "data/packs/returned_pack.hpp"
#include "geo/error.hpp"
#include "services/api/access_json.hpp"
#include "services/api/edit_request.hpp"
#include "services/api/inspections.hpp"
#include "services/api/json.hpp"
#include "services/api/parameters.hpp"
#include "services/api/work_edit.hpp"
#include "services/domain/field_pack_process.hpp"
#include "services/domain/job_work.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>

namespace diaban::services::api {

namespace {

using data::model::Job;
using data::model::JobState;
using data::postgis::PackStore;

constexpr char inspectors_id[] = "land_inspectors";
constexpr std::array<std::string_view, 3> pack_types{
    "application/geopackage+sqlite3", "application/vnd.sqlite3", "application/octet-stream"};
constexpr std::chrono::minutes ready_for{10}; ///< so long a pack is given again
constexpr std::chrono::seconds told_for{60};  ///< so long it is said why there is none

/// Who made or sent back a pack, and why the record changes.
data::model::Author author_of(http::Context const& context, std::string const& pack) {
    auto author = read_author(context);
    if (author.why.empty()) author.why = "Gói thực địa " + pack;
    return author;
}

/// The newest job for the same pack, as the visitor would be given it now.
std::optional<Job> known_job(JobDesk const& desk, http::Context const& context,
                             Json const& inputs) {
    for (auto& job :
         desk.queue.list(read_author(context).who,
                         {.states = {}, .processes = {domain::field_pack_id}, .limit = 50}))
        if (Json::parse(job.request.inputs) == inputs && still_sees(context, job))
            return std::move(job);
    return std::nullopt;
}

bool within(Job const& job, std::chrono::seconds age) {
    using std::chrono::microseconds;
    return job.finished && now().microseconds - job.finished->microseconds <
                               std::chrono::duration_cast<microseconds>(age).count();
}

http::Response answer_make(Backing const& backing, JobDesk const& desk, PackStore const& packs,
                           http::Context const& context) {
    Json inputs;
    for (auto const* const name : {"area", "bbox"})
        if (auto const value = context.query.find(name)) inputs[name] = std::string{*value};
    auto const known = known_job(desk, context, inputs);
    if (known && !is_over(known->state)) return answer_job(*known, context, 202);
    if (known && known->state == JobState::failed && within(*known, told_for))
        throw domain::problem_of(known->problem);
    if (known && known->state == JobState::successful && within(*known, ready_for) &&
        !packs.is_spent(known->id))
        return answer_job_file(desk, context, known->id);
    auto const job = submit_job(backing, desk, context, domain::field_pack_id, inputs);
    return answer_job(job, context, 202);
}

Json describe_pack(data::model::PackEntry const& pack) {
    return {{"id", pack.id},
            {"login", pack.login},
            {"area", pack.area},
            {"made_at", instant_json(pack.made_at)},
            {"returned_at", instant_json(pack.returned_at)},
            {"open", pack.open}};
}

http::Response answer_packs(Backing const& backing, JobDesk const& desk, PackStore const& packs,
                            http::Context const& context) {
    auto const& policy = context.policy(inspection_cases_id);
    if (context.query.find("area") || context.query.find("bbox"))
        return answer_make(backing, desk, packs, context);
    constexpr std::uint32_t most = 50;
    auto list = Json::array();
    for (auto const& pack : packs.packs(read_author(context).who, policy, most))
        list.push_back(describe_pack(pack));
    auto response = private_json(200, {{"packs", list}});
    response.nothing = list.empty();
    return response;
}

Json number_json(std::optional<double> const& number) {
    return number ? Json(*number) : Json{};
}

/// Cells that differ somewhere: as the pack had them, as they came back, as they are now.
Json describe_columns(data::model::PackConflict const& conflict, geo::Policy const& policy) {
    auto columns = Json::array();
    auto const add = [&](std::string const& name, Json const& pack, Json const& field,
                         Json const& record) {
        if (pack != field || pack != record)
            columns.push_back(
                {{"column", name}, {"pack", pack}, {"field", field}, {"record", record}});
    };
    auto const& [base, field, record] = std::tie(conflict.base, conflict.field, conflict.record);
    if (policy.sees_field("finding"))
        add("finding", text_json(base.finding), text_json(field.finding),
            text_json(record.finding));
    if (policy.sees_field("measured_m2"))
        add("measured_m2", number_json(base.measured_m2), number_json(field.measured_m2),
            number_json(record.measured_m2));
    if (policy.sees_field("error_m2"))
        add("error_m2", number_json(base.error_m2), number_json(field.error_m2),
            number_json(record.error_m2));
    if (!policy.sees_field("answers")) return columns;
    std::map<std::string, std::array<Json, 3>> answers;
    std::array const sides{&base, &field, &record};
    for (std::size_t side = 0; side < sides.size(); ++side)
        for (auto const& [item, answer] : sides[side]->answers) answers[item][side] = answer;
    for (auto const& [item, given] : answers) add("answer_" + item, given[0], given[1], given[2]);
    return columns;
}

Json describe_conflict(data::model::PackConflict const& conflict, geo::Policy const& policy) {
    return {{"number", conflict.number},
            {"case", conflict.inspection},
            {"state", policy.sees_field("state") ? Json(conflict.state) : Json{}},
            {"columns", describe_columns(conflict, policy)},
            {"arrived_at", instant_json(conflict.arrived_at)},
            {"take", text_json(conflict.take)},
            {"settled_by", text_json(conflict.settled_by)},
            {"settled_at", instant_json(conflict.settled_at)}};
}

http::Response answer_pack(PackStore const& packs, http::Context const& context,
                           std::string const& id) {
    auto const& policy = context.policy(inspection_cases_id);
    auto const found = packs.pack(id, read_author(context).who, policy);
    auto told = describe_pack(found.pack);
    told["conflicts"] = Json::array();
    for (auto const& conflict : found.conflicts)
        told["conflicts"].push_back(describe_conflict(conflict, policy));
    return private_json(200, told);
}

void check_type(http::Context const& context) {
    auto const type = context.request.header("content-type");
    if (std::ranges::find(pack_types, type) == pack_types.end())
        throw geo::Error{geo::Code::unsupported,
                         "unknown-media-type",
                         {{"value", std::string{type.substr(0, 64)}},
                          {"accepted", std::string{pack_types.front()}}}};
}

http::Response answer_return(PackStore const& packs, http::Context const& context) {
    data::postgis::InspectionStore::Policies const policies{
        context.edit_policy(inspection_cases_id), context.policy("parcels"),
        context.policy(inspectors_id)};
    check_type(context);
    auto const pack = data::packs::read_returned_pack(context.request.body);
    auto const outcome =
        packs.bring_back(pack, now(), author_of(context, pack.id.substr(0, 36)), policies);
    auto faults = Json::array();
    for (auto const& fault : outcome.faults)
        faults.push_back({{"row", fault.row},
                          {"column", fault.column},
                          {"value", fault.value},
                          {"accepted", fault.accepted}});
    return private_json(outcome.faults.empty() ? 200 : 422, {{"pack", pack.id},
                                                             {"unchanged", outcome.unchanged},
                                                             {"repeated", outcome.repeated},
                                                             {"taken", outcome.taken},
                                                             {"opened", outcome.opened},
                                                             {"conflicts", outcome.conflicts},
                                                             {"faults", std::move(faults)}});
}

http::Response answer_settle(PackStore const& packs, http::Context const& context,
                             std::string const& id, std::int64_t number) {
    auto const& policy = context.edit_policy(inspection_cases_id);
    auto const body = read_json_body(context, {"application/json"});
    auto const take = body.is_object() ? text_in(body, "take", true) : std::string{};
    if (take != "field" && take != "record") refuse_member("take", take, "field, record");
    packs.settle(id, number, take == "field", author_of(context, id.substr(0, 36)), policy);
    return answer_pack(packs, context, id);
}

} // namespace

void add_packs(http::Router& router, Backing const& backing, JobDesk const& desk,
               PackStore const& packs, bool writable) {
    using access::Need;
    using http::Context;
    using http::Method;
    router.get(Need::read, "/land/packs", {"area", "bbox"},
               [&backing, desk, &packs](Context const& context) {
                   return answer_packs(backing, desk, packs, context);
               });
    router.get(Need::read, "/land/packs/{packId}", {},
               [&packs](Context const& context, std::string const& id) {
                   return answer_pack(packs, context, id);
               });
    if (!writable) return;
    router.add(Method::post, Need::edit, "/land/packs", {},
               [&packs](Context const& context) { return answer_return(packs, context); });
    router.add(Method::post, Need::edit, "/land/packs/{packId}/conflicts/{conflict}", {},
               [&packs](Context const& context, std::string const& id, std::int64_t number) {
                   return answer_settle(packs, context, id, number);
               });
}

} // namespace diaban::services::api
