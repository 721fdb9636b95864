#include "services/domain/indicator_rows.hpp"

#include "services/domain/column_values.hpp"
#include "services/domain/field_numbers.hpp"
#include "tiles/mirror/visibility.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <span>

namespace diaban::services::domain {

namespace {

using Values = ColumnValues;

std::int64_t whole(std::optional<double> number) {
    return number ? std::int64_t(*number) : 0;
}

std::optional<int> digits(std::string_view text) {
    int value = 0;
    auto const [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc{} || end != text.data() + text.size() || text.empty() || text[0] == '-')
        return std::nullopt;
    return value;
}

geo::Date date_of(std::chrono::sys_days day) {
    return {std::int32_t(day.time_since_epoch().count())};
}

/// How many days after the end of a period the next one ends.
std::int32_t days_a_period(std::string_view cadence) {
    if (cadence == "year") return 366;
    if (cadence == "quarter") return 92;
    if (cadence == "month") return 31;
    return cadence == "week" ? 7 : 1;
}

/// First day of a period and of the next one.
std::optional<std::pair<geo::Date, geo::Date>> days_of(std::string_view period) {
    using namespace std::chrono;
    auto const y = period.size() >= 4 ? digits(period.substr(0, 4)) : std::nullopt;
    if (!y || *y < 1900 || *y > 2200) return std::nullopt;
    auto const begin_of = [](year_month month) { return sys_days{month / day{1}}; };
    auto const january = year{*y} / month{1};
    auto const span = [&](sys_days from, sys_days to) {
        return std::pair{date_of(from), date_of(to)};
    };
    if (period.size() == 4) return span(begin_of(january), begin_of(january + years{1}));
    auto const rest = period.substr(5);
    if (period[4] != '-') return std::nullopt;
    if (rest.size() == 2 && rest[0] == 'Q' && rest[1] >= '1' && rest[1] <= '4') {
        auto const first = january + months{3 * (rest[1] - '1')};
        return span(begin_of(first), begin_of(first + months{3}));
    }
    if (rest.size() == 3 && rest[0] == 'W') {
        auto const week = digits(rest.substr(1));
        if (!week || *week < 1 || *week > 53) return std::nullopt;
        // ISO 8601: week 1 holds the fourth of January; weeks begin on Monday.
        auto const fourth = sys_days{january / day{4}};
        auto const monday = fourth - (weekday{fourth} - Monday) + weeks{*week - 1};
        return span(monday, monday + weeks{1});
    }
    auto const m = digits(rest.substr(0, 2));
    if (!m || *m < 1 || *m > 12) return std::nullopt;
    auto const first = year{*y} / month{unsigned(*m)};
    if (rest.size() == 2) return span(begin_of(first), begin_of(first + months{1}));
    auto const d = rest.size() == 5 && rest[2] == '-' ? digits(rest.substr(3)) : std::nullopt;
    auto const date = first / day{unsigned(d.value_or(0))};
    if (!d || !date.ok()) return std::nullopt;
    return span(sys_days{date}, sys_days{date} + days{1});
}

/// What a run says of values, row by row.
struct ReportedRows {
    ReportedRows(tiles::mirror::LiveRun const& live, geo::Policy const& policy)
        : fids{live.run->fids}, sees{live, policy}, code{live, "code", policy}, place{live,
                                                                                      "place_code",
                                                                                      policy},
          period{live, "period", policy}, value{live, "value", policy}, name{live, "place_name",
                                                                             policy},
          within{live, "within", policy}, on{live, "place_on", policy}, target{live, "target",
                                                                               policy} {}

    explicit operator bool() const { return code && place && period && value; }

    /// Adds a row that has a value and is seen.
    void add(std::uint32_t row, std::vector<IndicatorRow>& found) const {
        if (!sees(row)) return;
        auto const number = value.number(row);
        if (!number) return;
        IndicatorRow made{fids[row],        code.held(row),   place.held(row),
                          name.held(row),   within.held(row), {},
                          period.held(row), *number,          target.number(row)};
        auto const day = on.at(row);
        if (auto const* const date = std::get_if<geo::Date>(&day))
            made.place_on = *date;
        else
            made.place_on = first_day(made.period).value_or(geo::Date{});
        found.push_back(made);
    }

    std::span<std::int64_t const> fids;
    tiles::mirror::Visibility sees;
    Values code;
    Values place;
    Values period;
    Values value;
    Values name;
    Values within;
    Values on;
    Values target;
};

} // namespace

std::string_view alert_of(Indicator const& indicator, double value) noexcept {
    if (!indicator.warn_at && !indicator.alarm_at) return {};
    auto const passed = [&](std::optional<double> const& bound) {
        return bound && (indicator.direction == "up" ? value <= *bound : value >= *bound);
    };
    if (passed(indicator.alarm_at)) return "alarm";
    return passed(indicator.warn_at) ? "warning" : "good";
}

std::optional<geo::Date> first_day(std::string_view period) {
    auto const days = days_of(period);
    return days ? std::optional{days->first} : std::nullopt;
}

std::optional<geo::Date> day_after(std::string_view period) {
    auto const days = days_of(period);
    return days ? std::optional{days->second} : std::nullopt;
}

std::vector<Indicator> read_catalogue(View const& catalogue, geo::Policy const& policy) {
    std::vector<Indicator> found;
    for (auto const& live : catalogue.layer->runs()) {
        tiles::mirror::Visibility const sees{live, policy};
        std::array<std::pair<std::string_view, std::string Indicator::*>, 11> const texts{{
            {"code", &Indicator::code},
            {"sector", &Indicator::sector},
            {"title", &Indicator::title},
            {"title_en", &Indicator::title_en},
            {"unit", &Indicator::unit},
            {"direction", &Indicator::direction},
            {"cadence", &Indicator::cadence},
            {"aggregation", &Indicator::aggregation},
            {"weight", &Indicator::weight},
            {"source", &Indicator::source},
            {"owner", &Indicator::owner},
        }};
        Values const decimals{live, "decimals", policy};
        Values const due{live, "due_days", policy};
        std::array<std::pair<std::string_view, std::optional<double> Indicator::*>, 4> const bounds{
            {{"least", &Indicator::least},
             {"most", &Indicator::most},
             {"warn_at", &Indicator::warn_at},
             {"alarm_at", &Indicator::alarm_at}}};
        auto const first = found.size();
        std::vector<std::uint32_t> rows;
        for (std::uint32_t row = 0; row < live.run->size(); ++row) {
            if (!sees(row)) continue;
            rows.push_back(row);
            auto& indicator = found.emplace_back();
            indicator.fid = live.run->fids[row];
            indicator.decimals = whole(decimals.number(row));
            indicator.due_days = whole(due.number(row));
        }
        for (auto const& [name, member] : texts) {
            Values const values{live, name, policy};
            for (std::size_t i = 0; i < rows.size(); ++i)
                found[first + i].*member = values.text(rows[i]);
        }
        for (auto const& [name, member] : bounds) {
            Values const values{live, name, policy};
            for (std::size_t i = 0; i < rows.size(); ++i)
                found[first + i].*member = values.number(rows[i]);
        }
    }
    std::erase_if(found, [](Indicator const& indicator) { return indicator.code.empty(); });
    std::ranges::sort(found, {}, &Indicator::code);
    return found;
}

std::optional<Indicator> find_indicator(View const& catalogue, std::string_view code,
                                        geo::Policy const& policy) {
    for (auto& indicator : read_catalogue(catalogue, policy))
        if (indicator.code == code) return std::move(indicator);
    return std::nullopt;
}

std::vector<IndicatorRow> read_rows(View const& indicators, IndicatorChoice const& choice,
                                    geo::Policy const& policy) {
    std::vector<IndicatorRow> found;
    for (auto const& live : indicators.layer->runs()) {
        ReportedRows const reported{live, policy};
        if (!reported) continue;
        auto const codes = reported.code.matching(
            choice.code.empty(), [&](std::string_view text) { return text == choice.code; });
        auto const periods = reported.period.matching(
            choice.period.empty(), [&](std::string_view text) { return text == choice.period; });
        auto const places =
            reported.place.matching(choice.places.empty(), [&](std::string_view text) {
                return std::ranges::find(choice.places, text) != choice.places.end();
            });
        for (std::uint32_t row = 0; row < live.run->size(); ++row)
            if (codes[reported.code.code(row)] && periods[reported.period.code(row)] &&
                places[reported.place.code(row)])
                reported.add(row, found);
    }
    return found;
}

std::map<IndicatorPeriod, std::vector<IndicatorRow>>
read_rows_of(View const& indicators, std::set<IndicatorPeriod> const& wanted,
             geo::Policy const& policy) {
    std::map<IndicatorPeriod, std::vector<IndicatorRow>> found;
    for (auto const& live : indicators.layer->runs()) {
        ReportedRows const reported{live, policy};
        if (!reported) continue;
        auto const periods = std::max<std::size_t>(reported.period.size(), 1);
        std::vector<std::vector<IndicatorRow>*> lists(
            std::max<std::size_t>(reported.code.size(), 1) * periods);
        for (std::size_t at = 0; at < lists.size(); ++at) {
            auto const code = reported.code.of_code(at / periods);
            auto const period = reported.period.of_code(at % periods);
            auto const* const name = std::get_if<std::string_view>(&code);
            auto const* const when = std::get_if<std::string_view>(&period);
            if (name == nullptr || when == nullptr) continue;
            IndicatorPeriod const one{*name, *when};
            if (wanted.contains(one)) lists[at] = &found[one];
        }
        for (std::uint32_t row = 0; row < live.run->size(); ++row)
            if (auto* const list =
                    lists[reported.code.code(row) * periods + reported.period.code(row)])
                reported.add(row, *list);
    }
    return found;
}

std::map<std::string, std::set<std::string>> read_periods(View const& indicators,
                                                          geo::Policy const& policy) {
    std::map<std::string, std::set<std::string>> found;
    for (auto const& live : indicators.layer->runs()) {
        tiles::mirror::Visibility const sees{live, policy};
        Values const code{live, "code", policy};
        Values const period{live, "period", policy};
        if (!code || !period) continue;
        auto const periods = std::max<std::size_t>(period.size(), 1);
        std::vector<bool> seen(std::max<std::size_t>(code.size(), 1) * periods);
        for (std::uint32_t row = 0; row < live.run->size(); ++row)
            if (sees(row)) seen[code.code(row) * periods + period.code(row)] = true;
        for (std::size_t at = 0; at < seen.size(); ++at) {
            if (!seen[at]) continue;
            auto const c = code.of_code(at / periods);
            auto const p = period.of_code(at % periods);
            auto const* const name = std::get_if<std::string_view>(&c);
            auto const* const text = std::get_if<std::string_view>(&p);
            if (name != nullptr && text != nullptr) found[std::string{*name}].emplace(*text);
        }
    }
    return found;
}

Delivery delivery_of(Indicator const& indicator, std::set<std::string> const& periods,
                     geo::Date today) {
    Delivery delivery{"missing", periods.empty() ? std::string{} : *periods.rbegin(), {}};
    auto const after = periods.empty() ? std::nullopt : day_after(delivery.last);
    if (!after) return delivery;
    delivery.due = geo::Date{
        std::int32_t(after->days + days_a_period(indicator.cadence) - 1 + indicator.due_days)};
    delivery.state = *delivery.due < today ? "late" : "current";
    return delivery;
}

} // namespace diaban::services::domain
