#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "geo/ops/rectangle.hpp"
#include "services/api/access_json.hpp"
#include "services/api/edit_request.hpp"
#include "services/api/json.hpp"
#include "services/api/parameters.hpp"
#include "services/api/storms.hpp"
#include "services/api/work_edit.hpp"
#include "services/domain/column_values.hpp"
#include "services/domain/storm_record.hpp"
#include "services/domain/storms.hpp"
#include "services/domain/time_fields.hpp"
#include "services/http/representation.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace diaban::services::api {

namespace {

using domain::BulletinFix;
using domain::Remark;
using domain::StormBulletin;
using geo::hazard::StormRisk;
using geo::hazard::WindLevel;

constexpr std::uint32_t usual_limit = 20;
constexpr std::uint32_t most_limit = 100;
constexpr char events_id[] = "disaster_events";
constexpr std::array<std::string_view, 5> zones{"sea", "north", "south_central", "south",
                                                "highlands"};

/// The views of one moment, and what of them the visitor sees.
struct Desk {
    std::shared_ptr<domain::View const> bulletins, fixes, dangers, warnings;

    explicit Desk(Backing const& backing)
        : bulletins{backing.atlas.view("storm_bulletins")}, fixes{backing.atlas.view(
                                                                "storm_fixes")},
          dangers{backing.atlas.view("storm_dangers")}, warnings{
                                                            backing.atlas.view("storm_warnings")} {}

    [[nodiscard]] domain::BulletinViews views() const {
        return {*bulletins, *fixes, *dangers, *warnings};
    }
    [[nodiscard]] static domain::BulletinPolicies policies(http::Context const& context) {
        return {context.policy("storm_bulletins"), context.policy("storm_fixes"),
                context.policy("storm_dangers"), context.policy("storm_warnings")};
    }
};

/// Scale and rules in force on a day.
struct Rules {
    std::vector<WindLevel> levels;
    std::vector<StormRisk> risks;
};

Rules rules_on(Backing const& backing, http::Context const& context, geo::Date on) {
    auto const levels =
        domain::read_wind_levels(*backing.atlas.view("wind_levels"), context.policy("wind_levels"));
    auto const risks =
        domain::read_storm_risks(*backing.atlas.view("storm_risks"), context.policy("storm_risks"));
    return {geo::hazard::in_force<WindLevel>(levels, on),
            geo::hazard::in_force<StormRisk>(risks, on)};
}

Json range_json(std::optional<domain::NumberRange> const& range) {
    return range ? Json{{"from", range->from}, {"until", range->until}} : Json{};
}

Json risks_json(std::vector<domain::OfficialRisk> const& risks) {
    Json list = Json::array();
    for (auto const& one : risks)
        list.push_back({{"area", one.area}, {"mainland", one.mainland}, {"risk", one.risk}});
    return list;
}

Json describe(BulletinFix const& fix) {
    return {{"at", instant_json(fix.at)},
            {"forecast", fix.forecast},
            {"lon", fix.centre.x},
            {"lat", fix.centre.y},
            {"level_from", fix.level_from},
            {"level_until", fix.level_until},
            {"gust", fix.gust ? Json(*fix.gust) : Json{}},
            {"danger", fix.danger ? box(*fix.danger) : Json{}},
            {"danger_stated", text_json(fix.danger_stated)},
            {"official", risks_json(fix.risks)}};
}

/// Also what only the text has.
Json describe_read(BulletinFix const& fix) {
    auto json = describe(fix);
    json["winds_kmh"] = range_json(fix.winds);
    json["direction"] = text_json(fix.direction);
    json["speed_kmh"] = range_json(fix.speed);
    return json;
}

geo::Error::Parameters parameters_of(Remark const& remark) {
    return {{"at", remark.at}, {"value", remark.value}, {"accepted", remark.accepted}};
}

Json describe(std::span<Remark const> remarks, http::Language language) {
    bool const english = language == http::Language::en;
    Json list = Json::array();
    for (auto const& one : remarks) {
        auto const& sentence = http::sentence_of(one.type);
        list.push_back({{"type", one.type},
                        {"at", text_json(one.at)},
                        {"title", english ? sentence.title_en : sentence.title_vi},
                        {"detail", http::fill(english ? sentence.detail_en : sentence.detail_vi,
                                              parameters_of(one))}});
    }
    return list;
}

struct Pasted {
    std::string text;
    geo::Date received;
    std::vector<std::string> confirmed;
    std::int64_t event = 0; ///< 0: by the storm's name, or a new one
};

Pasted read_pasted(http::Context const& context) {
    auto const body = read_json_body(context, {"application/json"});
    Pasted pasted;
    auto const text = body.is_object() ? body.find("text") : body.end();
    if (!body.is_object() || text == body.end() || !text->is_string() ||
        text->get_ref<std::string const&>().empty())
        refuse_member("text", "", "a bulletin");
    pasted.text = text->get<std::string>();
    if (pasted.text.size() > domain::longest_bulletin)
        refuse_member("text", std::to_string(pasted.text.size()),
                      std::to_string(domain::longest_bulletin) + " bytes");
    pasted.received = domain::local_today();
    if (auto const day = text_in(body, "received", true); !day.empty()) {
        auto const date = geo::codec::read_date(day);
        if (!date) refuse_member("received", day, "2025-09-28");
        pasted.received = *date;
    }
    if (body.contains("confirmed")) pasted.confirmed = words_in(body, "confirmed");
    if (auto const event = body.find("event"); event != body.end()) {
        if (!event->is_number_integer() || event->get<std::int64_t>() <= 0)
            refuse_member("event", event->dump(), "the id of a disaster event");
        pasted.event = event->get<std::int64_t>();
    }
    return pasted;
}

StormBulletin read(Backing const& backing, http::Context const& context, Pasted const& pasted) {
    auto const rules = rules_on(backing, context, pasted.received);
    return domain::read_bulletin(pasted.text, pasted.received, rules.levels, rules.risks);
}

http::Response answer_reading(Backing const& backing, http::Context const& context) {
    (void)context.edit_policy("storm_bulletins");
    auto const pasted = read_pasted(context);
    auto const bulletin = read(backing, context, pasted);
    Json fixes = Json::array();
    for (auto const& fix : bulletin.fixes) fixes.push_back(describe_read(fix));
    return private_json(200, {{"key", domain::bulletin_key(pasted.text)},
                              {"storm", bulletin.storm},
                              {"issuer", bulletin.issuer},
                              {"received", geo::codec::date_text(pasted.received)},
                              {"fixes", std::move(fixes)},
                              {"faults", describe(bulletin.faults, context.language)},
                              {"doubts", describe(bulletin.doubts, context.language)}});
}

/// 422 that names each remark.
http::Response refuse(http::Context const& context, char const* type,
                      std::span<Remark const> remarks) {
    std::vector<http::PartProblem> parts;
    for (auto const& one : remarks) parts.push_back({"/text", one.type, parameters_of(one)});
    geo::Error const error{geo::Code::bad_input, type, {{"value", std::to_string(remarks.size())}}};
    return http::problem(error, 422, context.language, context.request.path, parts);
}

/// The open storm of that name, or the one that is named; nothing where there is none.
std::optional<std::int64_t> event_of(domain::View const& events, geo::Policy const& policy,
                                     std::string const& name) {
    static constexpr std::array<std::string_view, 2> names{"kind", "name"};
    std::optional<std::int64_t> found;
    domain::for_each_row(
        events, policy, names, [&](std::int64_t fid, auto const& at, std::size_t row) {
            bool const storm = at[0].text(row) == "storm" || at[0].text(row) == "depression";
            if (storm && at[1].text(row) == name) found = std::max(found.value_or(fid), fid);
        });
    return found;
}

geo::Value risk_value(StormBulletin const& bulletin) {
    auto const risk = domain::highest_risk(bulletin.fixes);
    return risk ? geo::Value{std::int64_t{*risk}} : geo::Value{};
}

std::int64_t new_event(Backing const& backing, http::Context const& context,
                       StormBulletin const& bulletin) {
    auto const view = backing.atlas.view(events_id);
    bool const depression = bulletin.storm.starts_with("Áp thấp");
    auto edit = new_row(*view, {{"kind", std::string{depression ? "depression" : "storm"}},
                                {"name", bulletin.storm},
                                {"risk_level", risk_value(bulletin)},
                                {"starts_at", bulletin.fixes.front().at},
                                {"source", bulletin.issuer}});
    geo::Box area;
    for (auto const& fix : bulletin.fixes)
        if (fix.danger) area.extend(*fix.danger);
    if (!area.empty()) {
        edit.geometry = geo::ops::rectangle(area);
        edit.geometry->srid = 4326;
    }
    return write_all(backing, context, std::array{std::move(edit)}).front();
}

bool all_confirmed(StormBulletin const& bulletin, std::vector<std::string> const& confirmed) {
    return std::ranges::all_of(bulletin.doubts, [&](Remark const& one) {
        return std::ranges::find(confirmed, one.type) != confirmed.end();
    });
}

std::string words_of(std::span<Remark const> remarks) {
    std::string words;
    for (auto const& one : remarks)
        words.append(words.empty() ? "" : "; ").append(one.type + " " + one.at + " " + one.value);
    return words;
}

http::Response answer_confirmed(Backing const& backing, http::Context const& context) {
    for (auto const* const id :
         {"storm_bulletins", "storm_fixes", "storm_dangers", "storm_warnings", events_id})
        (void)context.edit_policy(id);
    auto const pasted = read_pasted(context);
    auto const bulletin = read(backing, context, pasted);
    if (!bulletin.faults.empty()) return refuse(context, "bulletin-faults", bulletin.faults);
    if (!all_confirmed(bulletin, pasted.confirmed))
        return refuse(context, "bulletin-doubts", bulletin.doubts);
    Desk const desk{backing};
    auto const key = domain::bulletin_key(pasted.text);
    for (auto const& known :
         domain::read_bulletins(*desk.bulletins, context.policy("storm_bulletins")))
        if (known.key == key)
            throw geo::Error{geo::Code::conflict, "bulletin-known", {{"value", key}}};
    std::vector<data::model::Edit> edits;
    auto event = pasted.event;
    if (event == 0) {
        auto const known =
            event_of(*backing.atlas.view(events_id), context.policy(events_id), bulletin.storm);
        if (!known)
            event = new_event(backing, context, bulletin);
        else
            event = *known;
    }
    auto const row = stored_row(backing, context, events_id, event);
    edits = domain::bulletin_edits(desk.views(), bulletin, pasted.text, event,
                                   {context.visitor.login, now(), words_of(bulletin.doubts)});
    edits.push_back(change_of(row, {{"risk_level", risk_value(bulletin)}}));
    write_all(backing, context, edits);
    return private_json(201, {{"key", key},
                              {"event", event},
                              {"storm", bulletin.storm},
                              {"official_risk", domain::highest_risk(bulletin.fixes)
                                                    ? Json(*domain::highest_risk(bulletin.fixes))
                                                    : Json{}}});
}

Json describe(domain::ConfirmedBulletin const& one) {
    return {{"key", one.key},
            {"event", one.event},
            {"storm", one.storm},
            {"issuer", text_json(one.issuer)},
            {"observed_at", instant_json(one.observed_at)},
            {"confirmed_at", instant_json(one.confirmed_at)}};
}

http::Response answer_list(Backing const& backing, http::Context const& context) {
    check_json_form(context);
    auto const limit = read_limit(context.query, usual_limit, most_limit);
    auto const view = backing.atlas.view("storm_bulletins");
    auto const all = domain::read_bulletins(*view, context.policy("storm_bulletins"));
    Json list = Json::array();
    for (auto const& one : all)
        if (list.size() < limit) list.push_back(describe(one));
    return http::represent(context, {"application/json", dump({{"bulletins", std::move(list)},
                                                               {"matched", all.size()}})});
}

/// What the rules in force when it was observed say of its winds; never what it says itself.
Json computed_json(std::vector<BulletinFix> const& fixes, Rules const& rules) {
    Json by_fix = Json::array();
    for (auto const& fix : fixes) {
        Json risks = Json::object();
        for (auto const zone : zones) {
            auto const risk = geo::hazard::storm_risk(rules.risks, zone, fix.level_until);
            risks[std::string{zone}] = risk ? Json(*risk) : Json{};
        }
        std::string kind;
        for (auto const& level : rules.levels)
            if (level.level == fix.level_until) kind = level.kind;
        by_fix.push_back({{"at", instant_json(fix.at)},
                          {"class", text_json(kind)},
                          {"risks", std::move(risks)}});
    }
    return {{"fixes", std::move(by_fix)},
            {"rules_since", rules.risks.empty() ? Json{} : day_json(rules.risks.front().since)},
            {"method",
             "the decree's matrix of zone and highest wind level; the bulletin's own risk "
             "stands over it"}};
}

http::Response answer_one(Backing const& backing, http::Context const& context,
                          std::string const& key) {
    check_json_form(context);
    Desk const desk{backing};
    auto const policies = Desk::policies(context);
    for (auto const& one : domain::read_bulletins(*desk.bulletins, policies.bulletins)) {
        if (one.key != key) continue;
        auto const fixes = domain::read_fixes(desk.views(), policies, backing.store, key);
        constexpr std::int64_t microseconds_a_day = 86'400'000'000;
        geo::Date const on{std::int32_t(one.observed_at.microseconds / microseconds_a_day)};
        auto json = describe(one);
        Json list = Json::array();
        for (auto const& fix : fixes) list.push_back(describe(fix));
        json["fixes"] = std::move(list);
        json["official_risk"] =
            domain::highest_risk(fixes) ? Json(*domain::highest_risk(fixes)) : Json{};
        json["computed"] = computed_json(fixes, rules_on(backing, context, on));
        return http::represent(context, {"application/json", dump(json)});
    }
    throw geo::Error{geo::Code::not_found, "no-bulletin", {{"value", key.substr(0, 64)}}};
}

} // namespace

void add_storm_bulletins(http::Router& router, Backing const& backing, bool writable) {
    using access::Need;
    using http::Context;
    using http::Method;
    router.get(Need::read, "/storms/bulletins", {"limit", "f"},
               [&backing](Context const& context) { return answer_list(backing, context); });
    router.get(Need::read, "/storms/bulletins/{bulletinKey}", {"f"},
               [&backing](Context const& context, std::string const& key) {
                   return answer_one(backing, context, key);
               });
    if (!writable) return;
    router.add(Method::post, Need::edit, "/storms/bulletins/reading", {},
               [&backing](Context const& context) { return answer_reading(backing, context); });
    router.add(Method::post, Need::edit, "/storms/bulletins", {},
               [&backing](Context const& context) { return answer_confirmed(backing, context); });
}

} // namespace diaban::services::api
