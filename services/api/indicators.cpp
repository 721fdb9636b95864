#include "services/api/indicators.hpp"

#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "geo/statistics/breaks.hpp"
#include "services/api/indicator_forms.hpp"
#include "services/api/indicator_question.hpp"
#include "services/api/parameters.hpp"
#include "services/domain/time_fields.hpp"
#include "services/http/representation.hpp"

#include <algorithm>

namespace diaban::services::api {

namespace {

constexpr std::size_t usual_classes = 5;
constexpr std::size_t most_waiting = 500; ///< that are listed; all are counted and summed

/// Whether a feed delivers: `current`, `late` since a day, or `missing` altogether.
void add_delivery(Json& json, domain::Indicator const& indicator,
                  std::set<std::string> const& periods) {
    json["periods"] = Json{{"count", periods.size()},
                           {"first", periods.empty() ? Json{} : Json(*periods.begin())},
                           {"last", periods.empty() ? Json{} : Json(*periods.rbegin())}};
    auto const delivery = domain::delivery_of(indicator, periods, domain::local_today());
    json["due"] = nullptr;
    if (delivery.due) json["due"] = geo::codec::date_text(*delivery.due);
    json["delivery"] = delivery.state;
}

http::Response answer_list(Backing const& backing, http::Context const& context,
                           domain::UnitListCache& cache) {
    check_json_form(context);
    auto const ground = stand(backing, context, cache);
    auto const sector = context.query.find("sector");
    auto const periods = domain::read_periods(*ground.values, context.policy("indicators"));
    Json list = Json::array();
    for (auto const& indicator :
         domain::read_catalogue(*ground.catalogue, context.policy("indicator_catalogue"))) {
        if (sector && indicator.sector != *sector) continue;
        auto& json = list.emplace_back(describe_indicator(indicator, context.language));
        auto const theirs = periods.find(indicator.code);
        add_delivery(json, indicator,
                     theirs == periods.end() ? std::set<std::string>{} : theirs->second);
    }
    Json sectors = Json::array();
    for (auto const& field : ground.catalogue->collection.schema.fields)
        if (field.name == "sector")
            for (auto const& code : field.codes)
                sectors.push_back(
                    {{"code", code.code}, {"title", localised(code.title, context.language)}});
    return represent(context,
                     {"application/json", dump({{"sectors", sectors}, {"indicators", list}})});
}

http::Response answer_one(Backing const& backing, http::Context const& context,
                          domain::UnitListCache& cache, std::string const& code) {
    check_json_form(context);
    auto const question = read_indicator_question(backing, context, cache, code);
    auto json = describe_indicator(question.indicator, context.language);
    add_delivery(json, question.indicator, {question.periods.begin(), question.periods.end()});
    json["all_periods"] = question.periods;
    json["fid"] = question.indicator.fid;
    return represent(context, {"application/json", dump(json)});
}

std::vector<double> read_bounds(std::string_view text) {
    std::vector<double> bounds;
    for (;;) {
        auto const comma = text.find(',');
        auto const bound = finite_number(text.substr(0, comma));
        if (!bound || bounds.size() + 1 >= geo::statistics::most_classes ||
            (!bounds.empty() && *bound <= bounds.back()))
            refuse_parameter("bounds", text, "1..11 numbers, ascending");
        bounds.push_back(*bound);
        if (comma == std::string_view::npos) return bounds;
        text.remove_prefix(comma + 1);
    }
}

/// Bounds of classes of what is shown, and how many values each holds.
Json classify(http::Context const& context, std::vector<double> const& values) {
    auto const& query = context.query;
    std::string method{query.find("breaks").value_or("natural")};
    std::vector<double> bounds;
    if (auto const fixed = query.find("bounds")) {
        method = "fixed";
        bounds = read_bounds(*fixed);
    } else {
        auto const known = geo::statistics::break_method(method);
        if (!known) refuse_parameter("breaks", method, "natural, quantile, deviation");
        auto classes = usual_classes;
        if (auto const text = query.find("classes")) {
            auto const number = finite_number(*text);
            if (!number || *number != std::trunc(*number) || *number < 2 ||
                *number > double(geo::statistics::most_classes))
                refuse_parameter("classes", *text, "2..12");
            classes = std::size_t(*number);
        }
        bounds = geo::statistics::breaks(values, classes, *known);
    }
    Json json{{"method", method},
              {"bounds", bounds},
              {"counts", geo::statistics::class_counts(values, bounds)}};
    auto const [least, most] = std::ranges::minmax_element(values);
    json["least"] = values.empty() ? Json{} : plain_number(*least);
    json["most"] = values.empty() ? Json{} : plain_number(*most);
    return json;
}

void add_totals(Json& json, domain::CarriedValues const& carried) {
    if (!carried.totals) return;
    json["totals"] = {{"exact", plain_number(carried.totals->exact)},
                      {"estimated", plain_number(carried.totals->estimated)},
                      {"waiting", plain_number(carried.totals->waiting)},
                      {"all", plain_number(carried.totals->all())}};
}

void add_waiting(Json& json, domain::CarriedValues const& carried) {
    auto& waiting = json["waiting"] = Json::array();
    for (auto const& [row, reason] : carried.waiting) {
        if (waiting.size() == most_waiting) break;
        waiting.push_back({{"fid", row.fid},
                           {"code", row.place_code == "-" ? Json{} : Json(row.place_code)},
                           {"name", row.place_name},
                           {"within", row.within.empty() ? Json{} : Json(row.within)},
                           {"value", plain_number(row.value)},
                           {"reason", reason}});
    }
    json["waiting_count"] = carried.waiting.size();
}

void add_check(Json& json, IndicatorQuestion const& question,
               domain::CarriedValues const& carried) {
    Json differing = Json::array();
    for (auto const& check : carried.checks)
        differing.push_back({{"code", question.ground.lists->units(check.list)[check.unit].code()},
                             {"stated", plain_number(check.stated)},
                             {"of_parts", plain_number(check.of_parts)}});
    json["check"] = {{"units", carried.checked}, {"differing", std::move(differing)}};
}

http::Response answer_values(Backing const& backing, http::Context const& context,
                             domain::UnitListCache& cache, std::string const& code) {
    auto const form = read_indicator_form(context);
    auto const question = read_indicator_question(backing, context, cache, code);
    auto const period = read_period(context, question);
    auto const carried = question.carried(context, period);
    if (form == IndicatorForm::csv) return answer_csv(context, question, period, carried);
    if (form == IndicatorForm::json_stat)
        return answer_json_stat(context, question, period, carried);
    auto json = describe_question(question, context.language);
    json["period"] = period.empty() ? Json{} : Json(period);
    json["reported_for"] = domain::to_string(carried.from);
    std::vector<double> shown;
    auto& values = json["values"] = Json::array();
    for (auto const& value : carried.values) {
        values.push_back(describe_value(context, question, value));
        if (value.value) shown.push_back(*value.value);
    }
    json["classes"] = classify(context, shown);
    add_totals(json, carried);
    add_waiting(json, carried);
    add_check(json, question, carried);
    return represent(context, {"application/json", dump(json)});
}

} // namespace

void add_indicators(http::Router& router, Backing const& backing,
                    std::shared_ptr<domain::UnitListCache> const& lists) {
    router.get(access::Need::read, "/indicators", {"sector", "f"},
               [&backing, lists](http::Context const& context) {
                   return answer_list(backing, context, *lists);
               });
    router.get(access::Need::read, "/indicators/{indicatorId}", {"f"},
               [&backing, lists](http::Context const& context, std::string const& code) {
                   return answer_one(backing, context, *lists, code);
               });
    router.get(
        access::Need::read, "/indicators/{indicatorId}/values",
        {"period", "on", "level", "transfer", "province", "breaks", "classes", "bounds", "f"},
        [&backing, lists](http::Context const& context, std::string const& code) {
            return answer_values(backing, context, *lists, code);
        });
    add_indicator_series(router, backing, lists);
}

} // namespace diaban::services::api
