#include "geo/error.hpp"
#include "geo/statistics/forecast.hpp"
#include "services/api/indicator_question.hpp"
#include "services/api/indicators.hpp"
#include "services/api/parameters.hpp"
#include "services/http/representation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace diaban::services::api {

namespace {

namespace statistics = geo::statistics;

constexpr std::size_t usual_ahead = 3;
constexpr double usual_confidence = 0.8;
constexpr std::size_t fewest_for_coverage = 30; ///< forecasts held against what came
constexpr std::size_t most_for_coverage = 16;   ///< units whose forecasts are, evenly taken

/// The period a number of years before: 2019-07 for 2020-07.
std::string years_before(std::string_view period, int years) {
    int year = 0;
    std::from_chars(period.data(), period.data() + std::min<std::size_t>(4, period.size()), year);
    return fmt::format("{:04}{}", year - years,
                       period.substr(std::min<std::size_t>(4, period.size())));
}

domain::UnitValue const* find_value(domain::CarriedValues const& carried, std::uint32_t unit) {
    auto const at = std::ranges::lower_bound(carried.values, unit, {}, &domain::UnitValue::unit);
    return at != carried.values.end() && at->unit == unit ? &*at : nullptr;
}

Json compared(double value, std::optional<double> const& with) {
    if (!with) return nullptr;
    Json json{{"value", plain_number(*with)}, {"difference", plain_number(value - *with)}};
    json["ratio"] = *with == 0 ? Json{} : Json(value / *with);
    return json;
}

http::Response answer_ranking(Backing const& backing, http::Context const& context,
                              domain::UnitListCache& cache, std::string const& code) {
    check_json_form(context);
    auto const question = read_indicator_question(backing, context, cache, code);
    auto const period = read_period(context, question);
    auto carried = question.carried(context, period);
    auto const year_before = years_before(period, 1);
    auto const before = question.carried(context, year_before);
    bool const least_first = question.indicator.direction == "down";
    std::vector<domain::UnitValue> ranked;
    for (auto const& value : carried.values)
        if (value.value) ranked.push_back(value);
    std::ranges::stable_sort(ranked, [&](domain::UnitValue const& a, domain::UnitValue const& b) {
        return least_first ? a.value.value() < b.value.value() : b.value.value() < a.value.value();
    });
    auto json = describe_question(question, context.language);
    json["period"] = period;
    json["same_period"] = year_before;
    auto& list = json["ranking"] = Json::array();
    std::size_t rank = 0;
    for (std::size_t i = 0; i < ranked.size(); ++i) {
        if (i == 0 || *ranked[i].value != *ranked[i - 1].value) rank = i + 1;
        auto& one = list.emplace_back(Json{{"rank", rank}});
        one.update(describe_value(context, question, ranked[i]));
        one["plan"] = compared(*ranked[i].value, ranked[i].target);
        auto const* const then = find_value(before, ranked[i].unit);
        one["same_period"] =
            compared(*ranked[i].value, then == nullptr ? std::nullopt : then->value);
    }
    json["unranked"] = carried.values.size() - ranked.size();
    return represent(context, {"application/json", dump(json)});
}

std::uint32_t read_place(http::Context const& context, IndicatorQuestion const& question) {
    auto const code = context.query.find("place");
    auto const unit =
        code ? question.ground.lists->find(question.request.vintage, *code) : std::nullopt;
    if (!unit) refuse_parameter("place", code.value_or(""), "the code of a unit on that day");
    return *unit;
}

std::size_t read_ahead(http::Query const& query) {
    auto const text = query.find("ahead");
    if (!text) return usual_ahead;
    auto const number = finite_number(*text);
    if (!number || *number != std::trunc(*number) || *number < 0 ||
        *number > double(statistics::most_ahead))
        refuse_parameter("ahead", *text, "0..24");
    return std::size_t(*number);
}

double read_confidence(http::Query const& query) {
    auto const text = query.find("confidence");
    if (!text) return usual_confidence;
    auto const number = finite_number(*text);
    if (!number || *number < 0.5 || *number > 0.99)
        refuse_parameter("confidence", *text, "0.5..0.99");
    return *number;
}

/// Values of one unit without a gap, up to the last period.
std::vector<double> last_run(std::map<std::string, domain::CarriedValues> const& all,
                             std::uint32_t unit) {
    std::vector<double> run;
    std::string wanted;
    for (auto at = all.rbegin(); at != all.rend(); ++at) {
        auto const* const value = find_value(at->second, unit);
        bool const yearly = at->first.size() == 4;
        if (value == nullptr || !value->value || (yearly && !wanted.empty() && at->first != wanted))
            break;
        run.push_back(*value->value);
        if (yearly) wanted = years_before(at->first, 1);
    }
    std::ranges::reverse(run);
    return run;
}

/// How often intervals of this confidence held what came, over units of the same question.
Json coverage_of(std::map<std::string, domain::CarriedValues> const& all, std::size_t units,
                 std::size_t ahead, double confidence) {
    statistics::Coverage sum;
    std::vector<std::vector<double>> runs;
    for (std::uint32_t unit = 0; unit < units; ++unit)
        if (auto run = last_run(all, unit); run.size() > statistics::fewest_for_forecast)
            runs.push_back(std::move(run));
    auto const stride = runs.size() / most_for_coverage + 1;
    for (std::size_t i = 0; i < runs.size(); i += stride) {
        auto const one = statistics::measured_coverage(runs[i], ahead, confidence);
        sum.within += one.within;
        sum.made += one.made;
    }
    if (sum.made < fewest_for_coverage) return nullptr;
    return {{"forecasts", sum.made},
            {"within", sum.within},
            {"share", double(sum.within) / double(sum.made)}};
}

void add_forecast(Json& json, http::Context const& context, IndicatorQuestion const& question,
                  std::map<std::string, domain::CarriedValues> const& all, std::uint32_t unit) {
    auto const ahead = read_ahead(context.query);
    auto const confidence = read_confidence(context.query);
    auto const run = last_run(all, unit);
    json["forecast"] = nullptr;
    if (ahead == 0 || run.size() < statistics::fewest_for_forecast ||
        question.indicator.cadence != "year")
        return;
    Json steps = Json::array();
    auto const made = statistics::forecast(run, ahead, confidence);
    for (std::size_t h = 0; h < made.size(); ++h)
        steps.push_back({{"period", years_before(all.rbegin()->first, -int(h) - 1)},
                         {"value", made[h].value},
                         {"low", made[h].low},
                         {"high", made[h].high}});
    json["forecast"] = {
        {"method", "Theta, quantiles of past errors"},
        {"confidence", confidence},
        {"of_values", run.size()},
        {"steps", std::move(steps)},
        {"coverage", coverage_of(all, question.ground.lists->units(question.request.vintage).size(),
                                 ahead, confidence)}};
}

http::Response answer_trend(Backing const& backing, http::Context const& context,
                            domain::UnitListCache& cache, std::string const& code) {
    check_json_form(context);
    auto question = read_indicator_question(backing, context, cache, code);
    auto const unit = read_place(context, question);
    question.request.level = question.unit(unit).level;
    auto const all = question.carried_all(context);
    auto json = describe_question(question, context.language);
    json["place"] = {{"code", question.unit(unit).code()},
                     {"name", name_of(context, question.unit(unit))}};
    auto& series = json["series"] = Json::array();
    for (auto const& [period, carried] : all) {
        auto const* const value = find_value(carried, unit);
        if (value == nullptr) continue;
        auto& one = series.emplace_back(Json{{"period", period}});
        auto described = describe_value(context, question, *value);
        described.erase("code");
        described.erase("name");
        one.update(described);
    }
    add_forecast(json, context, question, all, unit);
    return represent(context, {"application/json", dump(json)});
}

} // namespace

void add_indicator_series(http::Router& router, Backing const& backing,
                          std::shared_ptr<domain::UnitListCache> const& lists) {
    router.get(access::Need::read, "/indicators/{indicatorId}/ranking",
               {"period", "on", "level", "transfer", "province", "f"},
               [&backing, lists](http::Context const& context, std::string const& code) {
                   return answer_ranking(backing, context, *lists, code);
               });
    router.get(access::Need::read, "/indicators/{indicatorId}/trend",
               {"place", "on", "transfer", "ahead", "confidence", "f"},
               [&backing, lists](http::Context const& context, std::string const& code) {
                   return answer_trend(backing, context, *lists, code);
               });
}

} // namespace diaban::services::api
