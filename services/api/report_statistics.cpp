#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "services/api/json.hpp"
#include "services/api/open311.hpp"
#include "services/api/parameters.hpp"
#include "services/api/question.hpp"
#include "services/api/report_row.hpp"
#include "services/api/work_edit.hpp"
#include "services/domain/masking.hpp"
#include "services/domain/report_numbers.hpp"
#include "services/domain/time_fields.hpp"
#include "services/domain/units.hpp"
#include "services/http/representation.hpp"

#include <algorithm>
#include <map>
#include <memory>

namespace diaban::services::api {

namespace {

using domain::ReportNumbers;
using domain::Tallies;
using domain::Tally;

/// A number that is not to be told where it, or what is left beside it, is small.
Json told(std::uint64_t number, std::uint64_t whole, bool masks) {
    auto const small = [](std::uint64_t n) { return n > 0 && n < domain::least_group; };
    if (masks && (small(number) || small(whole - number))) return nullptr;
    return number;
}

/// Where small groups are masked a part tells how many it has and no more: numbers within parts
/// would tell of parts that are masked.
Json describe(ReportNumbers const& numbers, bool masks, bool part, Tally const& tally) {
    if (tally.masked) return {{"count", nullptr}};
    Json json{{"count", numbers.count()}};
    if (masks && part) return json;
    json["open"] = told(numbers.open, numbers.count(), masks);
    json["overdue"] = told(numbers.overdue, numbers.open, masks);
    json["closed"] = told(numbers.closed, numbers.count(), masks);
    json["closed_late"] = told(numbers.closed_late, numbers.closed, masks);
    auto const median = numbers.median_days();
    bool const few = masks && numbers.took.size() < domain::least_group;
    json["median_days"] = median && !few ? Json(*median) : Json();
    return json;
}

class Statistics {
public:
    Statistics(domain::View const& view, http::Context const& context, domain::ReportTable table,
               bool masks)
        : m_view{view}, m_context{context}, m_table{std::move(table)}, m_masks{masks} {}

    Json whole() const {
        Tally all{.count = m_table.all.count()};
        if (m_masks) domain::mask_small(all);
        return describe(m_table.all, m_masks, false, all);
    }

    Json by_code(std::string_view field,
                 std::map<std::string, ReportNumbers> const& division) const {
        auto counts = domain::counts_of(m_table, division);
        if (m_masks) domain::mask_small(counts);
        auto const& codes = report_field(m_view, field).codes;
        Json list = Json::array();
        std::uint32_t part = 0;
        for (auto const& [code, numbers] : division) {
            auto const known = std::ranges::find(codes, code, &geo::CodeEntry::code);
            Json one{{"code", text_json(code)},
                     {"name", known == codes.end()
                                  ? text_json(code)
                                  : Json(localised(known->title, m_context.language))}};
            one.update(describe(numbers, m_masks, true, counts.parts.at(part++)));
            list.push_back(std::move(one));
        }
        return list;
    }

    Json by_area(domain::Units const& units) const {
        auto counts = domain::counts_of_areas(m_table);
        if (m_masks) domain::mask_small(counts);
        std::vector<std::pair<data::model::Place const*, std::uint32_t>> ordered;
        for (auto const& [part, numbers] : m_table.areas)
            ordered.emplace_back(units.places[part], part);
        std::ranges::sort(ordered, {}, [](auto const& one) {
            return std::pair{std::string_view{one.first->code}, one.first->fid};
        });
        Json list = Json::array();
        for (auto const& [place, part] : ordered) {
            Json one{{"code", place->code}, {"name", place->full_name}, {"fid", place->fid}};
            one.update(describe(m_table.areas.at(part), m_masks, true, counts.parts.at(part)));
            list.push_back(std::move(one));
        }
        return {{"units", std::move(list)},
                {"elsewhere", describe(m_table.elsewhere, m_masks, true, counts.nowhere)},
                {"unlocated", describe(m_table.unlocated, m_masks, true, counts.unlocated)}};
    }

    [[nodiscard]] domain::ReportTable const& table() const { return m_table; }

private:
    domain::View const& m_view;
    http::Context const& m_context;
    domain::ReportTable m_table;
    bool m_masks;
};

http::Response answer(Backing const& backing, domain::UnitAreas& kept,
                      http::Context const& context) {
    check_json_form(context);
    auto const question = read_question(backing, context, reports_collection);
    auto const& view = *question.view;
    auto const level = context.query.find("level").value_or("commune");
    if (level != "commune" && level != "district" && level != "province")
        refuse_parameter("level", level, "commune, district, province");
    auto const on = read_day(context.query, "on").value_or(domain::local_today());
    // Who sees no units is told the same numbers, all of them elsewhere.
    auto const seen = context.sees("places") ? context.policy("places") : geo::Policy{};
    auto const units = kept.of(backing.atlas.view("places"), level, on, seen);
    auto const counting = counting_of(question, context);
    auto const chosen = domain::choose_rows(view, backing.store, question.choice, counting.policy);
    Statistics const statistics{
        view, context, domain::report_numbers(chosen, counting.policy, *units->areas, now()),
        counting.masks};
    auto areas = statistics.by_area(*units);
    areas["level"] = level;
    areas["on"] = geo::codec::date_text(on);
    Json const body{{"least_group", counting.masks ? Json(domain::least_group) : Json()},
                    {"all", statistics.whole()},
                    {"services", statistics.by_code("category", statistics.table().services)},
                    {"states", statistics.by_code("status", statistics.table().states)},
                    {"areas", std::move(areas)}};
    return represent(context, {"application/json", dump(body)});
}

} // namespace

void add_report_statistics(http::Router& router, Backing const& backing) {
    auto const kept = std::make_shared<domain::UnitAreas>();
    router.get(
        access::Need::read, "/reports/statistics", question_parameters({"level", "on"}),
        [&backing, kept](http::Context const& context) { return answer(backing, *kept, context); });
}

} // namespace diaban::services::api
