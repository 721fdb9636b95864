#include "services/api/indicator_question.hpp"

#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "services/api/parameters.hpp"
#include "services/domain/time_fields.hpp"

#include <algorithm>
#include <cmath>

namespace diaban::services::api {

namespace {

constexpr std::string_view census = "census_population";

std::string joined(std::vector<std::string> const& words) {
    std::string text;
    for (auto const& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

std::vector<domain::IndicatorRow> last_before(std::vector<domain::IndicatorRow> rows,
                                              std::string_view period) {
    std::string_view last;
    for (auto const& row : rows)
        if (row.period <= period && row.period > last) last = row.period;
    std::erase_if(rows, [&](domain::IndicatorRow const& row) { return row.period != last; });
    return rows;
}

/// From when on a value is a warning or an alarm, and how that is coloured.
Json thresholds(domain::Indicator const& indicator) {
    Json list = Json::array();
    if (indicator.warn_at)
        list.push_back({{"state", "warning"}, {"at", *indicator.warn_at}, {"colour", "#E0A100"}});
    if (indicator.alarm_at)
        list.push_back({{"state", "alarm"}, {"at", *indicator.alarm_at}, {"colour", "#C62828"}});
    return list;
}

} // namespace

IndicatorGround stand(Backing const& backing, http::Context const& context,
                      domain::UnitListCache& cache) {
    for (auto const* const id : {"indicators", "indicator_catalogue", "places"})
        (void)context.policy(id);
    IndicatorGround ground;
    ground.catalogue = backing.atlas.view("indicator_catalogue");
    ground.values = backing.atlas.view("indicators");
    auto const places = backing.atlas.view("places");
    if (!places->places)
        throw geo::Error{geo::Code::unavailable, "not-ready", {{"collection", "places"}}};
    ground.lists = cache.of(places->places);
    return ground;
}

domain::CarriedValues IndicatorQuestion::carried(http::Context const& context,
                                                 std::string_view period) const {
    auto const& policy = context.policy("indicators");
    auto const rows = domain::read_rows(*ground.values, {indicator.code, period, {}}, policy);
    auto const people = domain::read_rows(*ground.values, {census, {}, {}}, policy);
    std::vector<domain::IndicatorRow> weights;
    if (!indicator.weight.empty())
        weights = last_before(domain::read_rows(*ground.values, {indicator.weight, {}, {}}, policy),
                              period);
    domain::ReceivingWeights const receiving{*ground.lists, people, request};
    return domain::carry_values(*ground.lists, indicator, rows, weights, receiving, request);
}

std::map<std::string, domain::CarriedValues>
IndicatorQuestion::carried_all(http::Context const& context) const {
    auto const& policy = context.policy("indicators");
    std::map<std::string, std::vector<domain::IndicatorRow>> rows;
    for (auto const& row : domain::read_rows(*ground.values, {indicator.code, {}, {}}, policy))
        rows[std::string{row.period}].push_back(row);
    auto const people = domain::read_rows(*ground.values, {census, {}, {}}, policy);
    std::vector<domain::IndicatorRow> weights;
    if (!indicator.weight.empty())
        weights = domain::read_rows(*ground.values, {indicator.weight, {}, {}}, policy);
    domain::ReceivingWeights const receiving{*ground.lists, people, request};
    std::map<std::string, domain::CarriedValues> all;
    for (auto const& [period, theirs] : rows)
        all.emplace(period, domain::carry_values(*ground.lists, indicator, theirs,
                                                 last_before(weights, period), receiving, request));
    return all;
}

IndicatorQuestion read_indicator_question(Backing const& backing, http::Context const& context,
                                          domain::UnitListCache& cache, std::string const& code) {
    IndicatorQuestion question;
    question.ground = stand(backing, context, cache);
    auto found = domain::find_indicator(*question.ground.catalogue, code,
                                        context.policy("indicator_catalogue"));
    if (!found)
        throw geo::Error{
            geo::Code::not_found, "unknown-indicator", {{"value", code.substr(0, 64)}}};
    question.indicator = std::move(*found);
    auto periods = domain::read_periods(*question.ground.values, context.policy("indicators"));
    auto& own = periods[code];
    question.periods.assign(own.begin(), own.end());
    auto const& query = context.query;
    question.on = read_day(query, "on").value_or(domain::local_today());
    question.request.vintage = question.ground.lists->vintage_of(question.on);
    if (auto const level = query.find("level")) {
        auto const known = domain::unit_level(*level);
        if (!known) refuse_parameter("level", *level, "province, district, commune");
        question.request.level = *known;
    }
    if (auto const transfer = query.find("transfer")) {
        auto const known = domain::transfer_named(*transfer);
        if (!known) refuse_parameter("transfer", *transfer, "exact, area, population");
        question.request.transfer = *known;
    }
    if (auto const within = query.find("province")) {
        auto const unit = question.ground.lists->find(question.request.vintage, *within);
        if (!unit || question.unit(*unit).level != domain::UnitLevel::province)
            refuse_parameter("province", *within, "the code of a province on that day");
        question.request.within = *within;
    }
    return question;
}

std::string read_period(http::Context const& context, IndicatorQuestion const& question) {
    auto const period = context.query.find("period");
    if (!period) return question.periods.empty() ? std::string{} : question.periods.back();
    if (std::ranges::find(question.periods, *period) == question.periods.end())
        refuse_parameter("period", *period, joined(question.periods));
    return std::string{*period};
}

Json describe_indicator(domain::Indicator const& indicator, http::Language language) {
    bool const english = language == http::Language::en && !indicator.title_en.empty();
    return {{"code", indicator.code},
            {"title", english ? indicator.title_en : indicator.title},
            {"titles", {{"vi", indicator.title}, {"en", indicator.title_en}}},
            {"sector", indicator.sector},
            {"unit", indicator.unit},
            {"direction", indicator.direction},
            {"cadence", indicator.cadence},
            {"aggregation", indicator.aggregation},
            {"weight", indicator.weight.empty() ? Json{} : Json(indicator.weight)},
            {"decimals", indicator.decimals},
            {"due_days", indicator.due_days},
            {"source", indicator.source},
            {"owner", indicator.owner},
            {"thresholds", thresholds(indicator)}};
}

std::string_view name_of(http::Context const& context, domain::ListedUnit const& unit) {
    return context.policy("places").sees(unit.entry->scope, unit.entry->sensitivity)
               ? std::string_view{unit.place().full_name}
               : std::string_view{};
}

Json describe_question(IndicatorQuestion const& question, http::Language language) {
    auto const& effective = question.ground.lists->effective();
    auto const& request = question.request;
    return {{"indicator", describe_indicator(question.indicator, language)},
            {"on", geo::codec::date_text(question.on)},
            {"vintage", request.vintage == domain::Vintage::former ? "former" : "present"},
            {"list_since", request.vintage == domain::Vintage::present && effective
                               ? Json(geo::codec::date_text(*effective))
                               : Json{}},
            {"level", domain::to_string(request.level)},
            {"transfer", domain::to_string(request.transfer)},
            {"within", request.within.empty() ? Json{} : Json(request.within)}};
}

Json plain_number(double value) {
    constexpr double exact = 9007199254740992; // 2^53
    if (std::abs(value) < exact && value == std::trunc(value)) return std::int64_t(value);
    return value;
}

Json plain_number(std::optional<double> const& value) {
    return value ? plain_number(*value) : Json{};
}

Json describe_value(http::Context const& context, IndicatorQuestion const& question,
                    domain::UnitValue const& value) {
    auto const& unit = question.unit(value.unit);
    Json json{{"code", unit.code()},
              {"name", name_of(context, unit)},
              {"value", plain_number(value.value)},
              {"low", plain_number(value.low)},
              {"high", plain_number(value.high)},
              {"standing", domain::to_string(value.standing)},
              {"parts", value.parts}};
    if (value.target) json["target"] = plain_number(value.target);
    if (value.fid != 0) json["fid"] = value.fid;
    if (value.value)
        if (auto const state = domain::alert_of(question.indicator, *value.value); !state.empty())
            json["alert"] = state;
    return json;
}

} // namespace diaban::services::api
