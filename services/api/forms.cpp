#include "data/gdal/sheet_cells.hpp"
#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "services/api/access_json.hpp"
#include "services/api/indicator_question.hpp"
#include "services/api/parameters.hpp"
#include "services/api/work.hpp"
#include "services/api/work_edit.hpp"
#include "services/domain/indicator_form.hpp"
#include "services/domain/time_fields.hpp"
#include "services/http/representation.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace diaban::services::api {

namespace {

constexpr std::string_view xlsx =
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
constexpr std::size_t most_values = 2000; ///< written in one transaction

domain::SeesUnit seen_units(http::Context const& context) {
    auto const& policy = context.policy("places");
    return [&policy](domain::ListedUnit const& unit) {
        return policy.sees(unit.entry->scope, unit.entry->sensitivity);
    };
}

/// Rows of these indicators and one period.
std::vector<domain::IndicatorRow> reported_rows(IndicatorGround const& ground,
                                                std::span<domain::Indicator const> indicators,
                                                std::string_view period,
                                                geo::Policy const& policy) {
    std::vector<domain::IndicatorRow> rows;
    for (auto const& indicator : indicators)
        for (auto const& row :
             domain::read_rows(*ground.values, {indicator.code, period, {}}, policy))
            rows.push_back(row);
    return rows;
}

http::Response workbook(int status, std::string const& name,
                        std::vector<std::vector<data::xlsx::MarkedCell>> const& cells) {
    constexpr std::uint32_t heads = 3;
    auto response = http::answer(status, std::string{xlsx},
                                 data::xlsx::write_marked_sheet("Diaban", cells, heads));
    response.with("Content-Disposition", "attachment; filename=\"" + name + "\"");
    response.with("Cache-Control", "no-store");
    return response;
}

domain::FormQuestion read_question(http::Context const& context) {
    auto const& query = context.query;
    domain::FormQuestion question;
    question.owner = query.find("owner").value_or("");
    question.period = query.find("period").value_or("");
    question.province = query.find("province").value_or("");
    question.on = read_day(query, "on").value_or(domain::local_today());
    if (auto const level = query.find("level")) {
        auto const known = domain::unit_level(*level);
        if (!known) refuse_parameter("level", *level, "province, district, commune");
        question.level = *known;
    }
    return question;
}

http::Response answer_form(Backing const& backing, http::Context const& context,
                           domain::UnitListCache& cache) {
    auto const question = read_question(context);
    auto const ground = stand(backing, context, cache);
    auto const catalogue =
        domain::read_catalogue(*ground.catalogue, context.policy("indicator_catalogue"));
    auto const indicators = domain::form_indicators(catalogue, question, domain::local_today());
    auto const units = domain::form_units(*ground.lists, question, seen_units(context));
    if (units.empty())
        refuse_parameter("province", question.province, "the code of a province on that day");
    auto const rows =
        reported_rows(ground, indicators, question.period, context.policy("indicators"));
    return workbook(
        200, "chi-tieu-" + question.period + ".xlsx",
        domain::draw_form(*ground.lists, question, indicators, units, rows, context.language));
}

/// Who owes what: the indicators of each owner with the state of their delivery.
http::Response answer_owners(Backing const& backing, http::Context const& context,
                             domain::UnitListCache& cache) {
    check_json_form(context);
    auto const ground = stand(backing, context, cache);
    auto const periods = domain::read_periods(*ground.values, context.policy("indicators"));
    auto const today = domain::local_today();
    std::map<std::string, Json> owners;
    for (auto const& indicator :
         domain::read_catalogue(*ground.catalogue, context.policy("indicator_catalogue"))) {
        auto& owner = owners[indicator.owner];
        if (owner.is_null())
            owner = {{"owner", indicator.owner},
                     {"late", 0},
                     {"missing", 0},
                     {"current", 0},
                     {"cadences", Json::array()},
                     {"indicators", Json::array()}};
        auto const theirs = periods.find(indicator.code);
        auto const delivery = domain::delivery_of(
            indicator, theirs == periods.end() ? std::set<std::string>{} : theirs->second, today);
        auto& count = owner[std::string{delivery.state}];
        count = count.get<int>() + 1;
        auto& cadences = owner["cadences"];
        if (std::ranges::find(cadences, Json(indicator.cadence)) == cadences.end())
            cadences.push_back(indicator.cadence);
        owner["indicators"].push_back(
            {{"code", indicator.code},
             {"title", describe_indicator(indicator, context.language)["title"]},
             {"cadence", indicator.cadence},
             {"last", text_json(delivery.last)},
             {"due", day_json(delivery.due)},
             {"delivery", delivery.state}});
    }
    Json list = Json::array();
    for (auto& [name, owner] : owners) list.push_back(std::move(owner));
    return http::represent(context, {"application/json", dump({{"owners", std::move(list)}})});
}

http::Response refuse_form(http::Context const& context, data::gdal::SheetCells const& cells,
                           std::span<domain::FormFault const> faults) {
    if (context.request.header("accept").find("spreadsheetml") != std::string_view::npos)
        return workbook(422, "loi.xlsx", domain::mark_form(cells, faults, context.language));
    std::vector<http::PartProblem> parts;
    std::set<std::pair<std::size_t, std::size_t>> marked;
    for (auto const& fault : faults) {
        marked.emplace(fault.row, fault.column);
        parts.push_back(
            {"/" + domain::cell_name(fault.row, fault.column), fault.type, fault.parameters});
    }
    geo::Error const error{
        geo::Code::bad_input, "form-faults", {{"value", std::to_string(marked.size())}}};
    return http::problem(error, 422, context.language, context.request.path, parts);
}

http::Response answer_filled(Backing const& backing, http::Context const& context,
                             domain::UnitListCache& cache) {
    auto const& edit_policy = context.edit_policy("indicators");
    auto const type = context.request.header("content-type");
    if (!http::equal_without_case(type.substr(0, type.find(';')), xlsx))
        throw geo::Error{
            geo::Code::unsupported,
            "unknown-media-type",
            {{"value", std::string{type.substr(0, 64)}}, {"accepted", std::string{xlsx}}}};
    auto const ground = stand(backing, context, cache);
    auto const cells = data::gdal::read_sheet(context.request.body);
    auto const catalogue =
        domain::read_catalogue(*ground.catalogue, context.policy("indicator_catalogue"));
    auto const form = domain::read_form(*ground.lists, catalogue, cells, seen_units(context),
                                        domain::local_today());
    if (!form.faults.empty()) return refuse_form(context, cells, form.faults);
    auto const rows = reported_rows(ground, form.indicators, form.question.period, edit_policy);
    auto const edits = domain::form_edits(ground.values->collection, *ground.lists, form, rows);
    if (edits.size() > most_values)
        throw geo::Error{
            geo::Code::too_large, "form-too-large", {{"accepted", std::to_string(most_values)}}};
    if (!edits.empty()) write_all(backing, context, edits);
    auto const created =
        std::ranges::count(edits, data::model::EditKind::create, &data::model::Edit::kind);
    return private_json(200, {{"owner", form.question.owner},
                              {"period", form.question.period},
                              {"values", form.values.size()},
                              {"new", created},
                              {"corrected", std::ptrdiff_t(edits.size()) - created}});
}

} // namespace

void add_forms(http::Router& router, Backing const& backing,
               std::shared_ptr<domain::UnitListCache> const& lists, bool writable) {
    using access::Need;
    router.get(Need::read, "/forms/indicators", {"f"},
               [&backing, lists](http::Context const& context) {
                   return answer_owners(backing, context, *lists);
               });
    router.get(Need::read, "/forms/indicators.xlsx", {"owner", "period", "level", "province", "on"},
               [&backing, lists](http::Context const& context) {
                   return answer_form(backing, context, *lists);
               });
    if (!writable) return;
    router.add(http::Method::post, Need::edit, "/forms/indicators", {},
               [&backing, lists](http::Context const& context) {
                   return answer_filled(backing, context, *lists);
               });
}

} // namespace diaban::services::api
