#include "services/api/indicator_forms.hpp"

#include "services/api/html.hpp"
#include "services/api/parameters.hpp"
#include "services/http/representation.hpp"

#include <fmt/format.h>

namespace diaban::services::api {

namespace {

std::string cell(std::string_view text) {
    std::string made;
    if (!text.empty() && std::string_view{"=+-@\t\r"}.find(text.front()) != std::string_view::npos)
        made += '\'';
    made += text;
    if (made.find_first_of(",\"\n\r") == std::string::npos) return made;
    std::string quoted{'"'};
    for (char const c : made) quoted += c == '"' ? std::string{"\"\""} : std::string{c};
    return quoted + '"';
}

std::string number(std::optional<double> const& value) {
    return value ? fmt::format("{}", *value) : std::string{};
}

} // namespace

IndicatorForm read_indicator_form(http::Context const& context) {
    auto const form = context.query.find("f");
    if (!form || *form == "json") return IndicatorForm::json;
    if (*form == "csv") return IndicatorForm::csv;
    if (*form == "jsonstat") return IndicatorForm::json_stat;
    refuse_parameter("f", *form, "json, csv, jsonstat");
}

http::Response answer_csv(http::Context const& context, IndicatorQuestion const& question,
                          std::string const& period, domain::CarriedValues const& carried) {
    std::string body = "indicator,period,code,name,value,low,high,standing,target,unit\r\n";
    for (auto const& value : carried.values) {
        auto const& unit = question.unit(value.unit);
        body += fmt::format("{},{},{},{},{},{},{},{},{},{}\r\n", cell(question.indicator.code),
                            cell(period), cell(unit.code()), cell(name_of(context, unit)),
                            number(value.value), value.low, value.high,
                            domain::to_string(value.standing), number(value.target),
                            cell(question.indicator.unit));
    }
    return represent(context, {"text/csv; charset=utf-8", std::move(body)});
}

http::Response answer_json_stat(http::Context const& context, IndicatorQuestion const& question,
                                std::string const& period, domain::CarriedValues const& carried) {
    auto const& indicator = question.indicator;
    Json codes = Json::array();
    Json labels = Json::object();
    Json values = Json::array();
    Json status = Json::array();
    for (auto const& value : carried.values) {
        auto const& unit = question.unit(value.unit);
        codes.push_back(unit.code());
        labels[unit.code()] = name_of(context, unit);
        values.push_back(plain_number(value.value));
        status.push_back(domain::to_string(value.standing));
    }
    auto const title = describe_indicator(indicator, context.language)["title"];
    Json const described{{"label", indicator.unit}, {"decimals", indicator.decimals}};
    Json body{{"version", "2.0"},
              {"class", "dataset"},
              {"label", title},
              {"source", indicator.source},
              {"id", Json::array({"indicator", "period", "unit"})},
              {"size", Json::array({1, 1, codes.size()})},
              {"role",
               {{"metric", Json::array({"indicator"})},
                {"time", Json::array({"period"})},
                {"geo", Json::array({"unit"})}}},
              {"dimension",
               {{"indicator",
                 {{"label", word(context.language, "Chỉ tiêu", "Indicator")},
                  {"category",
                   {{"index", Json::array({indicator.code})},
                    {"label", {{indicator.code, title}}},
                    {"unit", {{indicator.code, described}}}}}}},
                {"period",
                 {{"label", word(context.language, "Kỳ", "Period")},
                  {"category", {{"index", Json::array({period})}}}}},
                {"unit",
                 {{"label", word(context.language, "Đơn vị", "Unit")},
                  {"category", {{"index", std::move(codes)}, {"label", std::move(labels)}}}}}}},
              {"value", std::move(values)},
              {"status", std::move(status)}};
    return represent(context, {"application/json", dump(body)});
}

} // namespace diaban::services::api
