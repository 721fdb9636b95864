#include "services/api/land_statistics.hpp"

#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "services/api/access_json.hpp"
#include "services/api/edit_request.hpp"
#include "services/api/json.hpp"
#include "services/api/parameters.hpp"
#include "services/api/work_edit.hpp"
#include "services/domain/land_statistics.hpp"
#include "services/domain/time_fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace diaban::services::api {

namespace {

using data::model::LandStatistics;
using data::model::LandUse;
using data::postgis::LandStatisticsStore;
using domain::hectares;
using domain::LandUseChanges;
using domain::LandUseTable;

constexpr char parcels_id[] = "parcels";
constexpr char xlsx_type[] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
constexpr char method[] = "controlled rounding (Cox 1987)";

/// Who may not see what is counted sees no count of it.
geo::Policy read_policy(http::Context const& context) {
    auto const& policy = context.policy(parcels_id);
    for (auto const* const field : {"land_use", "commune_code", "area_m2"})
        if (!policy.sees_field(field)) return {};
    return policy;
}

Json describe(LandStatistics const& of) {
    return {{"id", of.id},
            {"taken_on", geo::codec::date_text(of.taken_on)},
            {"kind", of.kind},
            {"version", of.version},
            {"known_at", instant_json(of.known_at)},
            {"frozen_at", instant_json(of.frozen_at)},
            {"author", of.author},
            {"previous", of.previous ? Json(*of.previous) : Json{}}};
}

Json describe(LandUse const& use, http::Language language) {
    bool const english = language == http::Language::en && !use.title_en.empty();
    return {{"code", text_json(use.code)},
            {"title", english ? use.title_en : use.title_vi},
            {"group", text_json(use.group)}};
}

/// How numbers were rounded, and how far the worst of them is from its area.
Json describe_rounding(geo::statistics::RoundedTable const& table) {
    return {{"method", method},
            {"step_ha", hectares(1)},
            {"greatest_difference_ha", table.greatest_difference * hectares(1)}};
}

/// Communes of the day, by code.
std::map<std::string, std::string> names_of(Backing const& backing, http::Context const& context,
                                            geo::Date day) {
    std::map<std::string, std::string> names;
    if (!context.sees("places")) return names;
    auto const& policy = context.policy("places");
    auto const view = backing.atlas.view("places");
    if (!view->places) return names;
    for (auto const& entry : view->places->entries())
        if (entry.place.level == "commune" && domain::existed(entry.place, day) &&
            policy.sees(entry.scope, entry.sensitivity))
            names[entry.place.code] = entry.place.full_name;
    return names;
}

bool are_synthetic(Backing const& backing) {
    return backing.atlas.view(parcels_id)->collection.synthetic;
}

/// The commune that is asked for; empty: all.
std::string commune_in(http::Context const& context) {
    auto const code = context.query.find("commune").value_or("");
    constexpr std::size_t longest_code = 20;
    if (code.size() > longest_code)
        refuse_parameter("commune", code.substr(0, longest_code), "the code of a commune");
    return std::string{code};
}

/// Its row of a table; absent: all of them.
std::optional<std::size_t> row_of(LandUseTable const& table, std::string const& commune) {
    if (commune.empty()) return std::nullopt;
    auto const row = table.find(commune);
    if (!row) refuse_parameter("commune", commune, "a commune of these statistics, by its code");
    return row;
}

Json describe_line(LandUseTable const& table, std::vector<std::int64_t> const& line) {
    auto uses = Json::array();
    for (std::size_t i = 0; i < line.size(); ++i)
        if (line[i] != 0)
            uses.push_back({{"code", text_json(table.uses[i].code)}, {"ha", hectares(line[i])}});
    return uses;
}

Json describe_groups(LandUseTable const& table, std::vector<std::int64_t> const& line) {
    auto groups = Json::array();
    for (auto const group : domain::use_groups)
        if (std::ranges::find(table.uses, group, &LandUse::group) != table.uses.end())
            groups.push_back({{"group", text_json(std::string{group})},
                              {"ha", hectares(domain::sum_of_group(group, table.uses, line))}});
    return groups;
}

http::Response answer_list(LandStatisticsStore const& store, http::Context const& context) {
    auto list = Json::array();
    for (auto const& one : store.list(read_policy(context))) list.push_back(describe(one));
    bool const nothing = list.empty();
    auto response = private_json(200, {{"statistics", std::move(list)}});
    response.nothing = nothing;
    return response;
}

http::Response answer_table(Backing const& backing, LandStatisticsStore const& store,
                            http::Context const& context, std::int64_t id) {
    auto const policy = read_policy(context);
    auto const of = store.statistics(id, policy);
    auto const table = domain::tabulate(store.areas(id, policy), store.uses(of.taken_on));
    auto const row = row_of(table, commune_in(context));
    auto const line = table.line(row);
    auto const names = names_of(backing, context, of.taken_on);
    auto uses = Json::array();
    for (std::size_t i = 0; i < table.uses.size(); ++i) {
        if (row && line[i] == 0) continue;
        auto use = describe(table.uses[i], context.language);
        use["ha"] = hectares(line[i]);
        uses.push_back(std::move(use));
    }
    auto communes = Json::array();
    for (std::size_t i = 0; i < table.communes.size(); ++i) {
        if (row && *row != i) continue;
        auto const name = names.find(table.communes[i]);
        communes.push_back({{"code", text_json(table.communes[i])},
                            {"name", name == names.end() ? Json{} : Json(name->second)},
                            {"ha", hectares(table.hundredths.row_totals[i])},
                            {"uses", describe_line(table, table.line(i))}});
    }
    auto const sum = table.sum(row);
    auto told = describe(of);
    told.update(
        {{"unit", "ha"},
         {"area", "on the ellipsoid (WGS 84)"},
         {"user_class", "not recorded"},
         {"synthetic", are_synthetic(backing)},
         {"partial", !policy.all_scopes()},
         {"parcels", sum.parcels},
         {"without_area", sum.without_area},
         {"area_m2", sum.area_m2},
         {"rounding", describe_rounding(table.hundredths)},
         {"total_ha", hectares(row ? table.hundredths.row_totals[*row] : table.hundredths.total)},
         {"groups", describe_groups(table, line)},
         {"uses", std::move(uses)},
         {"communes", std::move(communes)}});
    return private_json(200, told);
}

Json describe_changes(LandUseChanges const& changes, http::Language language) {
    auto const& table = changes.hundredths;
    auto const count = changes.uses.size();
    auto rows = Json::array();
    for (std::size_t i = 0; i < table.row_totals.size(); ++i) {
        auto after = Json::array();
        for (std::size_t k = 0; k < count; ++k)
            if (table.at(i, k) != 0)
                after.push_back(
                    {{"code", text_json(changes.uses[k].code)}, {"ha", hectares(table.at(i, k))}});
        bool const is_new = i == count;
        rows.push_back({{"new", is_new},
                        {"code", is_new ? Json{} : text_json(changes.uses[i].code)},
                        {"ha", hectares(table.row_totals[i])},
                        {"after", std::move(after)},
                        {"gone_ha", hectares(table.at(i, count))}});
    }
    auto columns = Json::array();
    for (std::size_t k = 0; k < count; ++k) {
        auto use = describe(changes.uses[k], language);
        use["ha"] = hectares(table.column_totals[k]);
        columns.push_back(std::move(use));
    }
    return {{"before", std::move(rows)}, {"after", std::move(columns)}};
}

/// Nothing where there are none before, or none that the visitor may know of.
std::optional<LandUseChanges> changes_of(LandStatisticsStore const& store, LandStatistics const& of,
                                         std::string const& commune, geo::Policy const& policy) {
    if (!of.previous) return std::nullopt;
    return domain::tabulate(store.changes(*of.previous, of.id, commune, policy),
                            store.uses(of.taken_on));
}

http::Response answer_changes(Backing const& backing, LandStatisticsStore const& store,
                              http::Context const& context, std::int64_t id) {
    auto const policy = read_policy(context);
    auto const of = store.statistics(id, policy);
    auto const changes = changes_of(store, of, commune_in(context), policy);
    auto told = describe(of);
    told.update({{"unit", "ha"},
                 {"synthetic", are_synthetic(backing)},
                 {"partial", !policy.all_scopes()},
                 {"since", Json{}},
                 {"rounding", Json{}},
                 {"before", Json::array()},
                 {"after", Json::array()}});
    if (changes) {
        told["since"] = geo::codec::date_text(store.statistics(*of.previous, policy).taken_on);
        told["rounding"] = describe_rounding(changes->hundredths);
        told.update(describe_changes(*changes, context.language));
    }
    return private_json(200, told);
}

http::Response answer_form(Backing const& backing, LandStatisticsStore const& store,
                           http::Context const& context, std::int64_t id) {
    auto const policy = read_policy(context);
    auto const commune = commune_in(context);
    domain::LandStatisticsForm form;
    form.statistics = store.statistics(id, policy);
    auto const day = form.statistics.taken_on;
    form.table = domain::tabulate(store.areas(id, policy), store.uses(day));
    form.commune = row_of(form.table, commune);
    form.names = names_of(backing, context, day);
    form.changes = changes_of(store, form.statistics, commune, policy);
    if (form.changes)
        form.changed_since = store.statistics(*form.statistics.previous, policy).taken_on;
    form.synthetic = are_synthetic(backing);
    form.partial = !policy.all_scopes();
    auto response = http::answer(
        200, xlsx_type,
        data::xlsx::write_marked_sheet("TK-1", domain::draw_land_statistics(form, context.language),
                                       domain::land_statistics_heads));
    response.with("Content-Disposition",
                  fmt::format("attachment; filename=\"thong-ke-dat-dai-{}-v{}.xlsx\"",
                              geo::codec::date_text(day), form.statistics.version));
    response.with("Cache-Control", "no-store");
    return response;
}

bool flag_in(nlohmann::json const& body, char const* name) {
    auto const found = body.find(name);
    if (found == body.end()) return false;
    if (!found->is_boolean()) refuse_member(name, found->dump().substr(0, 40), "true, false");
    return found->get<bool>();
}

data::model::NewLandStatistics read_new(http::Context const& context) {
    auto const body = read_json_body(context, {"application/json"});
    if (!body.is_object()) refuse_member("taken_on", "", "an object with a 31 December");
    data::model::NewLandStatistics asked;
    auto const text = text_in(body, "taken_on");
    auto const day = geo::codec::read_date(text);
    if (!day || !text.ends_with("-12-31") || domain::local_today() <= *day)
        refuse_member("taken_on", text.substr(0, 40), "a 31 December that is over, 2025-12-31");
    asked.taken_on = *day;
    asked.kind = text_in(body, "kind", true);
    if (asked.kind.empty()) asked.kind = "annual";
    if (asked.kind != "annual" && asked.kind != "inventory")
        refuse_member("kind", asked.kind.substr(0, 40), "annual, inventory");
    asked.again = flag_in(body, "again");
    if (auto const known = text_in(body, "as_of", true); !known.empty()) {
        asked.known_at = geo::codec::read_instant(known);
        if (!asked.known_at || asked.known_at->microseconds > now().microseconds)
            refuse_member("as_of", known.substr(0, 40), "an instant that is past (RFC 3339)");
    }
    return asked;
}

http::Response answer_freeze(LandStatisticsStore const& store, http::Context const& context) {
    auto const& policy = context.edit_policy(parcels_id);
    if (context.visitor.login.empty()) throw geo::Error{geo::Code::forbidden, "sign-in-needed"};
    return private_json(201,
                        describe(store.freeze(read_new(context), read_author(context), policy)));
}

} // namespace

void add_land_statistics(http::Router& router, Backing const& backing,
                         LandStatisticsStore const& store, bool writable) {
    using access::Need;
    using http::Context;
    router.get(Need::read, "/land/statistics", {},
               [&store](Context const& context) { return answer_list(store, context); });
    router.get(Need::read, "/land/statistics/{statisticsId}", {"commune"},
               [&backing, &store](Context const& context, std::int64_t id) {
                   return answer_table(backing, store, context, id);
               });
    router.get(Need::read, "/land/statistics/{statisticsId}/changes", {"commune"},
               [&backing, &store](Context const& context, std::int64_t id) {
                   return answer_changes(backing, store, context, id);
               });
    router.get(Need::read, "/land/statistics/{statisticsId}/form.xlsx", {"commune"},
               [&backing, &store](Context const& context, std::int64_t id) {
                   return answer_form(backing, store, context, id);
               });
    if (writable)
        router.add(http::Method::post, Need::edit, "/land/statistics", {},
                   [&store](Context const& context) { return answer_freeze(store, context); });
}

} // namespace diaban::services::api
