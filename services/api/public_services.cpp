#include "geo/error.hpp"
#include "services/api/access_json.hpp"
#include "services/api/edit_request.hpp"
#include "services/api/json.hpp"
#include "services/api/parameters.hpp"
#include "services/api/work.hpp"
#include "services/api/work_edit.hpp"
#include "services/domain/column_values.hpp"
#include "services/domain/time_fields.hpp"
#include "services/domain/work.hpp"
#include "services/http/representation.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace diaban::services::api {

namespace {

using domain::Clock;
using domain::ServiceCount;
using domain::ServiceDossier;

constexpr std::uint32_t usual_limit = 100;
constexpr std::uint32_t most_limit = 1000;
constexpr std::array<std::string_view, 6> states{"received", "paused",  "settled",
                                                 "refused",  "overdue", "late"};

/// Dossiers with their clocks, as of one moment.
struct Counter {
    geo::Instant at;
    std::vector<ServiceDossier> dossiers;
    std::vector<Clock> clocks; ///< of each
};

Counter read_counter(Backing const& backing, http::Context const& context) {
    Counter counter{now(), {}, {}};
    auto const& policy = context.policy("service_dossiers");
    auto const period = read_datetime(context.query);
    auto const office = context.query.find("office");
    auto const level = context.query.find("level");
    auto const place = context.query.find("place");
    for (auto& dossier : domain::read_dossiers(*backing.atlas.view("service_dossiers"), policy)) {
        auto const at = dossier.submitted_at.microseconds;
        if (period && !period->meets({at, at})) continue;
        if ((office && dossier.office != *office) || (level && dossier.level != *level)) continue;
        if (place && dossier.place_code != *place) continue;
        counter.dossiers.push_back(std::move(dossier));
    }
    auto const holidays =
        domain::read_holidays(*backing.atlas.view("holidays"), context.policy("holidays"));
    domain::WorkingTime const time{holidays};
    auto const pauses = domain::read_pauses(*backing.atlas.view("service_pauses"),
                                            context.policy("service_pauses"));
    static std::vector<domain::Pause> const none;
    for (auto const& dossier : counter.dossiers) {
        auto const found = pauses.find(dossier.number);
        counter.clocks.push_back(domain::clock_of(
            dossier, time, found == pauses.end() ? none : found->second, counter.at));
    }
    return counter;
}

Json describe_count(ServiceCount const& count) {
    return {{"received", count.received},   {"in_time", count.in_time}, {"late", count.late},
            {"under_way", count.under_way}, {"overdue", count.overdue}, {"paused", count.paused},
            {"refused", count.refused}};
}

/// What the service scores by the decision in force, group by group.
Json describe_quality(Backing const& backing, http::Context const& context, Counter const& counter,
                      ServiceCount const& total) {
    auto const scores =
        domain::read_scores(*backing.atlas.view("service_scores"), context.policy("service_scores"),
                            domain::local_today());
    std::map<std::int64_t, Json> groups;
    double points = 0;
    double of = 0;
    for (auto const& part : domain::score(scores, counter.dossiers, total)) {
        auto& group = groups[part.score.group];
        if (group.is_null())
            group = {{"group", part.score.group},
                     {"title", part.score.title},
                     {"points", 0.0},
                     {"of", 0.0},
                     {"parts", Json::array()}};
        auto const made = part.points();
        group["points"] = group["points"].get<double>() + made.value_or(0);
        group["of"] = group["of"].get<double>() + part.score.points;
        group["parts"].push_back({{"part", part.score.part},
                                  {"met", part.met},
                                  {"counted", part.counted},
                                  {"points", made ? Json(*made) : Json{}},
                                  {"of", part.score.points}});
        points += made.value_or(0);
        of += part.score.points;
    }
    Json list = Json::array();
    for (auto& [number, group] : groups) list.push_back(std::move(group));
    return {{"points", points}, {"of", of}, {"groups", std::move(list)}};
}

http::Response answer_counts(Backing const& backing, http::Context const& context) {
    check_json_form(context);
    auto const counter = read_counter(backing, context);
    std::map<std::pair<std::string, std::string>, ServiceCount> offices;
    std::map<std::string, ServiceCount> levels;
    ServiceCount total;
    for (std::size_t i = 0; i < counter.dossiers.size(); ++i) {
        auto const& dossier = counter.dossiers[i];
        for (auto* const count :
             {&offices[{dossier.office, dossier.level}], &levels[dossier.level], &total})
            count->add(dossier, counter.clocks[i]);
    }
    Json by_office = Json::array();
    for (auto const& [key, count] : offices) {
        auto& one = by_office.emplace_back(Json{{"office", key.first}, {"level", key.second}});
        one.update(describe_count(count));
    }
    Json by_level = Json::array();
    for (auto const& [level, count] : levels)
        by_level.emplace_back(Json{{"level", level}}).update(describe_count(count));
    return http::represent(
        context, {"application/json",
                  dump({{"timeStamp", instant_json(counter.at)},
                        {"total", describe_count(total)},
                        {"levels", std::move(by_level)},
                        {"offices", std::move(by_office)},
                        {"quality", describe_quality(backing, context, counter, total)}})});
}

Json describe(ServiceDossier const& dossier, Clock const& clock) {
    constexpr double microseconds_an_hour = 3.6e9;
    Json json{{"id", dossier.fid},
              {"number", dossier.number},
              {"procedure", dossier.procedure},
              {"office", dossier.office},
              {"level", dossier.level},
              {"place", text_json(dossier.place_code)},
              {"state", dossier.state},
              {"submitted_at", instant_json(dossier.submitted_at)},
              {"settled_at", instant_json(dossier.settled_at)},
              {"working_hours", dossier.working_hours},
              {"deadline", instant_json(clock.deadline)},
              {"late", clock.late}};
    // Of a clock that runs it would be another at every look.
    if (dossier.state != "received")
        json["used_hours"] = double(clock.used.count()) / microseconds_an_hour;
    for (auto const& [name, said] : dossier.marks) json[name] = said;
    return json;
}

bool is_wanted(ServiceDossier const& dossier, Clock const& clock, std::string_view state) {
    bool const closed = dossier.state == "settled";
    if (state == "overdue") return clock.late && !closed;
    if (state == "late") return clock.late && closed;
    return state.empty() || dossier.state == state;
}

http::Response answer_list(Backing const& backing, http::Context const& context) {
    check_json_form(context);
    auto const state = context.query.find("state").value_or("");
    if (!state.empty() && std::ranges::find(states, state) == states.end())
        refuse_parameter("state", state, "received, paused, settled, refused, overdue, late");
    auto const limit = read_limit(context.query, usual_limit, most_limit);
    auto const counter = read_counter(backing, context);
    std::vector<std::size_t> wanted;
    for (std::size_t i = 0; i < counter.dossiers.size(); ++i)
        if (is_wanted(counter.dossiers[i], counter.clocks[i], state)) wanted.push_back(i);
    // The most pressing first; a clock that stands presses nobody.
    std::ranges::stable_sort(wanted, {}, [&](std::size_t i) {
        auto const& deadline = counter.clocks[i].deadline;
        return std::pair{!deadline, deadline.value_or(geo::Instant{})};
    });
    Json list = Json::array();
    for (auto const i : wanted) {
        if (list.size() == limit) break;
        list.push_back(describe(counter.dossiers[i], counter.clocks[i]));
    }
    return http::represent(context, {"application/json", dump({{"dossiers", std::move(list)},
                                                               {"matched", wanted.size()}})});
}

Json told(Backing const& backing, http::Context const& context, std::int64_t fid) {
    auto const counter = read_counter(backing, context);
    for (std::size_t i = 0; i < counter.dossiers.size(); ++i)
        if (counter.dossiers[i].fid == fid) return describe(counter.dossiers[i], counter.clocks[i]);
    return {{"id", fid}};
}

StoredRow at_step(Backing const& backing, http::Context const& context, std::int64_t fid,
                  std::string_view accepted) {
    auto row = stored_row(backing, context, "service_dossiers", fid);
    if (auto const state = row.text("state"); state != accepted)
        throw geo::Error{geo::Code::conflict,
                         "service-state",
                         {{"value", state}, {"accepted", std::string{accepted}}}};
    return row;
}

http::Response answer_pause(Backing const& backing, http::Context const& context,
                            std::int64_t fid) {
    (void)context.edit_policy("service_pauses");
    auto const row = at_step(backing, context, fid, "received");
    auto const body = read_json_body(context, {"application/json"});
    auto const reason = text_in(body, "reason");
    if (reason.empty()) refuse_member("reason", reason, "what the citizen must do");
    auto const pauses = backing.atlas.view("service_pauses");
    write_all(backing, context,
              std::array{change_of(row, {{"state", std::string{"paused"}}}),
                         new_row(*pauses, {{"number", row.text("number")},
                                           {"from_at", now()},
                                           {"reason", reason}})});
    return private_json(200, told(backing, context, fid));
}

/// The pause that is open; there is one, for the dossier stands.
std::int64_t open_pause(Backing const& backing, http::Context const& context,
                        std::string const& number) {
    static constexpr std::array<std::string_view, 2> names{"number", "until_at"};
    std::int64_t found = 0;
    domain::for_each_row(*backing.atlas.view("service_pauses"),
                         context.edit_policy("service_pauses"), names,
                         [&](std::int64_t fid, auto const& at, std::size_t row) {
                             if (at[0].text(row) == number && !at[1].instant(row)) found = fid;
                         });
    return found;
}

http::Response answer_resume(Backing const& backing, http::Context const& context,
                             std::int64_t fid) {
    auto const row = at_step(backing, context, fid, "paused");
    auto const pause = stored_row(backing, context, "service_pauses",
                                  open_pause(backing, context, row.text("number")));
    write_all(backing, context,
              std::array{change_of(row, {{"state", std::string{"received"}}}),
                         change_of(pause, {{"until_at", now()}})});
    return private_json(200, told(backing, context, fid));
}

http::Response answer_settle(Backing const& backing, http::Context const& context,
                             std::int64_t fid) {
    auto const row = at_step(backing, context, fid, "received");
    write_all(
        backing, context,
        std::array{change_of(row, {{"state", std::string{"settled"}}, {"settled_at", now()}})});
    return private_json(200, told(backing, context, fid));
}

} // namespace

void add_public_services(http::Router& router, Backing const& backing, bool writable) {
    using access::Need;
    using http::Context;
    using http::Method;
    router.get(Need::read, "/public-services", {"datetime", "office", "level", "place", "f"},
               [&backing](Context const& context) { return answer_counts(backing, context); });
    router.get(Need::read, "/public-services/dossiers",
               {"datetime", "office", "level", "place", "state", "limit", "f"},
               [&backing](Context const& context) { return answer_list(backing, context); });
    if (!writable) return;
    router.add(Method::post, Need::edit, "/public-services/dossiers/{dossierId}/pause", {},
               [&backing](Context const& context, std::int64_t fid) {
                   return answer_pause(backing, context, fid);
               });
    router.add(Method::post, Need::edit, "/public-services/dossiers/{dossierId}/resume", {},
               [&backing](Context const& context, std::int64_t fid) {
                   return answer_resume(backing, context, fid);
               });
    router.add(Method::post, Need::edit, "/public-services/dossiers/{dossierId}/settle", {},
               [&backing](Context const& context, std::int64_t fid) {
                   return answer_settle(backing, context, fid);
               });
}

} // namespace diaban::services::api
